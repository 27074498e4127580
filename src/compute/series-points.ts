/**
 * Usage records on their way to the points of a series, in bounded memory: as they come, each is a row of its own; when
 * there is no room left, neighbours become one row, and from then on a row is as many records.
 */

import type { Milliseconds, NanoDollars } from '../units.ts';
import {
  CACHE_READ,
  CACHE_WRITE,
  COST,
  ESTIMATED,
  type Figures,
  INPUT,
  MISSING,
  OUTPUT,
  RECORDS,
  TOTAL_TOKENS,
} from './figures.ts';

/** Some neighbouring records, summed up. */
export interface PointSum {
  /** Of the first and the last of them in time. */
  readonly start: Milliseconds;
  readonly end: Milliseconds;
  readonly records: number;
  readonly estimated: number;
  readonly missing: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly totalTokens: number;
  readonly cost: NanoDollars;
}

/** What is summed up, in the order of a row behind its start and end. */
const SUMMED = [RECORDS, ESTIMATED, MISSING, INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, TOTAL_TOKENS, COST] as const;
const START = 0;
const END = 1;
const SUMS = 2;
const WIDTH = SUMS + SUMMED.length;

/** Rows at most: 5.5 MiB. Up to so many records are told apart. */
const MOST_ROWS = 65_536;
const FIRST_ROWS = 256;

export class SeriesPoints {
  readonly #most: number;
  #rows: Float64Array;
  #count = 0;
  /** Records of one row. */
  #each = 1;
  /** Room in the last row, in records. */
  #room = 0;

  /** @param most rows that are kept at a time, even */
  constructor(most = MOST_ROWS) {
    this.#most = most;
    this.#rows = new Float64Array(Math.min(most, FIRST_ROWS) * WIDTH);
  }

  /** Takes a record with usage. */
  add(time: Milliseconds, figures: Figures): void {
    if (this.#room === 0) this.#begin(time);
    const rows = this.#rows;
    const base = (this.#count - 1) * WIDTH;
    rows[base + START] = Math.min(rows[base + START] as number, time);
    rows[base + END] = Math.max(rows[base + END] as number, time);
    for (const [at, column] of SUMMED.entries()) {
      rows[base + SUMS + at] = (rows[base + SUMS + at] as number) + (figures[column] as number);
    }
    this.#room--;
  }

  /**
   * All records in the order of their time, in at most `most` groups of equally many rows: as the gateway makes them
   * (format.md 2.13) for as long as each record is a row of its own.
   */
  groups(most: number): PointSum[] {
    const order = Array.from({ length: this.#count }, (_, row) => row * WIDTH);
    order.sort((a, b) => (this.#rows[a + END] as number) - (this.#rows[b + END] as number));
    const step = Math.max(1, Math.ceil(order.length / most));
    const groups: PointSum[] = [];
    for (let from = 0; from < order.length; from += step) groups.push(this.#sum(order.slice(from, from + step)));
    return groups;
  }

  #begin(time: Milliseconds): void {
    if (this.#count === this.#most) this.#halve();
    if (this.#room > 0) return;
    const base = this.#count * WIDTH;
    if (base === this.#rows.length) {
      const grown = new Float64Array(Math.min(this.#rows.length * 2, this.#most * WIDTH));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows.fill(0, base, base + WIDTH);
    this.#rows[base + START] = time;
    this.#rows[base + END] = time;
    this.#count++;
    this.#room = this.#each;
  }

  /** Makes one row of each two: there is an even number of them, and all are full. */
  #halve(): void {
    const rows = this.#rows;
    for (let to = 0; to < this.#count / 2; to++) {
      const [target, first, second] = [to * WIDTH, to * 2 * WIDTH, (to * 2 + 1) * WIDTH];
      rows[target + START] = Math.min(rows[first + START] as number, rows[second + START] as number);
      rows[target + END] = Math.max(rows[first + END] as number, rows[second + END] as number);
      for (let at = SUMS; at < WIDTH; at++) {
        rows[target + at] = (rows[first + at] as number) + (rows[second + at] as number);
      }
    }
    this.#count /= 2;
    this.#each *= 2;
  }

  #sum(bases: readonly number[]): PointSum {
    const total = (at: number) => bases.reduce((sum, base) => sum + (this.#rows[base + at] as number), 0);
    const [records, estimated, missing, input, output, cacheRead, cacheWrite, totalTokens, cost] = SUMMED.map((_, at) =>
      total(SUMS + at),
    ) as [number, number, number, number, number, number, number, number, number];
    return {
      start: bases.reduce(
        (least, base) => Math.min(least, this.#rows[base + START] as number),
        Number.POSITIVE_INFINITY,
      ),
      end: bases.reduce((most, base) => Math.max(most, this.#rows[base + END] as number), Number.NEGATIVE_INFINITY),
      records,
      estimated,
      missing,
      input,
      output,
      cacheRead,
      cacheWrite,
      totalTokens,
      cost,
    };
  }
}
