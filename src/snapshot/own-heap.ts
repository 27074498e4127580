/**
 * Keeps the heap of the main thread near its share of the memory cap: V8 has no limit for it, and lets garbage of twice
 * its size pile up while a long first fold goes on.
 */
import type { Clock } from '../clock.ts';
import type { Bytes, Milliseconds } from '../units.ts';

/** A collection holds requests up for some milliseconds. */
const LEAST_BETWEEN: Milliseconds = 10_000;
/** Of what the last collection left: less than this is not worth another one. */
const GROWN = 1.5;

export interface OwnHeapOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly share: Bytes;
  /** What V8 holds for the heap now, garbage included. */
  readonly held: () => Bytes;
  readonly collect: () => void;
}

export class OwnHeap {
  readonly #options: OwnHeapOptions;
  #left: Bytes = 0;
  #collectedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(options: OwnHeapOptions) {
    this.#options = options;
  }

  /** Collects the garbage if the heap has outgrown its share. */
  tidy(): void {
    const { clock, share, held, collect } = this.#options;
    const now = clock.monotonic();
    if (now - this.#collectedAt < LEAST_BETWEEN || held() <= Math.max(share, this.#left * GROWN)) return;
    collect();
    this.#collectedAt = now;
    this.#left = held();
  }
}
