import type { Milliseconds } from './units.ts';

/** The only source of time in the service; tests inject their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): Milliseconds;
  /** Milliseconds that never run backwards, for durations. */
  monotonic(): Milliseconds;
  /** Calls back once after a delay; the timer never keeps the process alive. Returns its cancellation. */
  after(delay: Milliseconds, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Not performance.now(): its module takes milliseconds of every start to load.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
