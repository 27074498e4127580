/** The sums that counters follow: of every record, whatever its date, by names that can be labels. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AMOUNTS } from '../../../src/cache/counter-ledger.ts';
import { CellSum } from '../../../src/snapshot/metrics/cell-sum.ts';
import { usageQuery } from '../../../src/snapshot/query.ts';
import { FreshSums } from '../../../src/snapshot/rollup-sum.ts';
import { usageView } from '../../../src/snapshot/usage-view.ts';
import { linesOf } from '../../support/fold-text.ts';
import { type KeptStore, keptStore, REFRESHED_AT } from '../../support/kept-store.ts';
import { randomStore, writeWhole } from '../../support/random-store.ts';
import { temporaryStateDir } from '../../support/stores.ts';

function sumOf({ keeper: { rollup } }: KeptStore): CellSum {
  return new FreshSums(rollup).of('cells', () => new CellSum(rollup.combinations.items));
}

const total = (sum: CellSum, amount: (typeof AMOUNTS)[number]) =>
  sum.cells().reduce((all, { amounts }) => all + (amounts[AMOUNTS.indexOf(amount)] as number), 0);

test.each([1, 2, 3])('is all that random store %d ever used, undated records too', (seed) => {
  const kept = keptStore(randomStore(seed));
  const { totals } = usageView(kept.keeper, usageQuery({ timeZone: 'UTC', range: 'all' }), REFRESHED_AT);
  const sum = sumOf(kept);
  expect(total(sum, 'records')).toBe(totals.records);
  expect(total(sum, 'input')).toBe(totals.input);
  expect(total(sum, 'cache_write')).toBe(totals.cacheWrite);
  expect(String(total(sum, 'cost'))).toBe(totals.costNano);
  expect(sum.missing).toBe(totals.missing);
});

describe('names', () => {
  const labelsOf = (...models: (string | null)[]) => {
    const directory = temporaryStateDir();
    const lines = models.map((model) => ({
      timestamp: '2026-11-20T10:00:00Z',
      message: { role: 'assistant', provider: 'p', model, usage: { input: 1 } },
    }));
    writeWhole(join(directory, 'agents/main/sessions/a.jsonl'), linesOf(lines));
    return sumOf(keptStore(directory))
      .cells()
      .map(({ labels, amounts }) => [labels.model, amounts[AMOUNTS.indexOf('input')]]);
  };

  test('that are missing are "none"', () => {
    expect(labelsOf(null)).toEqual([['none', 1]]);
  });

  test('that would be the same labels are one cell', () => {
    expect(labelsOf('\ud800', '\udfff')).toEqual([['\uFFFD', 2]]);
    expect(labelsOf(`${'x'.repeat(128)}1`, `${'x'.repeat(128)}2`)).toEqual([['x'.repeat(128), 2]]);
  });
});
