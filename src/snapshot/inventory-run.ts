/** What one inventory has found so far, and what is still to be looked at. */
import { placeOf } from '../agent-id.ts';
import type { LookOrder } from '../compute/look.ts';
import type { Problem } from '../compute/transcript.ts';
import type { Milliseconds } from '../units.ts';
import type { Looks } from './look-plan.ts';
import type { Folder } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** Transcripts that are looked at by one task, so that neither it nor its answer is large. */
const MAX_LOOKS = 20_000;

interface Asked {
  readonly folder: Folder;
  readonly names: readonly string[];
}

export class InventoryRun {
  readonly now: Milliseconds;
  readonly problems: Problem[] = [];
  readonly vanished = new Set<TranscriptRow>();
  /** State directories of which no store, and agents of which nothing could be seen. */
  readonly blindPlaces = new Set<string | null>();
  readonly blindAgents = new Set<string>();
  stores = 0;
  looked = 0;
  /** What the last task was told to look at. */
  asked: readonly Asked[] = [];
  readonly #queue: Asked[] = [];

  constructor(now: Milliseconds) {
    this.now = now;
  }

  /** Whether nothing could be seen of an agent's store. */
  isBlind(agent: string): boolean {
    return this.isPlaceBlind(agent) || this.blindAgents.has(agent);
  }

  /** Whether nothing could be seen of any store of an agent's state directory. */
  isPlaceBlind(agent: string): boolean {
    return this.blindPlaces.has(placeOf(agent));
  }

  queue(looks: Looks): void {
    for (const [folder, names] of looks.names) this.queueNames(folder, [...names]);
  }

  queueNames(folder: Folder, names: readonly string[]): void {
    for (let at = 0; at < names.length; at += MAX_LOOKS) {
      this.#queue.push({ folder, names: names.slice(at, at + MAX_LOOKS) });
    }
  }

  /** Takes what the next task is to look at out of the queue; nothing when that is empty. */
  nextLooks(): LookOrder[] {
    const asked: Asked[] = [];
    for (let left = MAX_LOOKS; left > 0; ) {
      const next = this.#queue[0];
      if (next === undefined || (asked.length > 0 && next.names.length > left)) break;
      this.#queue.shift();
      asked.push(next);
      left -= next.names.length;
    }
    this.asked = asked;
    return asked.map(({ folder, names }) => ({ directory: folder.path, names }));
  }
}
