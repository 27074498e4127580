/**
 * Transcripts that have something in common, as groups under small numbers. Groups are found by the text that their
 * transcripts share, which is not kept but asked of one of them: for a hundred thousand groups that saves ten megabytes.
 */
import { hashOf } from '../text-hash.ts';
import { TranscriptRow } from './transcript-row.ts';

/** Places at first; always a power of two. */
const LEAST = 16;
const FREE = 0;
const LEFT = -1;

export class RowGroups {
  readonly #sharedBy: (row: TranscriptRow) => string;
  /**
   * By number; null where it is free, and the only row by itself: an array for each would be most of the memory. Arrays
   * are replaced, never changed: lists hold on to them.
   */
  readonly #rows: (TranscriptRow | readonly TranscriptRow[] | null)[] = [];
  readonly #numbers: number[] = [];
  /** An open table by the hash of what is shared: one more than the number, FREE, or LEFT where a group was. */
  #places = new Int32Array(LEAST);
  #hashes = new Int32Array(LEAST);
  /** Places that are not FREE. */
  #taken = 0;

  /**
   * @param sharedBy what tells the group of a row; the same for as long as the row is in it
   * @param rows that are in it at first
   */
  constructor(sharedBy: (row: TranscriptRow) => string, rows: Iterable<TranscriptRow> = []) {
    this.#sharedBy = sharedBy;
    for (const row of rows) {
      const number = this.#numberFor(row);
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

  /** The transcripts of each group. */
  *all(): Generator<readonly TranscriptRow[]> {
    for (const rows of this.#rows) if (rows !== null) yield asRows(rows);
  }

  /** The number of a row's group; undefined where there is none. */
  numberOf(row: TranscriptRow): number | undefined {
    const place = this.#find(this.#sharedBy(row));
    return place < 0 ? undefined : (this.#places[place] as number) - 1;
  }

  /** Gives the number of the group. */
  enter(row: TranscriptRow): number {
    const number = this.#numberFor(row);
    this.#rows[number] = asKept(this.at(number).concat(row));
    return number;
  }

  /** Gives the number that the group has or had. */
  leave(row: TranscriptRow): number | undefined {
    const place = this.#find(this.#sharedBy(row));
    if (place < 0) return undefined;
    const number = (this.#places[place] as number) - 1;
    const rows = asKept(this.at(number).filter((other) => other !== row));
    this.#rows[number] = rows;
    if (rows !== null) return number;
    this.#places[place] = LEFT;
    this.#numbers.push(number);
    return number;
  }

  /** Of the group of a row, which is opened where there is none. */
  #numberFor(row: TranscriptRow): number {
    const shared = this.#sharedBy(row);
    const place = this.#find(shared);
    if (place >= 0) return (this.#places[place] as number) - 1;
    if ((this.#taken + 1) * 4 > this.#places.length * 3) this.#rehash();
    const number = this.#numbers.pop() ?? this.#rows.push(null) - 1;
    this.#enterPlace(hashOf(shared), number + 1);
    return number;
  }

  /** The place of the group that shares a text; -1 without any. */
  #find(shared: string): number {
    const hash = hashOf(shared);
    const mask = this.#places.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const number = this.#places[at] as number;
      if (number === FREE) return -1;
      if (number === LEFT || this.#hashes[at] !== hash) continue;
      const [row] = this.at(number - 1);
      if (row !== undefined && this.#sharedBy(row) === shared) return at;
    }
  }

  #enterPlace(hash: number, number: number): void {
    const mask = this.#places.length - 1;
    let at = hash & mask;
    while (this.#places[at] !== FREE) at = (at + 1) & mask;
    this.#places[at] = number;
    this.#hashes[at] = hash;
    this.#taken++;
  }

  /** Into places of which the groups that there are take half at most. */
  #rehash(): void {
    const [places, hashes] = [this.#places, this.#hashes];
    const groups = this.#rows.length - this.#numbers.length;
    let length = LEAST;
    while (length < (groups + 1) * 2) length *= 2;
    this.#places = new Int32Array(length);
    this.#hashes = new Int32Array(length);
    this.#taken = 0;
    for (const [at, number] of places.entries()) {
      if (number !== FREE && number !== LEFT) this.#enterPlace(hashes[at] as number, number);
    }
  }
}

function asRows(rows: TranscriptRow | readonly TranscriptRow[] | null | undefined): readonly TranscriptRow[] {
  if (rows === null || rows === undefined) return [];
  return rows instanceof TranscriptRow ? [rows] : rows;
}

function asKept(rows: readonly TranscriptRow[]): TranscriptRow | readonly TranscriptRow[] | null {
  return rows.length > 1 ? rows : (rows[0] ?? null);
}
