/**
 * Collects garbage that V8 would leave for later: where the heap of the main thread, for which V8 has no limit, has
 * outgrown its share of the memory cap, and in whatever thread there is any when the process nears the cap.
 */
import type { Clock } from '../clock.ts';
import type { Bytes, Milliseconds } from '../units.ts';

/** A collection holds requests up for some milliseconds. */
const LEAST_BETWEEN: Milliseconds = 10_000;
/** Of what the last collection left: less than this is not worth another one. */
const GROWN = 1.5;

export interface TidyingOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly share: Bytes;
  /** What V8 holds for the heap now, garbage included. */
  readonly held: () => Bytes;
  readonly collect: () => void;
  /** Has the keeper do the same. */
  readonly collectKeeper: () => void;
}

export class Tidying {
  readonly #options: TidyingOptions;
  #left: Bytes = 0;
  #collectedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(options: TidyingOptions) {
    this.#options = options;
  }

  /** Collects garbage where it is time to. @param pressed whether the process nears its cap */
  tidy(pressed: boolean): void {
    const { clock, share, held, collect, collectKeeper } = this.#options;
    const now = clock.monotonic();
    const outgrown = held() > Math.max(share, this.#left * GROWN);
    if (now - this.#collectedAt < LEAST_BETWEEN || !(pressed || outgrown)) return;
    collect();
    if (pressed) collectKeeper();
    this.#collectedAt = now;
    this.#left = held();
  }
}
