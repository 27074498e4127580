/**
 * Brings back what a keeper knew that is gone, a slice at a time: what is retained, the stored digests of transcripts
 * that are there, and stored ones of transcripts that are not, which vanished while nobody looked.
 */
import { isDeepStrictEqual } from 'node:util';
import type { StoredDigest } from '../cache/digest-store.ts';
import type { DigestShelf } from './digest-shelf.ts';
import type { Holdings } from './holdings.ts';
import type { Retention } from './retention.ts';
import { storedIdentity } from './stored-identity.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** Digests restored from disk before other work gets its turn. */
const RESTORE_SLICE = 200;
/** Stored transcripts that are looked through in one go. */
const STRAY_SLICE = 2_000;

export type IsHidden = (row: Pick<TranscriptRow, 'agent' | 'name'>) => boolean;

export class Restoration {
  readonly #shelf: DigestShelf;
  readonly #retention: Retention;
  readonly #holdings: Holdings;
  #toRestore: TranscriptRow[] = [];
  /** Where the search for stored transcripts that are not there stands; null when it is over. */
  #straysFrom: string | null = '';
  /** Strays that nobody could look for: they may be there. */
  readonly #hidden = new Set<TranscriptRow>();
  #isHidden: IsHidden = () => true;
  /** Transcripts of which the disk holds another identity. */
  readonly #identified = new Set<TranscriptRow>();

  constructor(shelf: DigestShelf, retention: Retention, holdings: Holdings) {
    this.#shelf = shelf;
    this.#retention = retention;
    this.#holdings = holdings;
  }

  /** Whether a keeper that has just begun has more to bring back, or the disk something to be told. */
  get isIdle(): boolean {
    return this.#straysFrom === null && this.#toIdentify().length === 0;
  }

  /** An inventory ended. @param isHidden whether it could not see where a transcript lies */
  begin(isHidden: IsHidden): void {
    this.#isHidden = isHidden;
    // The disk has no later digest than memory.
    const toRestore = [...this.#holdings.catalog.pending].filter(({ isFolded }) => !isFolded);
    // To ask for each of them takes as long as planning what is folded instead.
    this.#toRestore = toRestore.length > 0 && this.#shelf.hasNothingStored ? [] : toRestore;
    for (const row of this.#hidden) {
      if (isHidden(row)) continue;
      this.#hidden.delete(row);
      this.#retention.gone(row);
    }
  }

  /** True when there is more to do. */
  step(): boolean {
    if (this.#retention.load()) return true;
    for (const row of this.#toRestore.splice(0, RESTORE_SLICE)) this.#restore(row);
    if (this.#toRestore.length > 0 || this.#findStrays()) return true;
    const rows = this.#toIdentify();
    const identified = rows.map(({ id, identity }) => ({ id, identity: storedIdentity(identity) }));
    this.#shelf.write([], [], identified);
    for (const row of rows) this.#identified.delete(row);
    return false;
  }

  /** Takes note that a folded transcript belongs elsewhere than the disk says. */
  identified(row: TranscriptRow): void {
    this.#identified.add(row);
  }

  /** Takes note that a transcript is stored with its identity. */
  stored(row: TranscriptRow): void {
    this.#identified.delete(row);
  }

  forget(row: TranscriptRow): void {
    this.#identified.delete(row);
    this.#hidden.delete(row);
  }

  /** Those that are to be folded are stored anyhow. */
  #toIdentify(): TranscriptRow[] {
    const { pending } = this.#holdings.catalog;
    return [...this.#identified].filter((row) => !pending.has(row));
  }

  /** Also an earlier state of a transcript counts, until that is folded again. */
  #restore(row: TranscriptRow): void {
    const stored = this.#shelf.stored(row.id);
    const retained = row.folded?.retained === true;
    if (stored === undefined || !this.#hold(row, stored)) return;
    if (retained) this.#retention.supplanted(row);
    if (!isDeepStrictEqual(storedIdentity(row.identity), stored.identity)) this.#identified.add(row);
  }

  #findStrays(): boolean {
    if (this.#straysFrom === null) return false;
    const ids = this.#shelf.storedIds(this.#straysFrom, STRAY_SLICE);
    for (const id of ids) if (this.#holdings.catalog.rows.get(id) === undefined) this.#takeStray(id);
    this.#straysFrom = ids.at(-1) ?? null;
    return this.#straysFrom !== null;
  }

  #takeStray(id: string): void {
    const stored = this.#shelf.stored(id);
    if (stored === undefined) return;
    const retained = this.#holdings.catalog.departed(id);
    if (retained?.folded?.stamp === stored.stamp) {
      // The last process ended between the ledger and the store.
      this.#retention.handOver(id);
      return;
    }
    // A later state than the one that was retained once.
    if (retained !== undefined) this.#retention.forget(retained);
    const row = retained ?? this.#holdings.enter(id, stored.stamp, stored.identity);
    if (row === null) return;
    const hidden = this.#isHidden(row);
    if ((!hidden && !this.#retention.retains) || !this.#hold(row, stored)) {
      this.#holdings.remove(row);
      this.#retention.discard(id);
    } else if (hidden) {
      this.#hidden.add(row);
    } else {
      this.#retention.gone(row);
    }
  }

  /** False for bytes of another version or damaged ones, which are as good as none. */
  #hold(row: TranscriptRow, { stamp, digest, supersedes }: StoredDigest): boolean {
    try {
      this.#holdings.hold(row, stamp, digest, false);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false;
    }
    this.#retention.release(supersedes);
    return true;
  }
}
