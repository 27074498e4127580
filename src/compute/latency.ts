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
