/** Figures and layouts that documents repeat from the code. */
import { expect, it } from 'vitest';
import { shareOut } from '../../src/cache/memory-budget.ts';
import { Digest } from '../../src/compute/digest.ts';
import { encodeDigest, encodeSection } from '../../src/compute/digest-codec.ts';
import * as figures from '../../src/compute/figures.ts';
import { MIB } from '../../src/units.ts';
import { page } from './pages.ts';

it('docs/how-it-works.md shares the default memory cap out as the formula does', () => {
  const { digestCache, renderedViews, keeperHeap, scanHeap } = shareOut(256 * MIB);
  const rows = [...page('docs/how-it-works.md').matchAll(/^\| (.*?) \| 1\/.* \| (\d+) MiB \|$/gm)];
  expect(rows.map(([, part, mib]) => [part, Number(mib) * MIB])).toEqual([
    ['digest cache', digestCache],
    ['rendered views that were asked for', renderedViews],
    ["keeper's heap", keeperHeap],
    ['heap of each scan thread', scanHeap],
  ]);
});

it('docs/digest-format.md has the columns of a cell, in their order', () => {
  const rows = [...page('docs/digest-format.md').matchAll(/^\| (\d+) \| `(\w+)` \|$/gm)];
  expect(rows.map(([, column]) => Number(column))).toEqual(Array.from({ length: figures.COLUMNS }, (_, at) => at));
  for (const [, column, name = ''] of rows) expect(figures, name).toHaveProperty(name, Number(column));
});

it('docs/digest-format.md has the version of the bytes', () => {
  const empty = encodeDigest({ offset: 0, anchor: new Uint8Array(8) }, encodeSection(new Digest()), null);
  expect(page('docs/digest-format.md')).toContain(`Version: ${empty[3]}.`);
});
