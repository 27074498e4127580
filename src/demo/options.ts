/** What a generated store is to be like: the options, their defaults, and the one place that checks them. */
import { ClawgaugeError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';

export interface StoreOptions {
  /** Same options, same store. */
  readonly seed: number;
  /** Nothing is dated after it. */
  readonly now: Milliseconds;
  readonly agents: number;
  /** Counted transcripts per agent, archives and topics included. */
  readonly sessions: number;
  /** Mean size of a transcript in KiB. */
  readonly meanKb: number;
  /** Size at which a transcript ends, in KiB. */
  readonly maxKb: number;
  /** How far back the store reaches. */
  readonly days: number;
  /** Share of the transcripts that have damaged lines, 0 to 1. */
  readonly malformed: number;
}

export const storeDefaults: Omit<StoreOptions, 'now'> = {
  seed: 1,
  agents: 9,
  sessions: 20,
  meanKb: 200,
  maxKb: 8192,
  days: 90,
  malformed: 0.03,
};

interface Limits {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

const LIMITS: Readonly<Record<keyof StoreOptions, Limits>> = {
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
  now: { least: Date.UTC(2000, 0, 1), most: Date.UTC(2100, 0, 1), whole: true },
  agents: { least: 1, most: 1000, whole: true },
  sessions: { least: 1, most: 1_000_000, whole: true },
  meanKb: { least: 1, most: 65_536, whole: false },
  maxKb: { least: 1, most: 1_048_576, whole: false },
  days: { least: 1, most: 3650, whole: true },
  malformed: { least: 0, most: 1, whole: false },
};

/** Fills in the defaults; throws `invalid_option` for a value outside its limits. */
export function storeOptions(given: Partial<StoreOptions> & Pick<StoreOptions, 'now'>): StoreOptions {
  const options = { ...storeDefaults, ...given };
  for (const [name, limits] of Object.entries(LIMITS) as [keyof StoreOptions, Limits][]) {
    const value = options[name];
    if (!(value >= limits.least && value <= limits.most) || (limits.whole && !Number.isInteger(value))) {
      throw new ClawgaugeError(
        'invalid_option',
        `${name}: expected a ${limits.whole ? 'whole ' : ''}number from ${limits.least} to ${limits.most}, got ${value}`,
      );
    }
  }
  return options;
}
