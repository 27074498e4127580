/** When the last snapshot is written to its file: at most every half a minute, and at the end; never what is there already. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import type { PublishedSnapshot } from './published.ts';
import type { RestoredSnapshot, SnapshotFile } from './snapshot-file.ts';
import type { UsedZones } from './used-zones.ts';

const SAVE_EVERY: Milliseconds = 30_000;

export class SnapshotSaver {
  /** Why the last try failed; null when it did not. */
  problem: string | null = null;
  readonly #file: SnapshotFile;
  readonly #zones: UsedZones;
  readonly #clock: Clock;
  /** What the file holds, and when it was written. */
  #saved: { readonly what: string; readonly at: Milliseconds } | null;

  constructor(file: SnapshotFile, zones: UsedZones, clock: Clock, restored: RestoredSnapshot | null) {
    this.#file = file;
    this.#zones = zones;
    this.#clock = clock;
    this.#saved = restored === null ? null : { what: this.#nameOf(restored.snapshot), at: clock.now() };
  }

  /** Whether it is time to save again. */
  get isDue(): boolean {
    return this.#saved === null || this.#clock.now() - this.#saved.at >= SAVE_EVERY;
  }

  /** Saves a complete snapshot unless the file holds it already. Never rejects. */
  async save(snapshot: PublishedSnapshot, verifiedAt: Milliseconds): Promise<void> {
    const what = this.#nameOf(snapshot);
    if (what === this.#saved?.what) return;
    this.#saved = { what, at: this.#clock.now() };
    try {
      await this.#file.save(snapshot, verifiedAt, this.#zones.entries());
      this.problem = null;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  /** A zone that is ready from now on changes no figure, and so not the id. */
  #nameOf({ id }: PublishedSnapshot): string {
    return [id, ...this.#zones.names()].join(' ');
  }
}
