/**
 * Transcripts that have something in common, as groups under small numbers. Groups are found by the text that their
 * transcripts share, which is not kept but asked of one of them: for a hundred thousand groups that saves ten megabytes.
 */
import { HashPlaces } from '../hash-places.ts';
import { hashOf } from '../text-hash.ts';
import { TranscriptRow } from './transcript-row.ts';

export class RowGroups {
  readonly #sharedBy: (row: TranscriptRow) => string;
  /**
   * By number; null where it is free, and the only row by itself: an array for each would be most of the memory. Arrays
   * are replaced, never changed: lists hold on to them.
   */
  readonly #rows: (TranscriptRow | readonly TranscriptRow[] | null)[] = [];
  readonly #numbers: number[] = [];
  /** Of the numbers, by what is shared. */
  readonly #places = new HashPlaces();

  /**
   * @param sharedBy what tells the group of a row; the same for as long as the row is in it
   * @param rows that are in it at first, each with what `sharedBy` tells
   */
  constructor(
    sharedBy: (row: TranscriptRow) => string,
    rows: Iterable<readonly [row: TranscriptRow, shared: string]> = [],
  ) {
    this.#sharedBy = sharedBy;
    for (const [row, shared] of rows) {
      const number = this.#numberFor(shared);
      const group = this.#rows[number] ?? null;
      // Nobody holds on to them yet, and some families are large.
      if (Array.isArray(group)) group.push(row);
      else this.#rows[number] = asKept([...asRows(group), row]);
    }
  }

  /** All numbers lie below. */
  get end(): number {
    return this.#rows.length;
  }

  /** The transcripts of a group; none where there is no group of this number. */
  at(number: number): readonly TranscriptRow[] {
    return asRows(this.#rows[number]);
  }

  /** One of the transcripts of a group; undefined where there is none of this number. */
  oneAt(number: number): TranscriptRow | undefined {
    const rows = this.#rows[number];
    return rows instanceof TranscriptRow ? rows : rows?.[0];
  }

  /** The transcripts of each group. */
  *all(): Generator<readonly TranscriptRow[]> {
    for (const rows of this.#rows) if (rows !== null) yield asRows(rows);
  }

  /** The transcripts that share a text. */
  sharing(shared: string): readonly TranscriptRow[] {
    return this.at(this.#find(shared));
  }

  /** The number of a row's group; undefined where there is none. */
  numberOf(row: TranscriptRow): number | undefined {
    const number = this.#find(this.#sharedBy(row));
    return number < 0 ? undefined : number;
  }

  /** Gives the number of the group. */
  enter(row: TranscriptRow): number {
    const number = this.#numberFor(this.#sharedBy(row));
    this.#rows[number] = asKept(this.at(number).concat(row));
    return number;
  }

  /** Gives the number that the group has or had; undefined where the row is not in it. */
  leave(row: TranscriptRow): number | undefined {
    const shared = this.#sharedBy(row);
    const number = this.#find(shared);
    const before = this.at(number);
    const rows = asKept(before.filter((other) => other !== row));
    if (asRows(rows).length === before.length) return undefined;
    this.#rows[number] = rows;
    if (rows !== null) return number;
    this.#places.leave(hashOf(shared), number);
    this.#numbers.push(number);
    return number;
  }

  /** Of the group that shares a text, which is opened where there is none. */
  #numberFor(shared: string): number {
    const found = this.#find(shared);
    if (found >= 0) return found;
    const number = this.#numbers.pop() ?? this.#rows.push(null) - 1;
    this.#places.enter(hashOf(shared), number);
    return number;
  }

  /** The number of the group that shares a text; -1 without any. */
  #find(shared: string): number {
    return this.#places.find(hashOf(shared), (number) => {
      const [row] = this.at(number);
      return row !== undefined && this.#sharedBy(row) === shared;
    });
  }
}

function asRows(rows: TranscriptRow | readonly TranscriptRow[] | null | undefined): readonly TranscriptRow[] {
  if (rows === null || rows === undefined) return [];
  return rows instanceof TranscriptRow ? [rows] : rows;
}

function asKept(rows: readonly TranscriptRow[]): TranscriptRow | readonly TranscriptRow[] | null {
  return rows.length > 1 ? rows : (rows[0] ?? null);
}
