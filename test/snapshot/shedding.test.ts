import { expect, test } from 'vitest';
import { leastMemoryCap, shareOut } from '../../src/cache/memory-budget.ts';
import { SHED_STEPS, type ShedLevel } from '../../src/snapshot/governor.ts';
import { limitsAt } from '../../src/snapshot/shedding.ts';
import { MIB } from '../../src/units.ts';

const budget = shareOut(leastMemoryCap() + 400 * MIB, 4);
const at = (level: number) => limitsAt(level as ShedLevel, budget);

test('without shedding everybody has the budget', () => {
  expect(at(0)).toEqual({
    askedViews: budget.renderedViews - Math.floor(budget.renderedViews / 4),
    readSessions: Math.floor(budget.renderedViews / 4),
    digestCache: budget.digestCache,
    scans: 4,
    batchBytes: 4 * MIB,
  });
});

test('each step takes what its name says', () => {
  expect(at(1)).toEqual({ ...at(0), askedViews: 0, readSessions: 0 });
  expect(at(2)).toEqual({ ...at(1), digestCache: Math.floor(budget.digestCache / 4) });
  expect(at(3)).toEqual({ ...at(2), digestCache: 0, scans: 1, batchBytes: 2 * MIB });
});

test('no step gives anything back', () => {
  for (let level = 1; level <= SHED_STEPS.length; level++) {
    const [before, after] = [at(level - 1), at(level)];
    for (const [limit, value] of Object.entries(before)) {
      expect(after[limit as keyof typeof after]).toBeLessThanOrEqual(value);
    }
  }
});
