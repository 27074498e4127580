import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayRow, monthsOf, sumOfTotals, weeksOf } from '../../../src/cli/report/periods.ts';
import type { Totals } from '../../../src/snapshot/shapes.ts';

const NOTHING = sumOfTotals([]);

function day(date: string, figures: Partial<Totals> = {}, models: DayRow['models'] = []): DayRow {
  return { date, totals: { ...NOTHING, records: 1, ...figures }, models };
}

/** Days in order, each with some nano-dollars. */
const days = fc.uniqueArray(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 60 }).chain((numbers) =>
  fc.tuple(
    ...numbers
      .sort((a, b) => a - b)
      .map((number) =>
        fc.nat({ max: 1e12 }).map((nano) => {
          const date = new Date(number * 86_400_000).toISOString().slice(0, 10);
          return day(date, { costNano: String(nano), cost: nano / 1e9, input: nano % 1e6 }, [
            { modelName: 'a/b', totalTokens: nano % 1e6, cost: nano / 1e9 },
          ]);
        }),
      ),
  ),
);

describe('weeks', () => {
  it.each([
    ['2026-11-22', '2026-W47', '2026-11-16'],
    ['2026-11-23', '2026-W48', '2026-11-23'],
    // From the examples of ISO 8601.
    ['2005-01-01', '2004-W53', '2004-12-27'],
    ['2007-01-01', '2007-W01', '2007-01-01'],
    ['2008-12-29', '2009-W01', '2008-12-29'],
    ['2010-01-03', '2009-W53', '2009-12-28'],
    ['1970-01-01', '1970-W01', '1969-12-29'],
  ])('are those of ISO 8601: %s is in %s, from %s on', (date, week, startDate) => {
    expect(weeksOf([day(date)])[0]?.about).toEqual({ week, startDate });
  });

  it('begin on Mondays, hold their days, and add up to what the days do, to the nano-dollar', () => {
    fc.assert(
      fc.property(days, (all) => {
        const weeks = weeksOf(all);
        for (const { about } of weeks) expect(new Date(`${about.startDate}T00:00:00Z`).getUTCDay()).toBe(1);
        expect(sumOfTotals(weeks.map(({ totals }) => totals))).toEqual(sumOfTotals(all.map(({ totals }) => totals)));
        for (const { totals, models } of weeks) expect(models?.[0]?.cost).toBe(totals.cost);
      }),
    );
  });
});

describe('months', () => {
  it('are those of the calendar, and add up to what the days do', () => {
    fc.assert(
      fc.property(days, (all) => {
        const months = monthsOf(all);
        const names = months.map(({ about }) => about.month);
        expect(names).toEqual([...new Set(all.map(({ date }) => date.slice(0, 7)))]);
        expect(sumOfTotals(months.map(({ totals }) => totals))).toEqual(sumOfTotals(all.map(({ totals }) => totals)));
      }),
    );
  });
});

it('a sum of dollars is exact where adding them up would not be', () => {
  const cents = { ...NOTHING, cost: 0.1, costNano: '100000000', inputCost: 0.1 };
  expect(sumOfTotals([cents, cents, cents])).toMatchObject({ cost: 0.3, costNano: '300000000', inputCost: 0.3 });
});
