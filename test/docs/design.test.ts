/** Figures and layouts that documents repeat from the code. */
import { expect, it } from 'vitest';
import { leastMemoryCap, shareOut } from '../../src/cache/memory-budget.ts';
import { Digest } from '../../src/compute/digest.ts';
import { encodeDigest, encodeSection } from '../../src/compute/digest-codec.ts';
import * as figures from '../../src/compute/figures.ts';
import { OPTIONS } from '../../src/options.ts';
import { MIB } from '../../src/units.ts';
import { page } from './pages.ts';

it('docs/how-it-works.md shares the memory cap out as the formula does, on two cores and Node 20', () => {
  const [least, usual] = [shareOut(leastMemoryCap(20), 2, 20), shareOut(256 * MIB, 2, 20)];
  const rows = [...page('docs/how-it-works.md').matchAll(/^\| `(\w+)` \| .* \| (\d+) \| (\d+) \|$/gm)];
  const mib = (bytes: number) => Math.round(bytes / MIB);
  const owners = Object.keys(usual).filter(
    (name) => name !== 'cap' && name !== 'scanThreads',
  ) as (keyof typeof usual)[];
  expect(rows.map(([, owner, ...figures]) => [owner, ...figures.map(Number)])).toEqual(
    owners.map((owner) => [owner, mib(least[owner]), mib(usual[owner])]),
  );
  expect(page('docs/how-it-works.md')).toContain(
    `The smallest cap is ${[20, 22, 24].map((major) => mib(leastMemoryCap(major))).join(', ')} MiB on Node 20, 22 and 24`,
  );
});

it('the option says what the smallest memory cap is', () => {
  const [first, ...others] = [20, 22, 24].map((major) => `${leastMemoryCap(major) / MIB}mb`);
  expect(OPTIONS.memoryCap.meaning).toContain(`at least ${first}, on Node 22 ${others[0]}, on Node 24 ${others[1]}.`);
});

it('docs/digest-format.md has the columns of a cell, in their order', () => {
  const rows = [...page('docs/digest-format.md').matchAll(/^\| (\d+) \| `(\w+)` \|$/gm)];
  expect(rows.map(([, column]) => Number(column))).toEqual(Array.from({ length: figures.COLUMNS }, (_, at) => at));
  for (const [, column, name = ''] of rows) expect(figures, name).toHaveProperty(name, Number(column));
});

it('docs/digest-format.md has the version of the bytes', () => {
  const empty = encodeDigest(
    { era: '2026.5', offset: 0, anchor: new Uint8Array(8) },
    encodeSection(new Digest()),
    null,
  );
  expect(page('docs/digest-format.md')).toContain(`Version: ${empty[3]}.`);
});
