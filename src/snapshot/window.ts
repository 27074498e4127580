/**
 * Windows: which whole UTC quarter hours a question is about, those of the window before it, and the buckets of its series.
 * A local midnight that is not on a quarter hour (some historic offsets) counts as the next one, so windows and buckets stay whole.
 */
import { ClawgaugeError } from '../errors.ts';
import { type Milliseconds, QUARTER_MS, type QuarterHour, quarterOf } from '../units.ts';
import { DAY_MS, type DayNumber, dayOfDate, formatDay, HOUR_MS, parseDay, type Zone, zoneOf } from './zone.ts';

export const RANGES = ['today', '7d', '30d', '90d', '1y', 'all'] as const;
export type Range = (typeof RANGES)[number];
export const DEFAULT_RANGE: Range = '30d';

export const GRANULARITIES = ['day', 'hour', 'quarter'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** What was asked for: a range, or both dates (the end included), or none of them, which means the default range. */
export interface WindowQuery {
  readonly range: Range | null;
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly timeZone: string;
  readonly granularity: Granularity;
}

/** The `window` of the /v1 answers. `range` is null for dates; `start` and `end` are half-open. */
export interface Window {
  readonly range: Range | null;
  readonly startDate: string;
  readonly endDate: string;
  readonly timeZone: string;
  readonly start: Milliseconds;
  readonly end: Milliseconds;
  readonly granularity: Granularity;
}

/** The first and last dated activity of the whole service, whatever the filters; null when there is none. */
export interface Activity {
  readonly first: Milliseconds | null;
  readonly last: Milliseconds | null;
}

/**
 * The buckets of a window: half-open, in order, covering it exactly. Days that the calendar skipped are empty buckets
 * of granularity day. Nothing here grows with the length of the window, but for hours (at most 366 days of them).
 */
export interface Buckets {
  readonly count: number;
  startOf(index: number): Milliseconds;
  /** The local date of a bucket, `YYYY-MM-DD`. */
  dateOf(index: number): string;
  /** The bucket that holds a quarter hour; -1 outside the window. */
  indexOfQuarter(quarter: QuarterHour): number;
}

const RANGE_DAYS = { today: 1, '7d': 7, '30d': 30, '90d': 90, '1y': 365 } as const satisfies Partial<
  Record<Range, number>
>;
const MAX_DAYS: Record<Granularity, number> = { day: Number.POSITIVE_INFINITY, hour: 366, quarter: 31 };

/** The window of a question asked now. Throws `invalid_parameter` where the parameters contradict each other. */
export function resolveWindow(query: WindowQuery, now: Milliseconds, activity: Activity): Window {
  const zone = zoneOf(query.timeZone);
  const range = rangeOf(query);
  const { first, last } = range === null ? daysOfDates(query) : daysOfRange(range, zone, now, activity);
  const { granularity } = query;
  const days = last - first + 1;
  if (days > MAX_DAYS[granularity]) {
    throw invalid(`granularity: expected a window of at most ${MAX_DAYS[granularity]} days for ${granularity}`, days);
  }
  return {
    range,
    startDate: formatDay(first),
    endDate: formatDay(last),
    timeZone: zone.name,
    start: boundary(zone.startOfDay(first)),
    end: boundary(zone.startOfDay(last + 1)),
    granularity,
  };
}

/**
 * As many calendar days directly before; for `today`, yesterday up to the time that the clock showed at the start of the
 * present quarter hour. Null for `all`.
 */
export function previousWindow(window: Window, now: Milliseconds): { start: Milliseconds; end: Milliseconds } | null {
  if (window.range === 'all') return null;
  const zone = zoneOf(window.timeZone);
  const first = dayOfDate(window.startDate);
  const days = dayOfDate(window.endDate) - first + 1;
  const start = boundary(zone.startOfDay(first - days));
  if (window.range !== 'today') return { start, end: window.start };
  const clock = zone.localTime(quarterOf(now) * QUARTER_MS);
  const sinceMidnight = clock - Math.floor(clock / DAY_MS) * DAY_MS;
  return { start, end: boundary(zone.firstMomentAt((first - 1) * DAY_MS + sinceMidnight)) };
}

export function bucketsOf(window: Window): Buckets {
  if (window.granularity === 'day') return new DayBuckets(window);
  return window.granularity === 'hour' ? new HourBuckets(window) : new QuarterBuckets(window);
}

/** When `today` becomes another day in a zone; always after now. */
export function nextMidnight(timeZone: string, now: Milliseconds): Milliseconds {
  const zone = zoneOf(timeZone);
  return boundary(zone.startOfDay(dayOfQuarter(zone, quarterOf(now)) + 1));
}

class DayBuckets implements Buckets {
  readonly count: number;
  readonly #zone: Zone;
  readonly #window: Window;
  readonly #first: DayNumber;

  constructor(window: Window) {
    this.#zone = zoneOf(window.timeZone);
    this.#window = window;
    this.#first = dayOfDate(window.startDate);
    this.count = dayOfDate(window.endDate) - this.#first + 1;
  }

  startOf(index: number): Milliseconds {
    return boundary(this.#zone.startOfDay(this.#first + index));
  }

  dateOf(index: number): string {
    return formatDay(this.#first + index);
  }

  indexOfQuarter(quarter: QuarterHour): number {
    return holds(this.#window, quarter) ? dayOfQuarter(this.#zone, quarter) - this.#first : -1;
  }
}

/** Elapsed hours from each local midnight; the last one of a day is shorter where the day is no whole number of hours. */
class HourBuckets implements Buckets {
  readonly count: number;
  readonly #zone: Zone;
  readonly #window: Window;
  readonly #starts: Milliseconds[] = [];

  constructor(window: Window) {
    this.#zone = zoneOf(window.timeZone);
    this.#window = window;
    const days = new DayBuckets(window);
    for (let day = 0; day < days.count; day++) {
      const end = days.startOf(day + 1);
      for (let start = days.startOf(day); start < end; start += HOUR_MS) this.#starts.push(start);
    }
    this.count = this.#starts.length;
  }

  startOf(index: number): Milliseconds {
    return this.#starts[index] as Milliseconds;
  }

  dateOf(index: number): string {
    return formatDay(this.#zone.dayOf(this.startOf(index)));
  }

  indexOfQuarter(quarter: QuarterHour): number {
    if (!holds(this.#window, quarter)) return -1;
    const moment = quarter * QUARTER_MS;
    let low = 0;
    let high = this.count;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.startOf(middle) <= moment) low = middle;
      else high = middle;
    }
    return low;
  }
}

class QuarterBuckets implements Buckets {
  readonly count: number;
  readonly #zone: Zone;
  readonly #window: Window;

  constructor(window: Window) {
    this.#zone = zoneOf(window.timeZone);
    this.#window = window;
    this.count = (window.end - window.start) / QUARTER_MS;
  }

  startOf(index: number): Milliseconds {
    return this.#window.start + index * QUARTER_MS;
  }

  dateOf(index: number): string {
    return formatDay(this.#zone.dayOf(this.startOf(index)));
  }

  indexOfQuarter(quarter: QuarterHour): number {
    return holds(this.#window, quarter) ? quarter - quarterOf(this.#window.start) : -1;
  }
}

function holds(window: Window, quarter: QuarterHour): boolean {
  const moment = quarter * QUARTER_MS;
  return moment >= window.start && moment < window.end;
}

/** The quarter hour that begins at a moment or is the next to begin. */
function boundary(ms: Milliseconds): Milliseconds {
  return Math.ceil(ms / QUARTER_MS) * QUARTER_MS;
}

/** A quarter hour that two days share belongs to the one it begins in: the same rule as `boundary`, from the other side. */
function dayOfQuarter(zone: Zone, quarter: QuarterHour): DayNumber {
  return zone.dayOf(quarter * QUARTER_MS);
}

/** First and last day, both inside. */
interface Days {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/** The range asked for or the default one; null when dates were given instead. */
function rangeOf({ range, startDate, endDate }: WindowQuery): Range | null {
  if (startDate === null && endDate === null) return range ?? DEFAULT_RANGE;
  if (range !== null) throw invalid('expected either a range or dates', `range ${range} together with dates`);
  return null;
}

function daysOfRange(range: Range, zone: Zone, now: Milliseconds, activity: Activity): Days {
  const dayAt = (ms: Milliseconds) => dayOfQuarter(zone, quarterOf(ms));
  if (range === 'all') return { first: dayAt(activity.first ?? now), last: dayAt(activity.last ?? now) };
  const today = dayAt(now);
  return { first: today - RANGE_DAYS[range] + 1, last: today };
}

function daysOfDates({ startDate, endDate }: WindowQuery): Days {
  if (startDate === null || endDate === null) {
    throw invalid('expected both startDate and endDate', `only ${startDate === null ? 'endDate' : 'startDate'}`);
  }
  const first = dateOf('startDate', startDate);
  const last = dateOf('endDate', endDate);
  if (first > last) throw invalid('expected startDate to be no later than endDate', `${startDate} and ${endDate}`);
  return { first, last };
}

function dateOf(parameter: string, text: string): DayNumber {
  const day = parseDay(text);
  if (day === null) {
    throw invalid(
      `${parameter}: expected a calendar date YYYY-MM-DD from 1970-01-01 to 9999-12-31`,
      JSON.stringify(text),
    );
  }
  return day;
}

function invalid(expected: string, got: string | number): ClawgaugeError {
  return new ClawgaugeError('invalid_parameter', `${expected}; got ${got}`);
}
