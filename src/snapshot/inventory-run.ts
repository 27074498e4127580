/** What one inventory has found so far, and what is still to be looked at. */
import { placeOf } from '../agent-id.ts';
import type { LookOrder } from '../compute/look.ts';
import type { Problem } from '../compute/transcript.ts';
import type { Milliseconds } from '../units.ts';
import { type FolderLooks, Looks, MAX_LOOKS } from './looks.ts';
import type { Folder } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';

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
  asked: readonly FolderLooks[] = [];
  readonly #queue: FolderLooks[] = [];

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
    this.#queue.push(...looks.finish());
  }

  /** Queues names of a directory, with what is known of them. */
  queueNames(folder: Folder, names: readonly string[]): void {
    const looks = new Looks();
    for (const name of names) looks.add(folder, folder.rows.get(name) ?? name);
    this.queue(looks);
  }

  /** Takes what the next task is to look at out of the queue; nothing when that is empty. */
  nextLooks(): LookOrder[] {
    const asked: FolderLooks[] = [];
    for (let left = MAX_LOOKS; left > 0; ) {
      const next = this.#queue[0];
      if (next === undefined || (asked.length > 0 && next.count > left)) break;
      this.#queue.shift();
      asked.push(next);
      left -= next.count;
    }
    this.asked = asked;
    return asked.map(({ folder, list }) => ({ directory: folder.path, list }));
  }
}
