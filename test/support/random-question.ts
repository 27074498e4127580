/** Random questions: any way to name a window, zones with all sorts of midnights, filters of every kind. */
import type { FilterChoice, SplitBy, WindowChoice } from '../../src/snapshot/query.ts';
import { GRANULARITIES, RANGES } from '../../src/snapshot/window.ts';
import { zoneOf } from '../../src/snapshot/zone.ts';
import { below, pick, type Random } from './random.ts';
import { BUSY_MOMENTS } from './random-store.ts';

const DAY = 86_400_000;

/** As Intl spells them, which differs between versions of Node. */
export const ZONES: readonly string[] = [
  'UTC',
  'Europe/Paris',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'UTC+5:45',
  'UTC-9:30',
].map((name) => zoneOf(name).name);

export interface RandomQuestion {
  readonly window: WindowChoice;
  readonly filters: FilterChoice;
  readonly split: SplitBy | null;
  readonly now: number;
}

export function randomQuestion(rnd: Random): RandomQuestion {
  const now = pick(BUSY_MOMENTS, rnd) + below(2 * DAY, rnd) - DAY;
  return {
    window: randomWindow(rnd),
    filters: randomFilters(rnd),
    split: rnd() < 0.4 ? pick(['model', 'provider', 'agent', 'channel', 'kind'] as const, rnd) : null,
    now,
  };
}

function randomWindow(rnd: Random): WindowChoice {
  const timeZone = pick(ZONES, rnd);
  if (rnd() < 0.5) {
    const range = pick(RANGES, rnd);
    // Fine series of long ranges are as right as those of short ones, and slow to work out.
    const fine = range === 'today' || range === '7d' || (range === 'all' && rnd() < 0.2);
    return { timeZone, range, granularity: fine ? pick(GRANULARITIES, rnd) : 'day' };
  }
  const first = pick(BUSY_MOMENTS, rnd) + below(5 * DAY, rnd) - 3 * DAY;
  const days = pick([0, 0, 0, 1, 2, 6, 30, 31, 400], rnd);
  const dates = { startDate: dateOf(first), endDate: dateOf(first + days * DAY) };
  return { timeZone, ...dates, granularity: days > 31 ? 'day' : pick(GRANULARITIES, rnd) };
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function randomFilters(rnd: Random): FilterChoice {
  const some = (share: number, ...values: string[]) =>
    rnd() < share ? { values: Array.from({ length: 1 + below(3, rnd) }, () => pick(values, rnd)) } : { values: [] };
  return {
    agent: some(0.2, 'main', 'ops', 'attic', 'nobody').values,
    channel: some(0.2, 'telegram', 'webchat', 'discord', 'slack', 'none').values,
    kind: some(0.2, 'main', 'direct', 'group', 'cron', 'topic', 'orphan', 'other').values,
    provider: some(0.2, 'acme', 'Acme', 'anthropic', 'none', '', 'openclaw').values,
    model: some(0.2, 'acme-large', 'acme-tiered', 'none', 'claude-sonnet-4-6').values,
  };
}
