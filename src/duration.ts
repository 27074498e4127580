/** Durations as people write them in options: a whole number and a unit, `250ms`, `10s`, `5m`, `24h`, `400d`. */
import type { Milliseconds } from './units.ts';

const UNITS: Readonly<Record<string, Milliseconds>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The duration in milliseconds, or null when the text is not one. Units are lower-case; there is no unit by default. */
export function parseDuration(text: string): Milliseconds | null {
  const [, digits, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return null;
  const duration = Number(digits) * UNITS[unit]!;
  return Number.isSafeInteger(duration) ? duration : null;
}
