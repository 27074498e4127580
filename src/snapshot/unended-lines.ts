/**
 * Transcripts that grew in the middle of a line: a line that is written in many pieces is not read from its start for
 * each of them, but only once it ended or stood still for a while. Until then what it counted for before counts.
 */
import { fileStateOf } from '../compute/file-stamp.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import { isAppend } from './content-stamp.ts';
import { isSetAside } from './set-aside.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** A line without end that nobody goes on with for this long may be all that will come. */
const STANDS_STILL: Milliseconds = 2_000;

interface Wait {
  /** Content stamp of what was looked through for the end of the line, in vain. */
  readonly stamp: string;
  readonly until: Milliseconds;
}

export class UnendedLines {
  readonly #waits = new Map<TranscriptRow, Wait>();

  /** Notes that the last line of a transcript, as its stamp says it is now, was looked through and has no end. */
  wait(row: TranscriptRow, now: Milliseconds): void {
    this.#waits.set(row, { stamp: row.stamp, until: now + STANDS_STILL });
  }

  forget(row: TranscriptRow): void {
    this.#waits.delete(row);
  }

  /** Whether all that is not folded of a transcript is a line that has no end yet. */
  isWaiting(row: TranscriptRow): boolean {
    const wait = this.#waits.get(row);
    return wait !== undefined && row.isFolded && wait.stamp === row.stamp;
  }

  /** How many transcripts are waiting, without those that are set aside. */
  get waiting(): number {
    return [...this.#waits.keys()].filter((row) => this.isWaiting(row) && !isSetAside(row)).length;
  }

  /** Whether a transcript that is waiting has waited long enough; true of any other. */
  isDue(row: TranscriptRow, now: Milliseconds): boolean {
    return !this.isWaiting(row) || (this.#waits.get(row) as Wait).until <= now;
  }

  /** When each line that is waited for will have stood still. */
  times(): Milliseconds[] {
    return [...this.#waits.values()].map(({ until }) => until);
  }

  /** Bytes that were not there at the last look at a transcript; all of one that became shorter. */
  grownBy(row: TranscriptRow): Bytes {
    const seen = this.#seen(row);
    const { size } = row;
    return size < seen ? size : size - seen;
  }

  /** The byte from which on to look for the end of a transcript's last line; null when it is to be read in any case. */
  lookFrom(row: TranscriptRow): Bytes | null {
    const seen = this.#seen(row);
    return this.isWaiting(row) || row.folded?.summary.covered === seen ? null : seen;
  }

  /** The bytes that were looked at before of a transcript that only grew, under its cursor or not. */
  #seen(row: TranscriptRow): Bytes {
    const { folded } = row;
    if (folded === null) return 0;
    const { stamp } = row;
    const looked = this.#waits.get(row)?.stamp ?? folded.stamp;
    return fileStateOf(looked === stamp || isAppend(looked, stamp) ? looked : folded.stamp).size;
  }
}
