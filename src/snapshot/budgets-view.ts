/**
 * The answer of /v1/budgets: what each budget's period has used so far, and what it comes to if it goes on as in the days
 * before. Sums change their spans once a day, so that they are kept up to date and not added up anew.
 */
import type { Budget } from '../budget-options.ts';
import { COST, MISSING, TOTAL_TOKENS } from '../compute/figures.ts';
import { type Milliseconds, QUARTER_MS, quarterOf } from '../units.ts';
import { CombinationFilter } from './combination-filter.ts';
import type { KeptState } from './kept-state.ts';
import type { BudgetsQuery } from './query.ts';
import { type RollupSums, SpanSum } from './rollup-sum.ts';
import { spanOf } from './session-sum.ts';
import type { BudgetRow, BudgetsFigures } from './shapes.ts';
import { dollars } from './totals.ts';
import { resolveWindow, type Window } from './window.ts';
import { DAY_MS, type DayNumber, dayOfDate, formatDay } from './zone.ts';

/** How many days before today tell how fast a budget is used: what a period of its kind has. */
const DAYS_BEFORE = { day: 1, week: 7, month: 30 } as const;

/** Builds everything of the answer but its snapshot head. */
export function budgetsView(
  state: KeptState,
  { budgets, timeZone }: BudgetsQuery,
  now: Milliseconds,
  sums: RollupSums,
): BudgetsFigures {
  const { combinations } = state.rollup;
  const windowOf = (first: DayNumber, last: DayNumber): Window => {
    const [startDate, endDate] = [formatDay(first), formatDay(last)];
    return resolveWindow({ range: null, startDate, endDate, timeZone, granularity: 'day' }, now, state.activity());
  };
  const sumOf = ({ filters }: Budget, window: Window): Float64Array => {
    const { start, end } = spanOf(window);
    // The key of the sums that usageView() makes: equal keys are equal sums.
    const key = JSON.stringify([filters, 'span', start, end]);
    const make = () => new SpanSum({ start, end, undated: false }, new CombinationFilter(combinations.items, filters));
    return sums.of(key, make).figures;
  };
  const range = resolveWindow(
    { range: 'today', startDate: null, endDate: null, timeZone, granularity: 'day' },
    now,
    state.activity(),
  );
  const today = dayOfDate(range.startDate);

  return {
    budgets: budgets.map((budget): BudgetRow => {
      const { name, filters, per, unit, limit, thresholds } = budget;
      const window = windowOf(...daysOf(per, today));
      const before = windowOf(today - DAYS_BEFORE[per], today);
      const figures = sumOf(budget, window);
      const spent = amountOf(budget, figures);
      const rate = ratePerMs(amountOf(budget, sumOf(budget, before)), before.start, state.activity().first, now);
      const { startDate, endDate, start, end } = window;
      return {
        name,
        filters,
        per,
        period: { startDate, endDate, timeZone: window.timeZone, start, end },
        unit,
        limit,
        spent,
        share: spent / limit,
        thresholds: [...thresholds],
        crossed: thresholds.findLast((threshold) => spent * 100 >= threshold * limit) ?? null,
        missing: figures[MISSING] as number,
        forecast: rate === null ? null : forecastOf(spent, limit, rate, end, now),
      };
    }),
  };
}

function amountOf({ unit }: Budget, figures: Float64Array): number {
  return unit === 'usd' ? dollars(figures[COST] as number) : (figures[TOTAL_TOKENS] as number);
}

/**
 * What is used a millisecond, by what was used since `start`: over the time since then, or since the first activity if
 * that is later, but over a day at least. Null where nothing was ever used.
 */
function ratePerMs(used: number, start: Milliseconds, first: Milliseconds | null, now: Milliseconds): number | null {
  if (first === null) return null;
  return used / Math.max(DAY_MS, endOfQuarter(now) - Math.max(start, quarterOf(first) * QUARTER_MS));
}

function forecastOf(
  spent: number,
  limit: number,
  rate: number,
  end: Milliseconds,
  now: Milliseconds,
): BudgetRow['forecast'] {
  const from = endOfQuarter(now);
  const expected = spent + rate * Math.max(0, end - from);
  const reached = endOfQuarter(from + (limit - spent) / rate);
  const limitAt = spent < limit && expected >= limit ? Math.min(reached, end) : null;
  return { spent: expected, share: expected / limit, limitAt };
}

/** Figures change with the quarter hour, and not with every look. */
function endOfQuarter(ms: Milliseconds): Milliseconds {
  return (quarterOf(ms) + 1) * QUARTER_MS;
}

/** First and last day of the period that holds a day; weeks begin on Monday. */
function daysOf(per: Budget['per'], day: DayNumber): [DayNumber, DayNumber] {
  if (per === 'day') return [day, day];
  if (per === 'week') {
    // 1970-01-01 was a Thursday.
    const monday = day - ((((day + 3) % 7) + 7) % 7);
    return [monday, monday + 6];
  }
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return [Date.UTC(year, month, 1) / DAY_MS, Date.UTC(year, month + 1, 1) / DAY_MS - 1];
}
