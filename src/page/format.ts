/**
 * How the dashboard writes figures. The keeper writes the first page with it and the browser every later one, so that
 * both say the same; no Intl here, whose formatters cost the keeper more memory than all of this.
 */
import type { Milliseconds } from '../units.ts';

/** Dollars to the cent from ten cents on, to the hundredth of a cent below. */
export function dollars(usd: number): string {
  const size = Math.abs(usd);
  if (size > 0 && size < 0.0001) return `${usd < 0 ? '>−' : '<'}$0.0001`;
  const digits = size === 0 || size >= 0.1 ? 2 : 4;
  return `${usd < 0 ? '−' : ''}$${grouped(size.toFixed(digits))}`;
}

/** A count in full. */
export function count(value: number): string {
  return grouped(String(value));
}

/** A large count to three digits: 12.3k, 4.57M. */
export function shortCount(value: number): string {
  if (value < 10_000) return grouped(String(Math.round(value)));
  for (const [size, unit] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    // What would round to 1,000 of a unit is 1 of the next.
    if (value < size * 0.9995) continue;
    const shown = value / size;
    return `${grouped(shown.toFixed(shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0))}${unit}`;
  }
  return String(value);
}

/** 0.734 as 73.4 %. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** How much more or less than before: +12 %, −3 %; null where there was nothing before. */
export function change(now: number, before: number): string | null {
  if (before === 0) return null;
  const ratio = now / before - 1;
  const points = Math.abs(ratio * 100);
  if (points >= 1_000) return `×${shortCount(Math.round(now / before))}`;
  const text = points < 10 ? points.toFixed(1) : points.toFixed(0);
  return Number(text) === 0 ? '±0 %' : `${ratio < 0 ? '−' : '+'}${text} %`;
}

/** 850 ms, 4.2 s, 3 min, 5 h, 2 d. */
export function duration(ms: Milliseconds): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 99.5) return `${seconds < 9.95 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** 512 B, 1.5 KiB, 33.3 MiB. */
export function bytes(size: number): string {
  if (size < 1_024) return `${Math.round(size)} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let [value, unit] = [size / 1_024, 0];
  while (value >= 1_000 && unit < units.length - 1) [value, unit] = [value / 1_024, unit + 1];
  return `${value < 99.95 ? value.toFixed(1) : grouped(value.toFixed(0))} ${units[unit]}`;
}

/** Thousands apart. */
function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}
