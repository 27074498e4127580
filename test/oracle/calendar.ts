/**
 * Days of a time zone, asked of Intl (or of plain arithmetic for `UTC+H:MM`) one moment at a time.
 * Everything is in whole UTC quarter hours: a day starts with the first quarter hour that carries its date or a later one.
 */

export const QUARTER = 900_000;
const DAY = 86_400_000;

/** No zone ever was that far ahead of UTC. */
const FARTHEST_AHEAD = 16 * 3_600_000;

/** Days since 1970-01-01. */
export type DayNumber = number;

interface LocalTime {
  day: DayNumber;
  /** Milliseconds since the local midnight that the clock shows. */
  clock: number;
}

export class Calendar {
  readonly #localTime: (ms: number) => LocalTime;
  readonly #starts = new Map<DayNumber, number>();
  readonly #days = new Map<number, DayNumber>();

  constructor(timeZone: string) {
    this.#localTime = fixedOffset(timeZone) ?? intlTime(timeZone);
  }

  /** First quarter hour of a day. A day that the zone skipped starts where the next one does, and is empty. */
  startOf(day: DayNumber): number {
    const known = this.#starts.get(day);
    if (known !== undefined) return known;
    let quarter = day * DAY - FARTHEST_AHEAD;
    while (this.#localTime(quarter).day < day) quarter += QUARTER;
    this.#starts.set(day, quarter);
    return quarter;
  }

  /** The day whose [start, next start) holds this moment. */
  dayOf(ms: number): DayNumber {
    const quarter = floorToQuarter(ms);
    const known = this.#days.get(quarter);
    if (known !== undefined) return known;
    let day = this.#localTime(quarter).day;
    while (quarter < this.startOf(day)) day--;
    while (quarter >= this.startOf(day + 1)) day++;
    this.#days.set(quarter, day);
    return day;
  }

  /**
   * The first quarter hour of `day` at which its clock shows at least what it shows at `ms`; the day's end if none does.
   * That is the first of two when the clock was set back, and the end of the gap when it was set forward.
   */
  sameClockTime(ms: number, day: DayNumber): number {
    const { clock } = this.#localTime(floorToQuarter(ms));
    const end = this.startOf(day + 1);
    let quarter = this.startOf(day);
    while (quarter < end && this.#localTime(quarter).clock < clock) quarter += QUARTER;
    return quarter;
  }
}

const calendars = new Map<string, Calendar>();

export function calendarOf(timeZone: string): Calendar {
  const calendar = calendars.get(timeZone) ?? new Calendar(timeZone);
  calendars.set(timeZone, calendar);
  return calendar;
}

export function floorToQuarter(ms: number): number {
  return Math.floor(ms / QUARTER) * QUARTER;
}

export function formatDay(day: DayNumber): string {
  return new Date(day * DAY).toISOString().split('T')[0] as string;
}

export function parseDay(date: string): DayNumber {
  return Date.parse(`${date}T00:00:00Z`) / DAY;
}

function fixedOffset(timeZone: string): ((ms: number) => LocalTime) | null {
  const match = /^UTC([+-])(\d{1,2})(?::(\d{2}))?$/.exec(timeZone);
  if (match === null) return null;
  const offset = (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
  return (ms) => {
    const day = Math.floor((ms + offset) / DAY);
    return { day, clock: ms + offset - day * DAY };
  };
}

function intlTime(timeZone: string): (ms: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map((part) => [part.type, part.value]));
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
    const day = new Date(0).setUTCFullYear(year, number('month') - 1, number('day')) / DAY;
    const clock = ((number('hour') * 60 + number('minute')) * 60 + number('second')) * 1000;
    return { day, clock };
  };
}
