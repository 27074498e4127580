/**
 * Which transcripts an inventory looks at. Those that a watched directory named and those written lately, each time;
 * of the others a slice, so large that every transcript comes up at least every ten minutes. Watchers may miss
 * anything, so nothing here depends on them but how soon a change is seen.
 */
import { parseTranscriptName } from '../compute/transcript-name.ts';
import type { Milliseconds } from '../units.ts';
import type { DirectoryChange } from './change-hints.ts';
import { isInDatabase } from './in-database.ts';
import { LookLog } from './look-log.ts';
import { LookRound } from './look-round.ts';
import { Looks } from './looks.ts';
import type { Folder, RowIndex } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** Every transcript is looked at, and every directory listed, within this time, and half a minute to spare. */
const ROUND: Milliseconds = 570_000;
/** Transcripts a second that are looked at anyhow: a store of usual size is looked at whole each time. */
const LEAST_RATE = 200;
const RECENT: Milliseconds = 3_600_000;
const MAX_RECENT = 1_000;
/** A directory of which every change was named is not listed more often than this. */
const LIST_EVERY: Milliseconds = 10_000;
/** So much of the time that a refresh took counts against the rounds: one that lasted longer must not be followed by a look at everything. */
const LONG_REFRESH: Milliseconds = 30_000;

const NONE: ReadonlySet<TranscriptRow> = new Set();

/** What brought the refresh about. */
export interface LookReason {
  /** Somebody asked, or what was seen last time was not taken over. */
  readonly everything: boolean;
  /** What watchers told since the last refresh. */
  readonly changes: readonly DirectoryChange[];
}

export class LookPlan {
  readonly #rows: RowIndex;
  /** Files written lately and when, longest unchanged first. What is in a database is looked at when that changed, and only then. */
  readonly #recent = new Map<TranscriptRow, Milliseconds>();
  readonly #log = new LookLog();
  readonly #round: LookRound;
  #slicedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(rows: RowIndex) {
    this.#rows = rows;
    this.#round = new LookRound(rows);
  }

  /** What to look at now. */
  next(now: Milliseconds, { everything, changes }: LookReason): Looks {
    const looks = new Looks();
    const named = everything ? NONE : this.#addChanges(looks, changes, now);
    for (const [row, mtimeMs] of this.#recent) {
      if (now - mtimeMs > RECENT) this.#recent.delete(row);
      else if (!named.has(row)) looks.add(row.folder, row);
    }
    this.#addSlice(looks, now, everything, named);
    return looks;
  }

  /** Whether a directory has to be listed even if it looks unchanged. */
  isListDue(folder: Folder, now: Milliseconds): boolean {
    return now - folder.listedAt >= ROUND;
  }

  /** Takes note of a transcript that is new or has changed. */
  changed(row: TranscriptRow): void {
    if (isInDatabase(row)) return;
    this.#recent.delete(row);
    this.#recent.set(row, row.mtimeMs);
    if (this.#recent.size < 2 * MAX_RECENT) return;
    const latest = [...this.#recent].sort(([, a], [, b]) => b - a).slice(0, MAX_RECENT);
    this.#recent.clear();
    for (const [row, mtimeMs] of latest.reverse()) this.#recent.set(row, mtimeMs);
  }

  /** A refresh that a look belonged to has ended. */
  ended(now: Milliseconds): void {
    const over = now - this.#slicedAt - LONG_REFRESH;
    if (over <= 0 || !Number.isFinite(over)) return;
    this.#slicedAt += over;
    for (const folder of this.#rows.folders()) folder.listedAt += over;
  }

  forget(row: TranscriptRow): void {
    this.#recent.delete(row);
  }

  /** How long ago the look at any transcript can be; null before the first. */
  oldestLook(now: Milliseconds): Milliseconds | null {
    return this.#log.oldest(now, this.#rows.size);
  }

  /** Gives the known ones of what it adds. */
  #addChanges(looks: Looks, changes: readonly DirectoryChange[], now: Milliseconds): Set<TranscriptRow> {
    const named = new Set<TranscriptRow>();
    if (changes.length === 0) return named;
    const folders = new Map([...this.#rows.folders()].map((folder) => [folder.path, folder]));
    for (const { directory, names } of changes) {
      const folder = folders.get(directory);
      if (folder === undefined) continue;
      if (names === null) {
        for (const row of folder.rows.values()) named.add(row);
        continue;
      }
      if (now - folder.listedAt < LIST_EVERY) looks.leave.add(folder);
      for (const name of names) {
        if (parseTranscriptName(name) === null) continue;
        const row = folder.rows.get(name);
        if (row === undefined) looks.add(folder, name);
        else named.add(row);
      }
    }
    for (const row of named) looks.add(row.folder, row);
    return named;
  }

  /** The next transcripts of the round: as many as bring it to its end in time if refreshes go on coming like this one. */
  #addSlice(looks: Looks, now: Milliseconds, everything: boolean, named: ReadonlySet<TranscriptRow>): void {
    const { size } = this.#rows;
    const elapsed = now - this.#slicedAt;
    this.#slicedAt = now;
    const share = everything || elapsed < 0 || elapsed >= ROUND / 2 ? 1 : elapsed / (ROUND - elapsed);
    const count = Math.min(size, Math.ceil(Math.max(size * share, (elapsed * LEAST_RATE) / 1_000)));
    for (let left = count; left > 0; left--) {
      const row = this.#round.next();
      if (row === undefined) break;
      if (!isInDatabase(row) && !this.#recent.has(row) && !named.has(row)) looks.add(row.folder, row);
    }
    this.#log.add(now, count);
  }
}
