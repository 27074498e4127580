/** How long ago the oldest look at a transcript was, told from the slices in which all of them come up in turn. */
import type { Milliseconds } from '../units.ts';

interface Slice {
  readonly at: Milliseconds;
  readonly count: number;
}

export class LookLog {
  /** Oldest first. */
  #slices: Slice[] = [];
  #count = 0;

  add(at: Milliseconds, count: number): void {
    this.#slices.push({ at, count });
    this.#count += count;
  }

  /** The age of the slice that holds the transcript whose turn comes next. @param size number of all transcripts */
  oldest(now: Milliseconds, size: number): Milliseconds | null {
    let past = 0;
    for (const { count } of this.#slices) {
      if (this.#count - count < size) break;
      this.#count -= count;
      past++;
    }
    if (past > 0) this.#slices = this.#slices.slice(past);
    const [oldest] = this.#slices;
    return oldest === undefined ? null : now - oldest.at;
  }
}
