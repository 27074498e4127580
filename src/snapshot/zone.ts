/**
 * Time zones as tables: the UTC offset of any moment and where each local day begins, without asking Intl per record.
 * The transitions of a span of 52 weeks are looked for when a moment in it is first asked about, and then kept.
 */
import { ClawgaugeError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';

/** Days from 1970-01-01 to a calendar date. */
export type DayNumber = number;
/** What the clock on the wall shows: milliseconds from its 1970-01-01T00:00 to its reading. */
export type LocalTime = number;

export const HOUR_MS: Milliseconds = 3_600_000;
export const DAY_MS: Milliseconds = 24 * HOUR_MS;

/** The day numbers and moments that a Date can hold, on either side of 1970. */
const MAX_DAY: DayNumber = 1e8;
const MAX_MOMENT: Milliseconds = MAX_DAY * DAY_MS;

/** Two changes that undo each other within one step would be missed; the nearest such pair (Recife in 2000) is a week apart. */
const STEP_MS: Milliseconds = 3.5 * DAY_MS;
const SPAN_MS: Milliseconds = 52 * 7 * DAY_MS;
/** More than the largest offset that any zone has had. */
const FAR_EAST: Milliseconds = 16 * HOUR_MS;

const MAX_ZONES = 64;
const MAX_SPANS = 512;
const known = new Map<string, Zone>();

/**
 * The zone of a name: IANA (any case; `name` is then Intl's spelling), `UTC`, or `UTC+H`, `UTC-H:MM`, `UTC+HH:MM`
 * in quarter hours from -12:00 to +14:00. A space counts as `+`, which is what an unescaped plus in a query becomes.
 * Throws `invalid_parameter` for any other.
 */
export function zoneOf(name: string): Zone {
  let zone = known.get(name);
  if (zone === undefined) {
    zone = fixedZone(name) ?? namedZone(name);
    if (known.size >= MAX_ZONES) known.delete(known.keys().next().value as string);
    known.set(name, zone);
  }
  return zone;
}

/**
 * One time zone. Its days are half-open and follow each other without overlap: a day begins at the first moment that
 * has its date or a later one. So a day that the calendar skipped is empty, and when clocks are set back past a
 * midnight (St. John's until 2011), what is lived through again stays with the day that had begun.
 */
export class Zone {
  readonly name: string;
  readonly #offsetAt: (ms: Milliseconds) => Milliseconds;
  readonly #spans = new Map<number, readonly Segment[]>();

  /** `offsetAt` may be slow; it is asked some 150 times per span. */
  constructor(name: string, offsetAt: (ms: Milliseconds) => Milliseconds) {
    this.name = name;
    this.#offsetAt = offsetAt;
  }

  /** Local time minus UTC. */
  offsetAt(ms: Milliseconds): Milliseconds {
    return this.#segmentAt(ms).offset;
  }

  localTime(ms: Milliseconds): LocalTime {
    return ms + this.offsetAt(ms);
  }

  /** The day that a moment belongs to. The first day that a Date can hold takes in what lies before it. */
  dayOf(ms: Milliseconds): DayNumber {
    const { offset, reached } = this.#segmentAt(ms);
    return Math.max(-MAX_DAY, Math.floor(Math.max(ms + offset, reached) / DAY_MS));
  }

  /** The first moment of a day; that of the next existing one for a day that was skipped. */
  startOfDay(day: DayNumber): Milliseconds {
    return day <= -MAX_DAY ? -MAX_MOMENT : this.firstMomentAt(day * DAY_MS);
  }

  /** The first moment at which the clock shows this time; where it was skipped, the first one after the gap. */
  firstMomentAt(local: LocalTime): Milliseconds {
    let from = local - FAR_EAST;
    for (;;) {
      const { until, offset } = this.#segmentAt(from);
      const moment = Math.max(from, local - offset);
      if (moment < until) return moment;
      from = until;
    }
  }

  #segmentAt(ms: Milliseconds): Segment {
    const index = Math.floor(ms / SPAN_MS);
    let segments = this.#spans.get(index);
    if (segments === undefined) {
      segments = segmentsBetween(index * SPAN_MS, (index + 1) * SPAN_MS, this.#offsetAt);
      if (this.#spans.size >= MAX_SPANS) this.#spans.clear();
      this.#spans.set(index, segments);
    }
    return segments.find((segment) => ms < segment.until) as Segment;
  }
}

/** `YYYY-MM-DD`; years before 0 and after 9999 as ISO 8601 writes them (`+056789-01-01`). */
export function formatDay(day: DayNumber): string {
  const text = new Date(day * DAY_MS).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** The day of a `YYYY-MM-DD` that is a real date of the years 1970 to 9999, else null. */
export function parseDay(text: string): DayNumber | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const day = dayOfDate(text);
  return day >= 0 && formatDay(day) === text ? day : null;
}

/** The day that `formatDay` wrote; NaN for no date at all. */
export function dayOfDate(text: string): DayNumber {
  return Date.parse(text) / DAY_MS;
}

/** A stretch without a change of offset, within one span. */
interface Segment {
  readonly until: Milliseconds;
  readonly offset: Milliseconds;
  /** What the clock showed last before the change that began the segment. */
  readonly reached: LocalTime;
}

/** The segments of [start, end). It looks one step further back, for the change that the first of them began with. */
function segmentsBetween(
  start: Milliseconds,
  end: Milliseconds,
  offsetAt: (ms: Milliseconds) => Milliseconds,
): readonly Segment[] {
  const segments: Segment[] = [];
  let from = start - STEP_MS;
  let offset = offsetAt(from);
  let reached = Number.NEGATIVE_INFINITY;
  for (let to = start; to <= end; to += STEP_MS) {
    while (offsetAt(to) !== offset) {
      const change = firstChange(from, to, offset, offsetAt);
      if (change > start) segments.push({ until: change, offset, reached });
      reached = change + offset - 1;
      offset = offsetAt(change);
      from = change;
    }
    from = to;
  }
  segments.push({ until: end, offset, reached });
  return segments;
}

/** The second at which the offset, still in force at `low`, no longer is; at `high` it is not. */
function firstChange(
  low: Milliseconds,
  high: Milliseconds,
  offset: Milliseconds,
  offsetAt: (ms: Milliseconds) => Milliseconds,
): Milliseconds {
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function fixedZone(name: string): Zone | null {
  if (!/^UTC[+\- ]/i.test(name)) return null;
  const [, sign, hours, minutes = '0'] = /^UTC([+\- ])(\d{1,2})(?::(\d\d))?$/i.exec(name) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const valid = Number(minutes) < 60 && offset % 15 === 0 && offset >= -12 * 60 && offset <= 14 * 60;
  if (!valid) throw unknownZone('a whole number of quarter hours from UTC-12:00 to UTC+14:00, as in UTC+5:30', name);
  const clock = `${Number(hours)}${Number(minutes) === 0 ? '' : `:${minutes}`}`;
  return new Zone(offset === 0 ? 'UTC' : `UTC${offset < 0 ? '-' : '+'}${clock}`, () => offset * 60_000);
}

function namedZone(name: string): Zone {
  // Newer versions of Node take bare offsets such as +05:30 for names; here a name means the same on all of them.
  const format = /^[a-z]/i.test(name) ? formatOf(name) : null;
  if (format === null) throw unknownZone('an IANA name such as Europe/Paris, UTC, or an offset such as UTC+5:30', name);
  return new Zone(format.resolvedOptions().timeZone, (ms) => intlOffset(format, ms));
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return null;
  }
}

/** The formatted text ends in `GMT`, `GMT+01:00` or `GMT-00:44:30`. */
function intlOffset(format: Intl.DateTimeFormat, ms: Milliseconds): Milliseconds {
  const text = format.format(Math.min(MAX_MOMENT, Math.max(-MAX_MOMENT, ms)));
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (match === null) throw new ClawgaugeError('internal', `expected Intl to write an offset from GMT, got ${text}`);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function unknownZone(expected: string, name: string): ClawgaugeError {
  return new ClawgaugeError('invalid_parameter', `timeZone: expected ${expected}; got ${JSON.stringify(name)}`);
}
