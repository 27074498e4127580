/** The transcripts of one directory by their file names, which are asked of the rows: a Map of them would keep every name in the heap. */
import { RowGroups } from './row-groups.ts';
import type { TranscriptRow } from './transcript-row.ts';

export class FolderRows {
  /** Of one row each. */
  readonly #named = new RowGroups(({ fileName }) => fileName);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** All places lie below. */
  get end(): number {
    return this.#named.end;
  }

  /** The row at a place, which it keeps; undefined where there is none. */
  at(place: number): TranscriptRow | undefined {
    return this.#named.oneAt(place);
  }

  get(fileName: string): TranscriptRow | undefined {
    return this.#named.sharing(fileName)[0];
  }

  has(fileName: string): boolean {
    return this.get(fileName) !== undefined;
  }

  /** Enters a row of a name that none has. */
  add(row: TranscriptRow): void {
    this.#named.enter(row);
    this.#size++;
  }

  /** Takes out a row that is in it. */
  delete(row: TranscriptRow): void {
    this.#named.leave(row);
    this.#size--;
  }

  /** In no order that means anything. Rows may come and go meanwhile. */
  *values(): Generator<TranscriptRow, undefined> {
    for (const rows of this.#named.all()) yield* rows;
  }
}
