/** What one inventory is to look at: lists of bytes (compute/look-list.ts), each of one directory and bounded. */
import { LookList } from '../compute/look-list.ts';
import type { Folder } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** Transcripts that are looked at by one task, so that neither it nor its answer is large. */
export const MAX_LOOKS = 20_000;

/** One of the lists. */
export interface FolderLooks {
  readonly folder: Folder;
  readonly list: Uint8Array;
  /** Names in it. */
  readonly count: number;
}

export class Looks {
  /** Directories that need not be listed, although they may have changed. */
  readonly leave = new Set<Folder>();
  readonly #open = new Map<Folder, LookList>();
  readonly #full: FolderLooks[] = [];

  /** Adds a transcript that is known, or a name of which no more is. */
  add(folder: Folder, what: TranscriptRow | string): void {
    let list = this.#open.get(folder);
    if (list === undefined) {
      list = new LookList();
      this.#open.set(folder, list);
    }
    if (typeof what === 'string') list.addName(what);
    else list.add(what);
    if (list.count < MAX_LOOKS) return;
    this.#open.delete(folder);
    this.#full.push(finished(folder, list));
  }

  /** All of it; what is added next is not in these lists. */
  finish(): FolderLooks[] {
    const all = [...this.#full, ...[...this.#open].map(([folder, list]) => finished(folder, list))];
    this.#full.length = 0;
    this.#open.clear();
    return all;
  }
}

function finished(folder: Folder, list: LookList): FolderLooks {
  return { folder, list: list.finish(), count: list.count };
}
