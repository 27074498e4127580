/**
 * How often each latency came. Adding and taking out cost a moment however many there are, and a quantile is looked for
 * only among the latencies near it, never by sorting them all.
 */
import type { Milliseconds } from '../units.ts';
import { NumberTable } from './number-table.ts';

/** Ranges to each power of two: one covers at most 0.2 % of the latencies below it. */
const FINENESS = 9;
/** Latencies end at twelve hours (accounting.ts), and quantised ones (latency.ts) little above. */
const RANGES = rangeOf(2 ** 26) + 1;

export class LatencySum {
  #count = 0;
  /** Counts by milliseconds, and by range. */
  readonly #exact = new NumberTable();
  readonly #ranges = new Int32Array(RANGES);

  /** Adds a latency so many times; takes it out again where that is negative. */
  add(latency: Milliseconds, times: number): void {
    const range = rangeOf(latency);
    this.#count += times;
    this.#exact.add(latency, times);
    this.#ranges[range] = (this.#ranges[range] as number) + times;
  }

  /** The value at a quantile of at least one latency: sorted[ceil(q * n) - 1] (format.md 2.7); 0 gives the smallest. */
  quantile(q: number): Milliseconds {
    const rank = Math.max(1, Math.ceil(this.#count * q));
    let below = 0;
    let range = 0;
    for (let next = this.#ranges[0] as number; below + next < rank; next = this.#ranges[range] as number) {
      below += next;
      range++;
    }
    const last = firstOf(range + 1) - 1;
    for (let latency = firstOf(range); latency < last; latency++) {
      below += this.#exact.get(latency) ?? 0;
      if (below >= rank) return latency;
    }
    return last;
  }
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
