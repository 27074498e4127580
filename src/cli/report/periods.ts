/** Days added up to ISO weeks (from Monday on; a week belongs to the year of its Thursday) and to months. */
import type { Totals } from '../../snapshot/shapes.ts';
import { type DayNumber, dayOfDate, formatDay } from '../../snapshot/zone.ts';
import type { ModelShare, ReportRow } from './report.ts';

export interface DayRow {
  readonly date: string;
  readonly totals: Totals;
  readonly models: readonly ModelShare[];
}

export function weeksOf(days: readonly DayRow[]): ReportRow[] {
  return periodsOf(days, (date) => {
    const monday = mondayOf(dayOfDate(date));
    return { week: weekName(monday), startDate: formatDay(monday) };
  });
}

export function monthsOf(days: readonly DayRow[]): ReportRow[] {
  return periodsOf(days, (date) => ({ month: date.slice(0, -3) }));
}

/** Nano-dollars and tokens are integers, so sums are exact. */
export function sumOfTotals(all: readonly Totals[]): Totals {
  const sum = (member: (totals: Totals) => number) => all.reduce((total, totals) => total + member(totals), 0);
  const money = (member: (totals: Totals) => number) => sum((totals) => Math.round(member(totals) * 1e9)) / 1e9;
  const nano = sum(({ costNano }) => Number(costNano));
  return {
    input: sum(({ input }) => input),
    output: sum(({ output }) => output),
    cacheRead: sum(({ cacheRead }) => cacheRead),
    cacheWrite: sum(({ cacheWrite }) => cacheWrite),
    totalTokens: sum(({ totalTokens }) => totalTokens),
    cost: nano / 1e9,
    costNano: String(nano),
    inputCost: money(({ inputCost }) => inputCost),
    outputCost: money(({ outputCost }) => outputCost),
    cacheReadCost: money(({ cacheReadCost }) => cacheReadCost),
    cacheWriteCost: money(({ cacheWriteCost }) => cacheWriteCost),
    records: sum(({ records }) => records),
    estimated: sum(({ estimated }) => estimated),
    missing: sum(({ missing }) => missing),
    retained: { records: sum(({ retained }) => retained.records), cost: money(({ retained }) => retained.cost) },
  };
}

function periodsOf(days: readonly DayRow[], aboutOf: (date: string) => Record<string, string>): ReportRow[] {
  const periods = new Map<string, { about: Record<string, string>; days: DayRow[] }>();
  for (const day of days) {
    const about = aboutOf(day.date);
    const name = Object.values(about).join(' ');
    const period = periods.get(name) ?? { about, days: [] };
    period.days.push(day);
    periods.set(name, period);
  }
  return [...periods.values()].map(({ about, days: its }) => ({
    about,
    totals: sumOfTotals(its.map(({ totals }) => totals)),
    models: modelsOf(its),
  }));
}

function modelsOf(days: readonly DayRow[]): ModelShare[] {
  const sums = new Map<string | null, { nano: number; totalTokens: number }>();
  for (const { models } of days) {
    for (const { modelName, totalTokens, cost } of models) {
      const sum = sums.get(modelName) ?? { nano: 0, totalTokens: 0 };
      sums.set(modelName, { nano: sum.nano + Math.round(cost * 1e9), totalTokens: sum.totalTokens + totalTokens });
    }
  }
  return [...sums].map(([modelName, { nano, totalTokens }]) => ({ modelName, totalTokens, cost: nano / 1e9 }));
}

/** 1970-01-01 was a Thursday. */
function mondayOf(day: DayNumber): DayNumber {
  return Math.floor((day + 3) / 7) * 7 - 3;
}

/** `2026-W47`. */
function weekName(monday: DayNumber): string {
  const year = formatDay(monday + 3).slice(0, -6);
  const first = mondayOf(dayOfDate(`${year}-01-04`));
  return `${year}-W${String((monday - first) / 7 + 1).padStart(2, '0')}`;
}
