import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { flagOf, OPTIONS, type OptionName, optionNames, optionOf, variableOf } from '../../src/options.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

function expectedRow(name: OptionName): string {
  const { flag, meaning, otherwise } = optionOf(name);
  const code = (text: string | null) => (text === null ? '' : `\`${text}\``);
  return `| \`${name}\` | ${code(flag)} | ${code(variableOf(name))} | ${otherwise ?? shownDefault(name)} | ${meaning} |`;
}

function shownDefault(name: OptionName): string {
  const value = optionOf(name).default;
  return value === '' || (Array.isArray(value) && value.length === 0) ? 'empty' : `\`${value}\``;
}

it('docs/configuration.md has one row for every option, with what the table in src/options.ts says', () => {
  const rows = page.split('\n').filter((line) => /^\| `/.test(line));
  expect(rows).toEqual(optionNames.map(expectedRow));
});

it('docs/configuration.md names no flag and no variable that does not exist', () => {
  const flags = [...optionNames.map(flagOf), '--config'];
  const variables = [...optionNames.map(variableOf), 'CLAWGAUGE_CONFIG'];
  for (const [flag] of page.matchAll(/--[a-z]+(-[a-z]+)*/g)) expect(flags).toContain(flag);
  for (const [variable] of page.matchAll(/CLAWGAUGE_[A-Z_]*[A-Z]/g)) expect(variables).toContain(variable);
});

it('every option without a default says what that means, and none that has one does', () => {
  for (const name of optionNames) {
    const { default: value } = OPTIONS[name];
    const empty = Array.isArray(value) && value.length === 0;
    if (!empty) expect('otherwise' in OPTIONS[name], name).toBe(value === null);
  }
});
