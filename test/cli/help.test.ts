import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flagOf, OPTIONS, optionNames } from '../../src/options.ts';
import { runCommand } from '../e2e/service.ts';

describe.each(['serve', 'demo'])('clawgauge %s --help', (command) => {
  it('lists every option with what it means, and ends with 0', async () => {
    const { code, stdout, stderr } = await runCommand([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const text = stdout.replace(/\s+/g, ' ');
    for (const name of optionNames) {
      const flag = flagOf(name);
      if (flag === null) continue;
      expect(text).toMatch(new RegExp(` ${flag}[ ,]`));
      expect(text).toContain(OPTIONS[name].meaning);
    }
    expect(text).toContain('--config <file>');
  });
});

it('clawgauge --help names the commands', async () => {
  const { code, stdout } = await runCommand(['--help']);
  expect(code).toBe(0);
  for (const command of ['serve', 'report', 'demo', 'ledger'])
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
});

it('clawgauge --version is that of the package', async () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const { code, stdout } = await runCommand(['--version']);
  expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: JSON.parse(manifest).version });
});
