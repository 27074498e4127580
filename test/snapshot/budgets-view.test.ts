/** The answer of /v1/budgets: what is spent is what /v1/usage says of the period, and what it comes to is worked out here. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Budget } from '../../src/budget-options.ts';
import { budgetsView } from '../../src/snapshot/budgets-view.ts';
import { budgetsQuery, type FilterChoice, usageQuery } from '../../src/snapshot/query.ts';
import { FreshSums } from '../../src/snapshot/rollup-sum.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { linesOf } from '../support/fold-text.ts';
import { type KeptStore, keptStore } from '../support/kept-store.ts';
import { seededRandom } from '../support/random.ts';
import { randomQuestion } from '../support/random-question.ts';
import { randomStore, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (time: string) => Date.parse(time);
const PERS = ['day', 'week', 'month'] as const;

function budget(more: Partial<Budget> = {}, filters: FilterChoice = {}): Budget {
  const all = usageQuery({ timeZone: 'UTC' }, filters).filters;
  return { name: 'b', filters: all, per: 'day', unit: 'usd', limit: 10, thresholds: [50, 80, 100], ...more };
}

function rowOf({ keeper }: KeptStore, one: Budget, now: number, timeZone = 'UTC') {
  const [row] = budgetsView(keeper, budgetsQuery([one], timeZone), now, new FreshSums(keeper.rollup)).budgets;
  return row!;
}

/** A store in which a dollar was spent, for ten tokens, at each of some times. */
function storeOf(times: readonly string[], price: object = { cost: { total: 1 } }): KeptStore {
  const directory = temporaryStateDir();
  const lines = times.map((timestamp) => ({
    timestamp,
    message: { role: 'assistant', provider: 'p', model: 'm', usage: { input: 10, ...price } },
  }));
  writeWhole(join(directory, 'agents/main/sessions/a.jsonl'), linesOf(lines));
  return keptStore(directory);
}

describe('what is spent', () => {
  test.each([1, 2, 3, 4])('is what /v1/usage says of the period under the same filters, in random store %d', (seed) => {
    const kept = keptStore(randomStore(seed));
    const rnd = seededRandom(seed);
    for (let number = 0; number < 60; number++) {
      const { window, filters, now } = randomQuestion(rnd);
      const { timeZone } = usageQuery(window);
      const unit = number % 2 === 0 ? 'usd' : 'tokens';
      const row = rowOf(kept, budget({ per: PERS[number % 3]!, unit }, filters), now, timeZone);
      const { startDate, endDate, start, end } = row.period;
      const { window: period, totals } = usageView(
        kept.keeper,
        usageQuery({ timeZone, startDate, endDate }, filters),
        now,
      );
      expect({ start, end }).toEqual({ start: period.start, end: period.end });
      expect(now >= start - 15 * 60_000 && now < end + 15 * 60_000).toBe(true);
      expect(row.spent).toBe(unit === 'usd' ? totals.cost : totals.totalTokens);
      expect(row.missing).toBe(totals.missing);
    }
  });

  test.each([
    ['day', '2026-10-25', '2026-10-25', 25],
    ['week', '2026-10-19', '2026-10-25', 7 * 24 + 1],
    ['month', '2026-10-01', '2026-10-31', 31 * 24 + 1],
  ] as const)('in a %s of the zone, however long the clocks make it', (per, startDate, endDate, hours) => {
    const row = rowOf(storeOf([]), budget({ per }), at('2026-10-25T12:00:00Z'), 'Europe/Paris');
    expect(row.period).toMatchObject({ startDate, endDate, timeZone: 'Europe/Paris' });
    expect((row.period.end - row.period.start) / HOUR).toBe(hours);
  });

  test.each([
    ['2026-11-22T23:59:00Z', '2026-11-16'],
    ['2026-11-23T00:00:00Z', '2026-11-23'],
  ])('in a week from Monday on: at %s since %s', (now, startDate) => {
    expect(rowOf(storeOf([]), budget({ per: 'week' }), at(now)).period.startDate).toBe(startDate);
  });

  test.each([
    [1, null],
    [5, 50],
    [7, 50],
    [8, 80],
    [12, 100],
  ])('of %d in 10 reaches the threshold %s', (dollars, crossed) => {
    const kept = storeOf(Array.from({ length: dollars }, () => '2026-11-22T10:00:00Z'));
    expect(rowOf(kept, budget(), at('2026-11-22T12:00:00Z'))).toMatchObject({ crossed, share: dollars / 10 });
  });

  test('lacks what has no price, and says so', () => {
    const row = rowOf(storeOf(['2026-11-22T10:00:00Z'], {}), budget(), at('2026-11-22T12:00:00Z'));
    expect(row).toMatchObject({ spent: 0, missing: 1 });
  });
});

describe('what it comes to', () => {
  const daily = (days: number) =>
    Array.from({ length: days }, (_, day) => new Date(at('2026-11-22T10:00:00Z') - day * DAY).toISOString());

  test('goes on as in the days before: as many as a period has, and today', () => {
    // 31 dollars in the 30 days from 23 October to 21 November and in the day that ends now.
    const row = rowOf(storeOf(daily(60)), budget({ per: 'month', limit: 100 }), at('2026-11-22T23:59:00Z'));
    expect(row.spent).toBe(22);
    expect(row.forecast).toEqual({ spent: 30, share: 0.3, limitAt: null });
  });

  test('says when the limit is reached, to the quarter hour', () => {
    const row = rowOf(storeOf(daily(60)), budget({ per: 'month', limit: 25 }), at('2026-11-22T23:59:00Z'));
    expect(row.forecast?.limitAt).toBe(at('2026-11-26T00:15:00Z'));
  });

  test('says no time when the limit was reached already', () => {
    const row = rowOf(storeOf(daily(60)), budget({ per: 'month', limit: 22 }), at('2026-11-22T23:59:00Z'));
    expect(row.forecast).toMatchObject({ spent: 30, limitAt: null });
  });

  test('takes what a service that has just begun has seen for a whole day', () => {
    const row = rowOf(storeOf(['2026-11-22T10:00:00Z']), budget({ per: 'week' }), at('2026-11-22T11:59:00Z'));
    expect(row.forecast?.spent).toBe(1.5);
  });

  test('is not known where nothing was ever used', () => {
    expect(rowOf(storeOf([]), budget(), at('2026-11-22T12:00:00Z')).forecast).toBeNull();
  });

  test('changes with the quarter hour, and not with every look', () => {
    const kept = storeOf(daily(60));
    const look = (time: string) => rowOf(kept, budget({ per: 'month' }), at(time));
    expect(look('2026-11-22T12:14:59Z')).toEqual(look('2026-11-22T12:00:00Z'));
    expect(look('2026-11-22T12:15:00Z')).not.toEqual(look('2026-11-22T12:00:00Z'));
  });
});
