/**
 * How often each latency came. Adding and taking out cost a moment however many there are, and a quantile is looked for
 * only among the latencies near it, never by sorting them all.
 */
import type { Milliseconds } from '../units.ts';
import { NumberTable } from './number-table.ts';

/** 2^FINENESS ranges to each power of two: one spans at most 0.05 % of its latencies. */
const FINENESS = 11;
/** 2^BLOCK ranges are passed over at once. */
const BLOCK = 8;
/** Latencies end at twelve hours (accounting.ts), and quantised ones (latency.ts) little above. */
const RANGES = rangeOf(2 ** 26) + 1;

export class LatencySum {
  #count = 0;
  /** Counts by milliseconds, by range, and by block of ranges. */
  readonly #exact = new NumberTable();
  readonly #ranges = new Int32Array(RANGES);
  readonly #blocks = new Int32Array((RANGES >> BLOCK) + 1);

  /** Adds a latency so many times; takes it out again where that is negative. */
  add(latency: Milliseconds, times: number): void {
    const range = rangeOf(latency);
    const block = range >> BLOCK;
    this.#count += times;
    this.#exact.add(latency, times);
    this.#ranges[range] = (this.#ranges[range] as number) + times;
    this.#blocks[block] = (this.#blocks[block] as number) + times;
  }

  /** The value at a quantile of at least one latency: sorted[ceil(q * n) - 1] (format.md 2.7); 0 gives the smallest. */
  quantile(q: number): Milliseconds {
    const rank = Math.max(1, Math.ceil(this.#count * q));
    const block = reach(this.#blocks, 0, rank);
    const range = reach(this.#ranges, block.at << BLOCK, rank - block.before);
    const last = firstOf(range.at + 1) - 1;
    let before = block.before + range.before;
    for (let latency = firstOf(range.at); latency < last; latency++) {
      before += this.#exact.get(latency) ?? 0;
      if (before >= rank) return latency;
    }
    return last;
  }
}

/** Where counts, from a place on, add up to at least so many, and how many come before it. */
function reach(counts: Int32Array, from: number, wanted: number): { at: number; before: number } {
  let at = from;
  let before = 0;
  for (let next = counts[at] as number; before + next < wanted; next = counts[at] as number) {
    before += next;
    at++;
  }
  return { at, before };
}

/** Single milliseconds below 2^(FINENESS + 1), and then as many ranges as fit between two powers of two. */
function rangeOf(latency: Milliseconds): number {
  const shift = Math.max(0, 31 - FINENESS - Math.clz32(latency));
  return (shift << FINENESS) + (latency >> shift);
}

function firstOf(range: number): Milliseconds {
  const shift = Math.max(0, (range >> FINENESS) - 1);
  return (range - (shift << FINENESS)) << shift;
}
