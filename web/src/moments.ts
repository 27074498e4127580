/** Moments in words, in the zone of the page. */
import { timeZone } from './place.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** 14:05 of today, else 12 Nov 14:05. */
export function timeOf(ms: number): string {
  const far = Math.abs(Date.now() - ms) > 64_800_000;
  return formatted(ms, { ...(far ? DAY : {}), hour: '2-digit', minute: '2-digit' });
}

/** A moment of some time, as short as tells it apart: 14:05 within a day, else 12 Nov. */
export function timeWithin(ms: number, span: number): string {
  return formatted(ms, span < 86_400_000 ? { hour: '2-digit', minute: '2-digit' } : DAY);
}

/** 12 Nov 2026, 14:05. */
export function momentOf(ms: number | null): string {
  return ms === null ? '' : formatted(ms, { ...DAY, year: 'numeric', hour: '2-digit', minute: '2-digit' });
}

/** What the clock on the wall shows: weekday (Monday is 0) and hour. */
export function hourOf(ms: number): { weekday: number; hour: number } {
  const text = formatted(ms, { weekday: 'short', hour: '2-digit' });
  return { weekday: WEEKDAYS.findIndex((day) => text.startsWith(day)), hour: Number(/\d\d/.exec(text)?.[0]) };
}

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** 12 Nov, of YYYY-MM-DD. */
export function dayWords(date: string): string {
  const [, month = '1', day = ''] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1]}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = { day: 'numeric', month: 'short' } as const;

function formatted(ms: number, options: Intl.DateTimeFormatOptions): string {
  const zone = timeZone.value;
  const key = `${zone} ${Object.keys(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    const fixed = fixedOffset(zone);
    format = new Intl.DateTimeFormat('en-GB', {
      ...options,
      hourCycle: 'h23',
      timeZone: fixed === null ? zone : 'UTC',
    });
    formats.set(key, format);
  }
  return format.format(ms + (fixedOffset(zone) ?? 0));
}

/** Milliseconds of a zone such as UTC+5:30, which not every browser knows by name; null for all others. */
function fixedOffset(zone: string): number | null {
  const match = /^UTC([+-])(\d{1,2})(?::(\d\d))?$/.exec(zone);
  if (match === null) return null;
  return (match[1] === '-' ? -60_000 : 60_000) * (Number(match[2]) * 60 + Number(match[3] ?? 0));
}
