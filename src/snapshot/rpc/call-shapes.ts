/**
 * The calls that are worth having ready: those that were made lately, with their dates moved to today, and before any
 * was made, those that the gateway's own pages make when they open (format.md 4).
 */
import type { Milliseconds } from '../../units.ts';
import { DAY_MS, formatDay, parseDay } from '../zone.ts';
import type { Dialect } from './answer.ts';
import { callZone } from './call-window.ts';

/** A call as it is made. */
export interface CallShape {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** More that were made are not worth the memory. */
const MOST_SHAPES = 16;
const REMEMBERED: Milliseconds = DAY_MS;
/** Of a call's text: longer ones are none that are made again and again. */
const MAX_TEXT = 1000;
/** How far the page of 2026.9 looks back when it opens, in days. */
const OPENING_DAYS = 30;
const OPENING_LIMIT = 1000;

export class CallShapes {
  readonly #gatewayZone: string;
  /** By their text; the latest last. Dates of a span that ended on the day of the call are days from that day on. */
  readonly #made = new Map<string, { readonly shape: CallShape; readonly at: Milliseconds }>();

  constructor(gatewayZone: string) {
    this.#gatewayZone = gatewayZone;
  }

  /** Remembers a call that was answered. */
  note({ method, params }: CallShape, dialect: Dialect, now: Milliseconds): void {
    const today = this.#today(params, dialect, now);
    const shape = { method, params: today === null ? params : relative(params, today) };
    const text = JSON.stringify(shape);
    if (text.length > MAX_TEXT) return;
    this.#made.delete(text);
    this.#made.set(text, { shape, at: now });
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MOST_SHAPES) break;
      this.#made.delete(oldest);
    }
  }

  /** Whether somebody called lately; else what is worth having ready is a guess. */
  isAsked(now: Milliseconds): boolean {
    return [...this.#made.values()].some(({ at }) => now - at < REMEMBERED);
  }

  /** As they would be made today, the latest first. */
  worthReady(dialect: Dialect, now: Milliseconds): CallShape[] {
    const made = [...this.#made.values()].filter(({ at }) => now - at < REMEMBERED).map(({ shape }) => shape);
    const shapes = made.length > 0 ? made.reverse() : openingCalls(dialect, this.#gatewayZone);
    return shapes.map(({ method, params }) => {
      const today = this.#today(params, dialect, now);
      return { method, params: today === null ? params : absolute(params, today) };
    });
  }

  #today(params: CallShape['params'], dialect: Dialect, now: Milliseconds): number | null {
    const zone = callZone(params, dialect, this.#gatewayZone);
    return typeof zone === 'string' ? null : zone.dayOf(now);
  }
}

/** What the Control UI of a version asks when its page of usage opens, in the zone of the gateway. */
function openingCalls(dialect: Dialect, timeZone: string): CallShape[] {
  const common = { endDate: 0, groupBy: 'instance', limit: OPENING_LIMIT };
  if (dialect === '2026.9') {
    const params = { ...common, startDate: 1 - OPENING_DAYS, mode: 'specific', timeZone, agentScope: 'all' };
    return [{ method: 'sessions.usage', params }];
  }
  const today = { startDate: 0, mode: 'gateway' };
  return [
    { method: 'sessions.usage', params: { ...common, ...today, includeContextWeight: true } },
    { method: 'usage.cost', params: { ...today, endDate: 0 } },
  ];
}

function relative(params: CallShape['params'], today: number): CallShape['params'] {
  const { startDate, endDate } = params;
  const [start, end] = [startDate, endDate].map((date) => (typeof date === 'string' ? parseDay(date) : null));
  if (typeof start !== 'number' || end !== today) return params;
  return { ...params, startDate: start - today, endDate: 0 };
}

function absolute(params: CallShape['params'], today: number): CallShape['params'] {
  const { startDate, endDate } = params;
  if (typeof startDate !== 'number' || typeof endDate !== 'number') return params;
  return { ...params, startDate: formatDay(today + startDate), endDate: formatDay(today + endDate) };
}
