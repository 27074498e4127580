/** Which span of time a question asks about, in whole UTC quarter hours, and the rows it falls into. */
import { type Calendar, calendarOf, type DayNumber, formatDay, parseDay, QUARTER } from './calendar.ts';
import type { UsageAnswer } from './v1-shapes.ts';

export type Range = 'today' | '7d' | '30d' | '90d' | '1y' | 'all';

/** Without a range and dates, 30d. */
export interface WindowQuery {
  range?: Range | null;
  startDate?: string | null;
  endDate?: string | null;
  timeZone: string;
  granularity?: UsageAnswer['window']['granularity'];
}

/** A question that the service refuses with `invalid_parameter`. */
export class InvalidParameter extends Error {}

/** Half-open, in epoch milliseconds. */
export interface Span {
  start: number;
  end: number;
}

/** A window with the days it is made of; the last one is included. */
export interface OracleWindow extends Span {
  answer: UsageAnswer['window'];
  calendar: Calendar;
  firstDay: DayNumber;
  lastDay: DayNumber;
}

const RANGE_DAYS = { today: 1, '7d': 7, '30d': 30, '90d': 90, '1y': 365 };

/** `activity` = the moments of all dated messages of the whole service, whatever the filters. */
export function resolveWindow(query: WindowQuery, now: number, activity: number[]): OracleWindow {
  const calendar = calendarOf(query.timeZone);
  const granularity = query.granularity ?? 'day';
  const [firstDay, lastDay] = daysOf(query, now, activity, calendar);
  const days = lastDay - firstDay + 1;
  if (days < 1) throw new InvalidParameter('endDate before startDate');
  if (granularity === 'hour' && days > 366) throw new InvalidParameter('granularity hour over more than 366 days');
  if (granularity === 'quarter' && days > 31) throw new InvalidParameter('granularity quarter over more than 31 days');
  const start = calendar.startOf(firstDay);
  const end = calendar.startOf(lastDay + 1);
  const answer = {
    range: rangeOf(query),
    startDate: formatDay(firstDay),
    endDate: formatDay(lastDay),
    timeZone: query.timeZone,
    start,
    end,
    granularity,
  };
  return { start, end, answer, calendar, firstDay, lastDay };
}

/** As many calendar days directly before; for today, yesterday up to the same clock time; null for all. */
export function previousSpan(window: OracleWindow, now: number): Span | null {
  const { calendar, firstDay, lastDay } = window;
  if (window.answer.range === 'all') return null;
  const previousFirst = firstDay - (lastDay - firstDay + 1);
  const start = calendar.startOf(previousFirst);
  const end = window.answer.range === 'today' ? calendar.sameClockTime(now, previousFirst) : calendar.startOf(firstDay);
  return { start, end };
}

export interface Bucket {
  start: number;
  date: string;
}

/** All rows of the window by its granularity; an hour row is an elapsed hour from its day's start, the last may be shorter. */
export function bucketsOf(window: OracleWindow): Bucket[] {
  const buckets: Bucket[] = [];
  for (let day = window.firstDay; day <= window.lastDay; day++) buckets.push(...bucketsOfDay(window, day));
  return buckets;
}

/** The row that holds a moment of the window. */
export function bucketOf(window: OracleWindow, ms: number): Bucket {
  const day = window.calendar.dayOf(ms);
  return bucketsOfDay(window, day).findLast((bucket) => bucket.start <= ms) as Bucket;
}

function bucketsOfDay(window: OracleWindow, day: DayNumber): Bucket[] {
  const date = formatDay(day);
  const start = window.calendar.startOf(day);
  if (window.answer.granularity === 'day') return [{ start, date }];
  const step = window.answer.granularity === 'hour' ? 4 * QUARTER : QUARTER;
  const end = window.calendar.startOf(day + 1);
  const buckets: Bucket[] = [];
  for (let at = start; at < end; at += step) buckets.push({ start: at, date });
  return buckets;
}

function rangeOf(query: WindowQuery): Range | null {
  if (query.startDate && query.endDate) return null;
  return query.range ?? '30d';
}

function daysOf(query: WindowQuery, now: number, activity: number[], calendar: Calendar): [DayNumber, DayNumber] {
  const today = calendar.dayOf(now);
  if (query.startDate && query.endDate) return [parseDay(query.startDate), parseDay(query.endDate)];
  const range = query.range ?? '30d';
  if (range !== 'all') return [today - RANGE_DAYS[range] + 1, today];
  if (activity.length === 0) return [today, today];
  const days = activity.map((ms) => calendar.dayOf(ms));
  const first = days.reduce((a, b) => Math.min(a, b));
  const last = days.reduce((a, b) => Math.max(a, b));
  return [first, last];
}
