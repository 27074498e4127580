/**
 * How often each latency came. Adding and taking out cost a moment however many there are, and a quantile is looked for
 * only among the latencies near it, never by sorting them all; and only if it may be another one than the last time.
 */
import type { Milliseconds } from '../units.ts';
import { NumberTable } from './number-table.ts';

/** 2^FINENESS ranges to each power of two: one spans at most 0.05 % of its latencies. */
const FINENESS = 11;
/** 2^BLOCK ranges are passed over at once. */
const BLOCK = 8;
/** Latencies end at twelve hours (accounting.ts), and quantised ones (latency.ts) little above. */
const RANGES = rangeOf(2 ** 26) + 1;

/** Where a quantile was last found. */
interface Found {
  readonly latency: Milliseconds;
  /** How many latencies are smaller, and how many are equal. */
  smaller: number;
  equal: number;
}

export class LatencySum {
  #count = 0;
  readonly #found = new Map<number, Found>();
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
    for (const found of this.#found.values()) {
      if (latency < found.latency) found.smaller += times;
      else if (latency === found.latency) found.equal += times;
    }
  }

  /** The value at a quantile of at least one latency: sorted[ceil(q * n) - 1] (format.md 2.7); 0 gives the smallest. */
  quantile(q: number): Milliseconds {
    const rank = Math.max(1, Math.ceil(this.#count * q));
    const known = this.#found.get(q);
    if (known !== undefined && rank > known.smaller && rank <= known.smaller + known.equal) return known.latency;
    const found = this.#find(rank);
    this.#found.set(q, found);
    return found.latency;
  }

  #find(rank: number): Found {
    const block = reach(this.#blocks, 0, rank);
    const range = reach(this.#ranges, block.at << BLOCK, rank - block.before);
    const last = firstOf(range.at + 1) - 1;
    let smaller = block.before + range.before;
    for (let latency = firstOf(range.at); ; latency++) {
      const equal = this.#exact.get(latency) ?? 0;
      if (smaller + equal >= rank || latency === last) return { latency, smaller, equal };
      smaller += equal;
    }
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
