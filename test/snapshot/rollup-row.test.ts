import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergedRows } from '../../src/snapshot/rollup-row.ts';
import { allOf, amount, isNothing, keyOf, type PlainRow, plainRows, sourceOf } from '../support/arbitrary-row.ts';

/** The sums of lists of rows, from the definition. */
function sumOf(lists: readonly (readonly PlainRow[])[]): PlainRow[] {
  const sums = new Map<string, PlainRow>();
  for (const row of lists.flat()) {
    const before = sums.get(keyOf(row));
    sums.set(keyOf(row), before === undefined ? row : added(before, row));
  }
  return [...sums.values()]
    .filter((row) => !isNothing(row))
    .sort((a, b) => a.quarter - b.quarter || a.combination - b.combination);
}

function added(a: PlainRow, b: PlainRow): PlainRow {
  const listed = (first: PlainRow['tools'], second: PlainRow['tools']) => {
    const counts = new Map<number, number>();
    for (const [key, count] of [...first, ...second]) counts.set(key, (counts.get(key) ?? 0) + count);
    return [...counts].filter(([, count]) => count !== 0).sort((x, y) => x[0] - y[0]);
  };
  return {
    ...a,
    figures: a.figures.map((figure, at) => figure + (b.figures[at] as number)),
    tools: listed(a.tools, b.tools),
    latencies: listed(a.latencies, b.latencies),
  };
}

function negative(rows: readonly PlainRow[]): PlainRow[] {
  const turned = (list: PlainRow['tools']) => list.map(([key, count]) => [key, -count] as const);
  return rows.map(({ figures, tools, latencies, ...key }) => ({
    ...key,
    figures: figures.map((figure) => 0 - figure),
    tools: turned(tools),
    latencies: turned(latencies),
  }));
}

describe('merged rows', () => {
  test('are the sums of their sources, in order, without those that come to nothing', () => {
    fc.assert(
      fc.property(fc.array(plainRows(amount), { minLength: 1, maxLength: 5 }), fc.nat(4), (lists, again) => {
        // One list once more, in part with the other sign: rows that meet and cancel out.
        const list = lists[again % lists.length] as PlainRow[];
        const all = [...lists, list, negative(list.slice(1)), negative(list.slice(2))];
        expect(allOf(mergedRows(all.map(sourceOf)))).toEqual(sumOf(all));
      }),
    );
  });
});
