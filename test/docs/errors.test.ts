import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorCatalogue } from '../../src/errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

it('docs/errors.md has one row for every code of the catalogue, with its status and title', () => {
  const rows = page.split('\n').filter((line) => /^\| `/.test(line));
  const written = rows.map((row) => row.split(' | ').slice(0, 3).join(' | '));
  const expected = Object.entries(errorCatalogue).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title}`,
  );
  expect(written).toEqual(expected);
});

it('docs/errors.md says for every code what to do', () => {
  const rows = page.split('\n').filter((line) => /^\| `/.test(line));
  for (const row of rows) expect(row.split(' | ')[3], row).toMatch(/\w.* \|$/);
});
