/**
 * The span of time that a call asks for, as its gateway finds it: two dates, a named range, or a number of days, taken
 * for days of UTC, of the gateway's zone, or of an offset or zone that the call names (format.md 2.9 and 3).
 */
import type { Milliseconds } from '../../units.ts';
import { DAY_MS, type DayNumber, formatDay, parseDay, type Zone, zoneOf } from '../zone.ts';
import type { Dialect } from './answer.ts';

export interface CallWindow {
  /** Both included. */
  readonly startMs: Milliseconds;
  readonly endMs: Milliseconds;
  /** The zone that days are told apart in. */
  readonly dayZone: string;
  /** Whether messages without a time count, where the method has a place for them. */
  readonly undated: boolean;
  /** What the answer calls the limits. */
  readonly startDate: string;
  readonly endDate: string;
}

/** The parameters that a window is made of; of any type, where the gateway does not check them. */
export interface WindowParams {
  readonly startDate?: unknown;
  readonly endDate?: unknown;
  readonly range?: unknown;
  readonly days?: unknown;
  readonly mode?: unknown;
  readonly utcOffset?: unknown;
  readonly timeZone?: unknown;
}

const RANGE_DAYS: Readonly<Record<string, number>> = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 };
const DEFAULT_DAYS = 30;
/** Of 2026.9; 2026.5 has no limit, and a window of more days than a Date can hold is none. */
const MAX_DAYS = 36_600;
/** No real zone has another offset, and amounts are kept by quarter hours. */
const QUARTER_HOUR_MINUTES = 15;

/**
 * @param gatewayZone the zone of mode "gateway", and of the days of 2026.5
 * @returns the message of the gateway where it refuses
 */
export function callWindow(
  params: WindowParams,
  dialect: Dialect,
  gatewayZone: string,
  now: Milliseconds,
): CallWindow | string {
  const zone = callZone(params, dialect, gatewayZone);
  if (typeof zone === 'string') return zone;
  return dialect === '2026.5' ? earlierWindow(params, zone, gatewayZone, now) : laterWindow(params, zone, now);
}

/** The zone that the days of a call are those of; the gateway's message where it refuses. */
export function callZone(params: WindowParams, dialect: Dialect, gatewayZone: string): Zone | string {
  if (dialect === '2026.9') return laterZone(params, gatewayZone);
  return zoneOf(params.mode === 'gateway' ? gatewayZone : (specificOffset(params) ?? 'UTC'));
}

/** 2026.5: a day always has 24 hours, and what cannot be understood is as good as absent. */
function earlierWindow(params: WindowParams, zone: Zone, gatewayZone: string, now: Milliseconds): CallWindow {
  const today = zone.startOfDay(zone.dayOf(now));
  const start = looseDate(params.startDate);
  const end = looseDate(params.endDate);
  const between = (startMs: Milliseconds, lastDay: Milliseconds): CallWindow => {
    const endMs = lastDay + DAY_MS - 1;
    const utcDate = (ms: Milliseconds) => formatDay(Math.floor(ms / DAY_MS));
    return {
      startMs,
      endMs,
      dayZone: gatewayZone,
      undated: true,
      startDate: utcDate(startMs),
      endDate: utcDate(endMs),
    };
  };
  if (start !== null && end !== null) return between(zone.startOfDay(start), zone.startOfDay(end));
  if (params.range === 'all') return between(0, today);
  const days = rangeDays(params.range) ?? numberOfDays(params.days) ?? DEFAULT_DAYS;
  return between(Math.max(0, today - (Math.max(1, days) - 1) * DAY_MS), today);
}

/** 2026.9: days are those of the calendar, and what cannot be understood is refused. */
function laterWindow(params: WindowParams, zone: Zone, now: Milliseconds): CallWindow | string {
  for (const name of ['startDate', 'endDate'] as const) {
    const date = params[name];
    if (date === undefined || date === null || (typeof date === 'string' && date.trim() === '')) continue;
    if (strictDate(date) === null) return `invalid ${name}: expected a valid YYYY-MM-DD calendar date`;
  }
  const today = zone.dayOf(now);
  const start = strictDate(params.startDate);
  const end = strictDate(params.endDate);
  if ((start === null) !== (end === null)) return 'startDate and endDate must be provided together';
  const between = (startMs: Milliseconds, last: DayNumber, undated: boolean): CallWindow => {
    const endMs = zone.startOfDay(last + 1) - 1;
    const date = (ms: Milliseconds) => formatDay(zone.dayOf(ms));
    return { startMs, endMs, dayZone: zone.name, undated, startDate: date(startMs), endDate: date(endMs) };
  };
  if (start !== null && end !== null) {
    if ([start, end].some((day) => zone.dayOf(zone.startOfDay(day)) !== day)) {
      return 'calendar day does not exist in requested time zone';
    }
    if (start > end) return 'startDate must not be after endDate';
    return between(zone.startOfDay(start), end, false);
  }
  if (params.range === 'all') return between(0, today, true);
  const days = rangeDays(params.range) ?? numberOfDays(params.days) ?? DEFAULT_DAYS;
  return between(zone.startOfDay(today - (Math.max(1, Math.min(days, MAX_DAYS)) - 1)), today, false);
}

function laterZone(params: WindowParams, gatewayZone: string): Zone | string {
  if (params.mode === 'gateway') return zoneOf(gatewayZone);
  if (params.mode !== 'specific') return zoneOf('UTC');
  const offset = specificOffset(params);
  if (params.timeZone !== undefined && params.timeZone !== null) {
    const named = typeof params.timeZone === 'string' ? ianaZone(params.timeZone.trim()) : null;
    if (named !== null) return named;
    return offset === null ? 'invalid timeZone: expected a valid IANA time zone' : zoneOf(offset);
  }
  if (offset !== null) return zoneOf(offset);
  const { utcOffset } = params;
  const given = utcOffset !== undefined && utcOffset !== null && utcOffset !== '';
  return given ? 'invalid utcOffset: expected UTC-12:00 through UTC+14:00' : zoneOf('UTC');
}

function ianaZone(name: string): Zone | null {
  try {
    return /^[a-z]/i.test(name) && !/^UTC[+-]/i.test(name) ? zoneOf(name) : null;
  } catch {
    return null;
  }
}

/** The name of a fixed zone, to the nearest quarter hour; null where the parameter names no offset there is. */
function specificOffset({ mode, utcOffset }: WindowParams): string | null {
  if (mode !== 'specific' || typeof utcOffset !== 'string') return null;
  const [, sign, hours, minutes = '0'] = /^UTC([+-])(\d{1,2})(?::([0-5]\d))?$/.exec(utcOffset.trim()) ?? [];
  if (sign === undefined) return null;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  if (offset < -12 * 60 || offset > 14 * 60) return null;
  const nearest = Math.round(offset / QUARTER_HOUR_MINUTES) * QUARTER_HOUR_MINUTES;
  const [whole, rest] = [Math.floor(Math.abs(nearest) / 60), Math.abs(nearest) % 60];
  return `UTC${nearest < 0 ? '-' : '+'}${whole}:${String(rest).padStart(2, '0')}`;
}

/** A date, also one that the calendar does not have, which then is so many days later: 2026-02-30 is the second of March. */
function looseDate(text: unknown): DayNumber | null {
  const [, year, month, day] = typeof text === 'string' ? (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim()) ?? []) : [];
  return year === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY_MS;
}

function strictDate(text: unknown): DayNumber | null {
  return typeof text === 'string' ? parseDay(text.trim()) : null;
}

function rangeDays(range: unknown): number | null {
  return typeof range === 'string' && Object.hasOwn(RANGE_DAYS, range) ? (RANGE_DAYS[range] as number) : null;
}

function numberOfDays(days: unknown): number | null {
  const text = typeof days === 'string' && days.trim() !== '';
  const number = text ? Number(days) : days;
  return typeof number === 'number' && Number.isFinite(number) ? Math.floor(number) : null;
}
