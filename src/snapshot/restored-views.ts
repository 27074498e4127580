/**
 * The views of the last run, for the time until the service itself is loaded: the head derived from timestamps as the
 * service derives it, and no refresh under way yet.
 */
import type { Clock } from '../clock.ts';
import type { Milliseconds } from '../units.ts';
import { type HeadFacts, headOf, isCurrent } from './head.ts';
import type { Rendering } from './renderer.ts';
import type { SnapshotHead } from './shapes.ts';
import type { RestoredSnapshot } from './snapshot-file.ts';

export class RestoredViews {
  readonly #clock: Clock;
  readonly #facts: (HeadFacts & RestoredSnapshot) | null;
  #head: SnapshotHead | null = null;

  /** `restored` is null where no snapshot was kept: then there is nothing to show. */
  constructor(restored: RestoredSnapshot | null, refreshInterval: Milliseconds, clock: Clock) {
    this.#clock = clock;
    this.#facts =
      restored === null ? null : { ...restored, refreshInterval, refreshing: false, failed: false, shedding: false };
  }

  now(): Milliseconds {
    return this.#clock.now();
  }

  complete(): boolean {
    return this.#facts !== null;
  }

  /** The head now; the same object until something in it changes. */
  head(): SnapshotHead | null {
    if (this.#facts === null) return null;
    const now = this.#clock.now();
    if (this.#head === null || !isCurrent(this.#head, this.#facts, this.#facts, now)) {
      this.#head = headOf(this.#facts, now);
    }
    return this.#head;
  }

  ready(key: string): Rendering | undefined {
    return this.#facts?.snapshot.views.get(key);
  }
}
