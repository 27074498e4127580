import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { faults } from './faults.mjs';

const sourceOf = (file: string) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
const page = readFileSync(new URL('../../docs/scanner-faults.md', import.meta.url), 'utf8');

it.each(faults)('$file: "$what" replaces one piece of text by another', ({ file, from, to }) => {
  expect(sourceOf(file).split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});

it('docs/scanner-faults.md has each fault in its order, and says how many there are', () => {
  const rows = [...page.matchAll(/^\| `(.+?)` \| (.+?) \| .+ \|$/gm)].map(([, file, what]) => [file, what]);
  expect(rows).toEqual(faults.map(({ file, what }) => [file, what.replaceAll('\\', '\\\\')]));
  expect(page).toContain(`with ${faults.length} small faults`);
});
