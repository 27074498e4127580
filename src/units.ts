/** Names for units, so that a signature says what a number measures. */

/** A duration, or a moment as milliseconds since the Unix epoch. */
export type Milliseconds = number;
/** A count of bytes. */
export type Bytes = number;
/** 1e-9 US dollars; always an integer below 2^53. */
export type NanoDollars = number;
/** UTC quarter hours since the Unix epoch: floor(milliseconds / 900,000). May be negative. */
export type QuarterHour = number;

export const QUARTER_MS: Milliseconds = 900_000;
export const KIB: Bytes = 1024;
export const MIB: Bytes = 1024 * 1024;

/** The UTC quarter hour that holds a moment. */
export function quarterOf(ms: Milliseconds): QuarterHour {
  return Math.floor(ms / QUARTER_MS);
}
