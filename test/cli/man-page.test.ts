import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { manPage } from '../../src/cli/man-page.ts';
import { allCommands, outlineOf } from '../../src/cli/outline.ts';
import { programOf } from '../../src/cli/program.ts';
import { optionNames, variableOf } from '../../src/options.ts';
import { unpackedPackage } from '../e2e/package.ts';

const outline = outlineOf(programOf(() => expect.fail('nothing is run here')));
const source = manPage(outline, packageJson.version);
/** As it is read, without its macros and escapes. */
const plain = source.replaceAll(/\\f[BIR]|\\(?=-)/g, '');

const present = (tool: string) => spawnSync(tool, [], { input: '', stdio: 'ignore' }).error === undefined;

it('is in the package, where package.json says', async () => {
  expect(readFileSync(join(await unpackedPackage(), packageJson.man), 'utf8')).toBe(source);
});

it('describes every command, flag, argument and variable', () => {
  for (const { path, name, flags, arguments: args } of allCommands(outline)) {
    if (path === '' || name === 'help') continue;
    expect(plain).toContain(`\n.B ${path}\n`);
    for (const { long } of flags) expect(plain, path).toMatch(new RegExp(`^(-\\w, )?${long}( |$)`, 'm'));
    for (const { name } of args) expect(plain, path).toMatch(new RegExp(`^\\[?${name}\\]?$`, 'm'));
  }
  for (const variable of optionNames.map(variableOf)) if (variable !== null) expect(plain).toContain(variable);
});

it('describes a flag once, unless it means something else in another command', () => {
  const described = plain.match(/^(-\w, )?--[\w-]+( \w+)?\n.*$/gm) ?? [];
  expect(new Set(described).size).toBe(described.length);
});

it.skipIf(!present('mandoc'))('is what mandoc takes for right', () => {
  // A page made from the program has no date of its own, and the program's sentences have no width.
  const { stdout } = spawnSync('mandoc', ['-T', 'lint'], { input: source, encoding: 'utf8' });
  const findings = stdout.split('\n').filter((line) => line !== '' && !/missing date|longer than 80 bytes/.test(line));
  expect(findings).toEqual([]);
});

it.skipIf(!present('man'))('is shown by man', async () => {
  const page = join(await unpackedPackage(), packageJson.man);
  const shown = execFileSync('man', ['-l', page], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, MANWIDTH: '400', MAN_KEEP_FORMATTING: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(shown).toContain('CLAWGAUGE_STATE_DIR');
  expect(shown).toContain(outline.description);
});
