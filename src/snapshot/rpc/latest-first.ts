/** Sorts by time in steps: a hundred thousand rows take longer than a question should have to wait. */
import type { Milliseconds } from '../../units.ts';
import { type BuildSteps, PAUSE } from './call-build.ts';

/** Places that are sorted or merged between two pauses. */
const AT_ONCE = 1024;

/** The places of the times, the latest time first; equal ones stay in their order. */
export function* latestFirst(times: ArrayLike<Milliseconds>): BuildSteps<Uint32Array> {
  let order = Uint32Array.from({ length: times.length }, (_, at) => at);
  const isBefore = (a: number, b: number) => (times[a] as number) >= (times[b] as number);
  for (let from = 0; from < order.length; from += AT_ONCE) {
    order.subarray(from, from + AT_ONCE).sort((a, b) => (times[b] as number) - (times[a] as number) || a - b);
    yield PAUSE;
  }
  for (let width = AT_ONCE; width < order.length; width *= 2) {
    const merged = new Uint32Array(order.length);
    for (let from = 0; from < order.length; from += 2 * width) {
      const [middle, end] = [Math.min(from + width, order.length), Math.min(from + 2 * width, order.length)];
      let [left, right] = [from, middle];
      for (let at = from; at < end; at++) {
        const takesLeft = right === end || (left < middle && isBefore(order[left] as number, order[right] as number));
        merged[at] = order[takesLeft ? left++ : right++] as number;
        if (at % AT_ONCE === 0) yield PAUSE;
      }
    }
    order = merged;
  }
  return order;
}
