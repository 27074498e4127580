/**
 * Collects garbage that V8 would leave for later: where the heap of the main thread, for which V8 has no limit, has
 * outgrown its share of the memory cap, and in every thread when the process nears the cap. The latter ever less often
 * while it frees little: a process may well rest near its cap, with hardly any garbage in it.
 */
import type { Clock } from '../clock.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';

/** A collection holds requests up for some milliseconds. */
const LEAST_BETWEEN: Milliseconds = 10_000;
/** After a collection that freed little the next one is put off for twice as long, up to this. */
const MOST_BETWEEN: Milliseconds = 600_000;
/** Of resident memory: what a collection has to free to be worth it, and growth after which it is not put off. */
const WORTH: Bytes = 8 * MIB;
/** Of what the last collection left in the heap: less than this is not worth another one. */
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
  #wait: Milliseconds = LEAST_BETWEEN;
  /** Resident memory before the last collection of all threads. */
  #before: Bytes = 0;
  /** The least seen since that; null before there was one. */
  #since: Bytes | null = null;

  constructor(options: TidyingOptions) {
    this.#options = options;
  }

  /**
   * Collects garbage where it is time to.
   * @param rss resident memory of the process
   * @param pressed whether it nears the cap
   */
  tidy(rss: Bytes, pressed: boolean): void {
    const { clock, share, held, collect, collectKeeper } = this.#options;
    const now = clock.monotonic();
    if (this.#since !== null) this.#since = Math.min(this.#since, rss);
    if (now - this.#collectedAt < LEAST_BETWEEN) return;
    const putOff = this.#since !== null && this.#before - this.#since < WORTH && rss - this.#since < WORTH;
    if (pressed && (!putOff || now - this.#collectedAt >= this.#wait)) {
      this.#wait = putOff ? Math.min(this.#wait * 2, MOST_BETWEEN) : LEAST_BETWEEN;
      this.#before = rss;
      this.#since = rss;
      collectKeeper();
    } else if (held() <= Math.max(share, this.#left * GROWN)) {
      return;
    }
    collect();
    this.#collectedAt = now;
    this.#left = held();
  }
}
