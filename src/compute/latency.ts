/**
 * Latencies are kept exact up to a count and as buckets of at most 2 % width (1 % error) beyond it.
 * Either way a set of latencies is a multiset of whole milliseconds, so merging is adding and taking out is subtracting.
 */
import type { Milliseconds } from '../units.ts';

/** Latencies of one transcript that are kept exact; one more, and all of them are quantised. */
export const EXACT_LATENCIES = 2048;

/** Bucket bounds: b(0) = 0, b(i+1) = max(b(i) + 1, floor(b(i) * 51 / 50)), up to the first one above 12 hours. */
const BOUNDS: readonly Milliseconds[] = (() => {
  const bounds = [0];
  for (let last = 0; last <= 12 * 3_600_000; bounds.push(last)) last = Math.max(last + 1, Math.floor((last * 51) / 50));
  return bounds;
})();

/** The value that stands for a latency's bucket: the middle of it, rounded down. Idempotent. */
export function quantised(latency: Milliseconds): Milliseconds {
  let low = 0;
  let high = BOUNDS.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((BOUNDS[middle] as number) <= latency) low = middle;
    else high = middle;
  }
  return Math.floor(((BOUNDS[low] as number) + (BOUNDS[high] as number) - 1) / 2);
}

/** Latencies that are being gathered, each as often as it came; `capacity` is how many there will be. */
export class LatencyBag {
  readonly #values: Int32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#values = new Int32Array(capacity);
  }

  add(latency: Milliseconds, times: number): void {
    this.#values.fill(latency, this.#count, this.#count + times);
    this.#count += times;
  }

  /** All of them in ascending order. */
  sorted(): Int32Array {
    return this.#values.subarray(0, this.#count).sort();
  }
}

/** The value at a quantile of sorted latencies, at least one: sorted[ceil(q * n) - 1] (format.md 2.7). */
export function quantile(sorted: Int32Array, q: number): Milliseconds {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] as number;
}
