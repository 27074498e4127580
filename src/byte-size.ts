/** Sizes as people write them in options: a whole number and a unit, `256mb`, `1gib`; every unit is a power of 1024. */
import { type Bytes, KIB, MIB } from './units.ts';

const GIB: Bytes = 1024 * MIB;
const UNITS: Readonly<Record<string, Bytes>> = { b: 1, kb: KIB, kib: KIB, mb: MIB, mib: MIB, gb: GIB, gib: GIB };

/** The size in bytes, or null when the text is not one. Upper or lower case; there is no unit by default. */
export function parseByteSize(text: string): Bytes | null {
  const [, digits, unit] = /^(\d+)(b|[kmg]i?b)$/.exec(text.toLowerCase()) ?? [];
  if (digits === undefined || unit === undefined) return null;
  const size = Number(digits) * UNITS[unit]!;
  return Number.isSafeInteger(size) ? size : null;
}
