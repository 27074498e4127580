/**
 * The columns that every sum in the service has: a digest's cells, the rollup's rows, a view's totals.
 * All are integers below 2^53 in a Float64Array, so adding and taking out again is exact in any order.
 */
import type { NanoDollars } from '../units.ts';

export const RECORDS = 0;
export const INPUT = 1;
export const OUTPUT = 2;
export const CACHE_READ = 3;
export const CACHE_WRITE = 4;
export const TOTAL_TOKENS = 5;
export const COST = 6;
export const INPUT_COST = 7;
export const OUTPUT_COST = 8;
export const CACHE_READ_COST = 9;
export const CACHE_WRITE_COST = 10;
/** Of RECORDS, priced by us. */
export const ESTIMATED = 11;
/** Of RECORDS, without any price. */
export const MISSING = 12;
/** TOTAL_TOKENS of the records without any price. */
export const MISSING_TOKENS = 13;
/** What caching saved against uncached input, over the SAVED_RECORDS whose prices are known. */
export const SAVED = 14;
export const SAVED_RECORDS = 15;
/** Of RECORDS and COST, from transcripts that no longer exist: 0 in every digest, filled in when a retained one is read. */
export const RETAINED_RECORDS = 16;
export const RETAINED_COST = 17;
/** User or assistant messages, by the role of the cell. */
export const MESSAGES = 18;
export const TOOL_CALLS = 19;
export const TOOL_RESULTS = 20;
export const ERRORS = 21;
export const LATENCY_COUNT = 22;
/** Milliseconds. */
export const LATENCY_SUM = 23;
/** The columns before this one are those that views are made of; the rollup keeps no others. */
export const VIEW_COLUMNS = 24;
/** The part of the four component costs that is estimated: the gateway of 2026.5 leaves it out of its components. */
export const ESTIMATED_INPUT_COST = 24;
export const ESTIMATED_OUTPUT_COST = 25;
export const ESTIMATED_CACHE_READ_COST = 26;
export const ESTIMATED_CACHE_WRITE_COST = 27;
export const COLUMNS = 28;

/** One set of figures; length COLUMNS. */
export type Figures = Float64Array;

export function noFigures(): Figures {
  return new Float64Array(COLUMNS);
}

/** Many sets of figures that live and die together: buffers of their own would cost several times as much to make. */
export class FiguresPool {
  #block: Figures = new Float64Array(0);
  #used = 0;
  #sets = FIRST_SETS;

  take(): Figures {
    if (this.#used === this.#block.length) {
      this.#block = new Float64Array(this.#sets * COLUMNS);
      this.#sets = Math.min(this.#sets * 2, MOST_SETS);
      this.#used = 0;
    }
    this.#used += COLUMNS;
    return new Float64Array(this.#block.buffer, (this.#used - COLUMNS) * Float64Array.BYTES_PER_ELEMENT, COLUMNS);
  }
}

/** A session of a few quarter hours needs few, and one of months not much more than it uses. */
const FIRST_SETS = 8;
const MOST_SETS = 64;

export function addFigures(target: Figures, source: Figures): void {
  for (let at = 0; at < COLUMNS; at++) {
    const figure = source[at] as number;
    if (figure !== 0) target[at] = (target[at] as number) + figure;
  }
}

/** Largest token amount and nano-dollar amount of one record: sums stay far below 2^53 on any real store. */
export const MAX_TOKENS = 1e12;
export const MAX_NANO: NanoDollars = 1e13;
