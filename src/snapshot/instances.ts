/**
 * The transcripts of each instance (one agent and session id), under small numbers, and which of them something happened
 * to: lists of sessions are brought up to date by that.
 */
import { TranscriptRow } from './transcript-row.ts';

/** More numbers than this are not worth telling apart from all of them. */
const MAX_TOUCHED = 4096;

export class Instances {
  readonly #numbers = new Map<string, Map<string, number>>();
  /**
   * By number; null where it is free, and the only row by itself: an array for each would be most of the memory. Arrays
   * are replaced, never changed: lists hold on to them.
   */
  readonly #rows: (TranscriptRow | readonly TranscriptRow[] | null)[] = [];
  readonly #free: number[] = [];
  /** Null when everything has to be looked at. */
  #touched: Set<number> | null = null;

  /** All numbers lie below. */
  get end(): number {
    return this.#rows.length;
  }

  /** The transcripts of an instance; none where there is no instance of this number. */
  at(number: number): readonly TranscriptRow[] {
    return asRows(this.#rows[number]);
  }

  /** The transcripts of each instance. */
  *all(): Generator<readonly TranscriptRow[]> {
    for (const rows of this.#rows) if (rows !== null) yield asRows(rows);
  }

  enter(row: TranscriptRow): void {
    const number = this.#numberOf(row) ?? this.#newNumber(row);
    this.#rows[number] = asKept(this.at(number).concat(row));
    this.#touch(number);
  }

  leave(row: TranscriptRow): void {
    const number = this.#numberOf(row);
    if (number === undefined) return;
    const rows = this.at(number).filter((other) => other !== row);
    this.#rows[number] = asKept(rows);
    this.#touch(number);
    if (rows.length > 0) return;
    this.#numbers.get(row.agent)?.delete(row.sessionId);
    this.#free.push(number);
  }

  /** To be called when a transcript counts for something else, or belongs elsewhere. */
  touch(row: TranscriptRow): void {
    const number = this.#numberOf(row);
    if (number !== undefined) this.#touch(number);
  }

  /** Numbers of instances that something happened to since the last call; null for all of them, and the first time. */
  takeTouched(): ReadonlySet<number> | null {
    const touched = this.#touched;
    if (touched === null || touched.size > 0) this.#touched = new Set();
    return touched;
  }

  #numberOf({ agent, sessionId }: TranscriptRow): number | undefined {
    return this.#numbers.get(agent)?.get(sessionId);
  }

  #newNumber({ agent, sessionId }: TranscriptRow): number {
    const number = this.#free.pop() ?? this.#rows.push(null) - 1;
    const numbers = this.#numbers.get(agent);
    if (numbers === undefined) this.#numbers.set(agent, new Map([[sessionId, number]]));
    else numbers.set(sessionId, number);
    return number;
  }

  #touch(number: number): void {
    this.#touched?.add(number);
    if (this.#touched !== null && this.#touched.size > MAX_TOUCHED) this.#touched = null;
  }
}

function asRows(rows: TranscriptRow | readonly TranscriptRow[] | null | undefined): readonly TranscriptRow[] {
  if (rows === null || rows === undefined) return [];
  return rows instanceof TranscriptRow ? [rows] : rows;
}

function asKept(rows: readonly TranscriptRow[]): TranscriptRow | readonly TranscriptRow[] | null {
  return rows.length > 1 ? rows : (rows[0] ?? null);
}
