/**
 * The keeper's table of counted transcripts: what the last inventory found, under which dimensions each is filed,
 * and a summary of the digest that is in the rollup, so that most questions about sessions need no digest. What has to
 * be known of all of them at every refresh is counted as they change: nothing here goes through all rows but for that.
 */
import { type Digest, MAX_CELLS, UNDATED } from '../compute/digest.ts';
import type { Bytes, Milliseconds, QuarterHour } from '../units.ts';
import { ActivitySpan } from './activity-span.ts';
import { Families } from './families.ts';
import { Instances } from './instances.ts';
import type { Filing } from './rollup.ts';
import { type SessionSum, sumDigest } from './session-sum.ts';
import { isSetAside, type SetAside } from './set-aside.ts';
import type { Coverage } from './shapes.ts';
import type { Folder, RowIndex } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';
import type { Activity } from './window.ts';

/** Who a transcript belongs to, from the session index (rules in compute/dimensions.ts). */
export interface Identity extends Filing {
  readonly key: string | null;
  readonly label: string | null;
  readonly family: string;
  readonly updatedAt: Milliseconds;
  /** What stands in the open on disk where this is redacted; null where nothing is hidden. */
  readonly hidden: Pick<Identity, 'key' | 'label' | 'family'> | null;
}

/** When a folded transcript counts. */
export interface Extent {
  /** Quarter hours of the first and last dated message; null without any. */
  readonly firstQuarter: QuarterHour | null;
  readonly lastQuarter: QuarterHour | null;
  readonly undated: boolean;
}

/** What is known of a folded transcript without opening its digest. */
export interface Summary extends Extent {
  /** Everything that it counts for; shared, never changed. */
  readonly whole: SessionSum;
  readonly covered: Bytes;
  /** Whether it has MAX_CELLS: what comes to it counts by day. */
  readonly full: boolean;
}

/** What the rollup holds of a transcript, and under which dimensions. */
export interface Folded {
  readonly stamp: string;
  readonly filing: Filing;
  readonly summary: Summary;
  /** Counted as retained: the transcript was found to be gone. */
  readonly retained: boolean;
}

export type { TranscriptRow } from './transcript-row.ts';

const NO_ACTIVITY: Activity = { first: null, last: null };

export class Catalog {
  /** Transcripts that there are, as far as could be seen. */
  readonly rows: RowIndex;
  /** Those that are there no more and count on, by id. */
  readonly #departed = new Map<string, TranscriptRow>();
  /** Of them, counted as retained. */
  #retained = 0;
  readonly instances = new Instances();
  readonly families = new Families(() => this.all());
  /** Rows whose digest in the rollup, if any, is not that of their stamp. */
  readonly #pending = new Set<TranscriptRow>();
  /** Rows that were ever set aside since they were last folded. */
  readonly #aside = new Set<TranscriptRow>();
  readonly #full = new Set<TranscriptRow>();
  readonly #activity = new ActivitySpan(() => activities(this.all()));
  #covered: Bytes = 0;

  constructor(rows: RowIndex) {
    this.rows = rows;
  }

  /** Transcripts that have to be restored or folded, those that are set aside among them. */
  get pending(): ReadonlySet<TranscriptRow> {
    return this.#pending;
  }

  /** Those that have MAX_CELLS. */
  get full(): ReadonlySet<TranscriptRow> {
    return this.#full;
  }

  /** All that count, there or not. */
  *all(): Generator<TranscriptRow, undefined> {
    yield* this.rows.values();
    yield* this.#departed.values();
  }

  /** One that counts, there or not. */
  find(id: string): TranscriptRow | undefined {
    return this.#departed.get(id) ?? this.rows.get(id);
  }

  departed(id: string): TranscriptRow | undefined {
    return this.#departed.get(id);
  }

  enter(row: TranscriptRow): void {
    row.folder.rows.add(row);
    this.rows.size++;
    this.#pending.add(row);
    this.instances.enter(row);
    this.families.enter(row);
  }

  /** Enters a transcript that is not there any more. */
  enterDeparted(row: TranscriptRow): void {
    this.#departed.set(row.id, row);
    this.instances.enter(row);
    this.families.enter(row);
  }

  /** A transcript is not there any more: it counts on with what was folded of it. */
  depart(row: TranscriptRow & { folded: Folded }): void {
    this.putAside(row, null);
    this.#leaveFolder(row);
    this.#pending.delete(row);
    const { folded } = row;
    this.#covered -= folded.summary.covered;
    if (folded.retained) this.#retained++;
    row.depart();
    row.keep(folded.stamp, folded);
    this.#departed.set(row.id, row);
  }

  /** A transcript is there again. */
  comeBack(row: TranscriptRow, folder: Folder): void {
    const { folded } = row;
    if (folded?.retained) this.#retained--;
    this.#departed.delete(row.id);
    this.families.rename([row], () => row.comeBack(folder));
    folder.rows.add(row);
    this.rows.size++;
    this.#covered += folded?.summary.covered ?? 0;
    this.#sort(row);
  }

  remove(row: TranscriptRow): void {
    this.fold(row, null);
    this.putAside(row, null);
    if (row.exists) this.#leaveFolder(row);
    else this.#departed.delete(row.id);
    this.#pending.delete(row);
    this.instances.leave(row);
    this.families.leave(row);
    row.leave();
  }

  /** Another content than before. */
  restamp(row: TranscriptRow, stamp: string): void {
    row.keep(stamp, row.folded);
    // The time of its last change may be what its session is sorted by.
    this.instances.touch(row);
    this.#sort(row);
  }

  /** Another digest in the rollup than before, or none. */
  fold(row: TranscriptRow, folded: Folded | null): void {
    const before = row.folded;
    const [older, newer] = [before?.summary, folded?.summary];
    if (row.exists) this.#covered += (newer?.covered ?? 0) - (older?.covered ?? 0);
    else this.#retained += Number(folded?.retained ?? false) - Number(before?.retained ?? false);
    this.#activity.replace(older?.whole ?? NO_ACTIVITY, newer?.whole ?? NO_ACTIVITY);
    if (newer?.full) this.#full.add(row);
    else this.#full.delete(row);
    row.keep(row.stamp, folded);
    this.instances.touch(row);
    this.#sort(row);
  }

  putAside(row: TranscriptRow, setAside: SetAside | null): void {
    row.setAside = setAside;
    if (setAside === null) this.#aside.delete(row);
    else this.#aside.add(row);
  }

  /** Another identity than before. */
  identify(row: TranscriptRow): void {
    this.instances.touch(row);
  }

  /** Rows that are set aside for the content that they have now. */
  setAside(): (TranscriptRow & { setAside: SetAside })[] {
    return [...this.#aside].filter(isSetAside);
  }

  /** First and last dated message of all folded transcripts. */
  activity(): Activity {
    return this.#activity.get();
  }

  coverage(): Coverage {
    const failed = this.setAside().length;
    const pending = this.#pending.size - failed;
    return { transcripts: this.rows.size, pending, failed, retained: this.#retained, bytes: this.#covered };
  }

  #leaveFolder(row: TranscriptRow): void {
    row.folder.rows.delete(row);
    this.rows.size--;
  }

  #sort(row: TranscriptRow): void {
    if (!row.exists || row.isCurrent) this.#pending.delete(row);
    else this.#pending.add(row);
  }
}

export function summarise(digest: Digest, covered: Bytes): Summary {
  const whole = sumDigest(digest, EVERYTHING, null);
  const quarters = [...digest.activity.keys()];
  return {
    firstQuarter: quarters.length === 0 ? null : quarters.reduce((a, b) => Math.min(a, b)),
    lastQuarter: quarters.length === 0 ? null : quarters.reduce((a, b) => Math.max(a, b)),
    undated: digest.cells.has(UNDATED),
    whole,
    covered,
    full: digest.size >= MAX_CELLS,
  };
}

const EVERYTHING = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, undated: true };

function* activities(rows: Iterable<TranscriptRow>): Generator<Activity> {
  for (const { folded } of rows) if (folded !== null) yield folded.summary.whole;
}
