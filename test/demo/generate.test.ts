import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../src/demo/manifest.ts';
import { temporaryStateDir } from '../support/stores.ts';

const ROOT = join(import.meta.dirname, '../..');

function generate(...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/demo/generate.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}

describe('the generate command', () => {
  it('writes a store as its flags say, and prints its manifest', () => {
    const directory = temporaryStateDir();
    const flags = ['--agents=2', '--sessions=3', '--mean-kb=10', '--days=7', '--seed=5', '--malformed=0'];
    const { status, stdout } = generate(directory, ...flags, '--now=2026-11-22T12:00:00Z');
    expect(status).toBe(0);
    const manifest = JSON.parse(stdout);
    expect(manifest).toEqual(readManifest(directory));
    expect(manifest.options).toEqual({
      agents: 2,
      sessions: 3,
      meanKb: 10,
      maxKb: 8192,
      days: 7,
      seed: 5,
      malformed: 0,
      now: Date.UTC(2026, 10, 22, 12),
    });
  });

  it('exits with 0 when asked for help', () => {
    const { status, stdout } = generate('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--mean-kb');
  });

  it.each([
    [[], 'expected one directory, got 0'],
    [['a', 'b'], 'expected one directory, got 2'],
    [['a', '--sessions', 'many'], '--sessions: expected a number, got "many"'],
    [['a', '--sessions', '0'], 'sessions: expected a whole number from 1 to 1000000, got 0'],
    [['a', '--now', 'tomorrow'], '--now: expected a time, got "tomorrow"'],
    [['a', '--colour', 'red'], "Unknown option '--colour'"],
  ])('exits with 2 and says what is wrong: %j', (args, message) => {
    const { status, stderr, stdout } = generate(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage: generate DIR');
    expect(stdout).toBe('');
  });
});
