/** Gives all rows in turn, again and again, without making anything for each: some are asked for at every refresh. */
import type { Folder, RowIndex } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';

export class LookRound {
  readonly #rows: RowIndex;
  #folders: Iterator<Folder, undefined>;
  #folder: Folder | undefined;
  #place = 0;

  constructor(rows: RowIndex) {
    this.#rows = rows;
    this.#folders = rows.folders();
  }

  /** The next one, after the last one the first; undefined without any. Rows may come and go meanwhile. */
  next(): TranscriptRow | undefined {
    for (let rounds = 0; rounds < 2; ) {
      const rows = this.#folder?.rows;
      while (rows !== undefined && this.#place < rows.end) {
        const row = rows.at(this.#place++);
        if (row !== undefined) return row;
      }
      this.#place = 0;
      this.#folder = this.#folders.next().value;
      if (this.#folder !== undefined) continue;
      this.#folders = this.#rows.folders();
      rounds++;
    }
    return undefined;
  }
}
