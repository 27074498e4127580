import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { REPORT_FLAGS } from '../../src/cli/report/request.ts';
import { flagOf, optionNames, variableOf } from '../../src/options.ts';
import { page, shellLines } from './pages.ts';

const readme = page('README.md');
const ROOT = join(import.meta.dirname, '../..');

it('README.md fits in two hundred lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200);
});

it('README.md names only npm commands that package.json has', () => {
  const used = [...readme.matchAll(/npm (?:run ([\w:-]+)|(start|test))/g)].map(([, script, short]) => script ?? short);
  expect(used).toEqual(expect.arrayContaining(['demo', 'test', 'start']));
  for (const script of used) expect(Object.keys(packageJson.scripts)).toContain(script);
});

it('README.md names only files of the project that are there', () => {
  const files = shellLines(readme).flatMap((line) => line.match(/\b(?:dist|examples|bench)\/[\w./-]+/g) ?? []);
  for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true);
});

it('README.md names only flags and variables that exist', () => {
  const flags = [...optionNames.map(flagOf), ...REPORT_FLAGS.map(({ flag }) => flag.split(' ')[0])];
  for (const [flag] of readme.matchAll(/(?<=[`\s])--[a-z]+(-[a-z]+)*/g)) expect([...flags, '--global']).toContain(flag);
  for (const [name] of readme.matchAll(/CLAWGAUGE_[A-Z_]*[A-Z]/g)) expect(optionNames.map(variableOf)).toContain(name);
});

it('README.md asks for the Node version that package.json asks for', () => {
  expect(packageJson.engines.node).toBe('>=20.19.0');
  expect(readme).toContain('Node 20.19 or newer');
});
