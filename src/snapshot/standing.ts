/** What the service knows at a moment: the snapshot that is published, since when it holds, and what the last refresh found. */
import type { Problem } from '../compute/transcript.ts';
import type { Milliseconds } from '../units.ts';
import { isBlinding } from './blinding.ts';
import { type HeadFacts, headOf, isCurrent } from './head.ts';
import type { KeeperReport } from './keeper-calls.ts';
import { cacheWork, keeperProblems } from './keeper-news.ts';
import type { PublishedSnapshot } from './published.ts';
import type { RefreshOutcome } from './refresh.ts';
import type { RefreshRecord } from './refresh-record.ts';
import type { SnapshotHead } from './shapes.ts';
import type { RestoredSnapshot } from './snapshot-file.ts';
import type { StatusAnswer } from './status.ts';

export class Standing {
  readonly #refreshInterval: Milliseconds;
  #snapshot: PublishedSnapshot | null = null;
  #complete = false;
  #verifiedAt: Milliseconds = 0;
  #head: SnapshotHead | null = null;
  /** What the head at hand was made of. */
  #headFacts: HeadFacts | null = null;
  #report: KeeperReport | null = null;
  #problems: readonly Problem[] = [];
  /** The last refresh could not look into a store: the figures are those of before. */
  #blind = false;
  #lastError: StatusAnswer['lastError'] = null;

  constructor(refreshInterval: Milliseconds, restored: RestoredSnapshot | null) {
    this.#refreshInterval = refreshInterval;
    if (restored === null) return;
    this.#snapshot = restored.snapshot;
    this.#verifiedAt = restored.verifiedAt;
    this.#complete = true;
  }

  get snapshot(): PublishedSnapshot | null {
    return this.#snapshot;
  }

  /** A complete snapshot was published at some time, or restored. */
  get complete(): boolean {
    return this.#complete;
  }

  get verifiedAt(): Milliseconds {
    return this.#verifiedAt;
  }

  /** What the keeper said at the end of the last refresh that went well; null before one did. */
  get report(): KeeperReport | null {
    return this.#report;
  }

  /** Of the last refresh that went well. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get lastError(): StatusAnswer['lastError'] {
    return this.#lastError;
  }

  /** The head now; null before anything was published. The same object until something in it changes. */
  head(is: Pick<HeadFacts, 'refreshing' | 'failed' | 'shedding'>, now: Milliseconds): SnapshotHead | null {
    const snapshot = this.#snapshot;
    if (snapshot === null) return null;
    const facts: HeadFacts = {
      snapshot,
      verifiedAt: this.#verifiedAt,
      refreshInterval: this.#refreshInterval,
      refreshing: is.refreshing,
      failed: is.failed || this.#blind,
      shedding: is.shedding,
    };
    if (this.#head === null || !isCurrent(this.#head, this.#headFacts, facts, now)) {
      this.#head = headOf(facts, now);
      this.#headFacts = facts;
    }
    return this.#head;
  }

  /** @param since when the refresh began whose result the snapshot is */
  publish(snapshot: PublishedSnapshot, since: Milliseconds): void {
    if (this.#snapshot === null) this.#verifiedAt = since;
    this.#snapshot = snapshot;
  }

  /** Takes note of a refresh that ended, and adds to its record what only the report tells; without an outcome it failed. */
  ended(
    record: RefreshRecord,
    outcome: RefreshOutcome | null,
    ownProblems: readonly Problem[],
    now: Milliseconds,
  ): void {
    if (outcome !== null) {
      const { report, problems } = outcome;
      record.cache = cacheWork(report, this.#report);
      record.oldestLook = report.oldestLook;
      this.#report = report;
      this.#problems = [...problems, ...keeperProblems(report), ...ownProblems];
      this.#blind = problems.some(isBlinding);
      if (!this.#blind) this.#verifiedAt = now;
      this.#complete ||= report.coverage.pending === 0;
    }
    if (record.error !== null) this.#lastError = { at: now, ...record.error };
  }
}
