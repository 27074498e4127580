/**
 * The transcripts of each instance (one agent and session id), under small numbers, and which of them something happened
 * to: lists of sessions are brought up to date by that.
 */
import { RowGroups } from './row-groups.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** More numbers than this are not worth telling apart from all of them. */
const MAX_TOUCHED = 4096;

export class Instances {
  readonly #groups = new RowGroups(({ agent, sessionId }) => `${agent}/${sessionId}`);
  /** Null when everything has to be looked at. */
  #touched: Set<number> | null = null;

  /** All numbers lie below. */
  get end(): number {
    return this.#groups.end;
  }

  /** The transcripts of an instance; none where there is no instance of this number. */
  at(number: number): readonly TranscriptRow[] {
    return this.#groups.at(number);
  }

  /** The transcripts of one instance. */
  of(agent: string, sessionId: string): readonly TranscriptRow[] {
    return this.#groups.sharing(`${agent}/${sessionId}`);
  }

  /** The transcripts of each instance. */
  all(): Iterable<readonly TranscriptRow[]> {
    return this.#groups.all();
  }

  enter(row: TranscriptRow): void {
    this.#touch(this.#groups.enter(row));
  }

  leave(row: TranscriptRow): void {
    this.#touch(this.#groups.leave(row));
  }

  /** To be called when a transcript counts for something else, or belongs elsewhere. */
  touch(row: TranscriptRow): void {
    if (this.#touched !== null) this.#touch(this.#groups.numberOf(row));
  }

  /** Numbers of instances that something happened to since the last call; null for all of them, and the first time. */
  takeTouched(): ReadonlySet<number> | null {
    const touched = this.#touched;
    if (touched === null || touched.size > 0) this.#touched = new Set();
    return touched;
  }

  #touch(number: number | undefined): void {
    if (number === undefined || this.#touched === null) return;
    this.#touched.add(number);
    if (this.#touched.size > MAX_TOUCHED) this.#touched = null;
  }
}
