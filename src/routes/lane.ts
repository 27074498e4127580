/**
 * A lane of requests that cost something: how many a second, and how many at a time.
 * Requests that only send ready bytes never enter one.
 */
import { ClawgaugeError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';

interface LaneLimits {
  readonly perSecond: number;
  /** How many may come at once after a quiet time. */
  readonly burst: number;
  /** How many may be under way at the same time. */
  readonly waiting: number;
}

export class Lane {
  readonly #limits: LaneLimits;
  #allowance: number;
  #countedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #waiting = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
    this.#allowance = limits.burst;
  }

  /** Lets one request in; call the result when it is done. Throws `too_many_requests`. */
  enter(now: Milliseconds): () => void {
    const { perSecond, burst, waiting } = this.#limits;
    // A clock set back earns nothing, and from then on counts from there.
    const earned = (Math.max(0, now - this.#countedAt) / 1000) * perSecond;
    this.#allowance = Math.min(burst, this.#allowance + earned);
    this.#countedAt = now;
    if (this.#waiting >= waiting) {
      throw new ClawgaugeError('too_many_requests', `At most ${waiting} such requests may wait at the same time.`);
    }
    if (this.#allowance < 1) {
      throw new ClawgaugeError('too_many_requests', `At most ${perSecond} such requests a second are answered.`);
    }
    this.#allowance -= 1;
    this.#waiting += 1;
    let left = false;
    return () => {
      if (!left) this.#waiting -= 1;
      left = true;
    };
  }
}
