/**
 * The keeper's state and everything that changes it: which transcripts there are, which digests the rollup holds,
 * what is set aside, and what has to be folded next. It runs in a thread of its own; views only read it.
 */
import { basename } from 'node:path';
import type { DigestCache } from '../cache/digest-cache.ts';
import type { DigestStore, StoredDigest, StoredIdentity } from '../cache/digest-store.ts';
import type { Digest } from '../compute/digest.ts';
import { unpack } from '../compute/envelope.ts';
import type { Era } from '../compute/era.ts';
import type { StatePlace, WatchedDirectory } from '../compute/inventory.ts';
import type { InventoryAnswer, InventoryTask } from '../compute/inventory-envelope.ts';
import type { OwnPrices } from '../compute/price-list.ts';
import type { ScanRequest, ScanResult } from '../compute/scan-batch.ts';
import type { Problem } from '../compute/transcript.ts';
import { parseTranscriptName } from '../compute/transcript-name.ts';
import type { ErrorCode } from '../errors.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import { Catalog } from './catalog.ts';
import { epochIn } from './content-stamp.ts';
import { CountedDigests } from './counted-digests.ts';
import { DigestShelf } from './digest-shelf.ts';
import { EraChanges, type EraChangesState } from './era-changes.ts';
import { FoldPlan } from './fold-plan.ts';
import type { Holdings } from './holdings.ts';
import { InventoryChanges } from './inventory-changes.ts';
import { InventoryIntake } from './inventory-intake.ts';
import type { KeeperReport } from './keeper-calls.ts';
import type { KeptState } from './kept-state.ts';
import { LookPlan, type LookReason } from './look-plan.ts';
import { isArrival } from './moves.ts';
import { PriceBooks } from './price-books.ts';
import { planRead, type ReadPlan } from './read-plan.ts';
import type { ReadQuery } from './read-query.ts';
import type { Redaction } from './redaction.ts';
import { Restoration } from './restoration.ts';
import { NOT_AT_HAND, Retention, type RetentionSettings } from './retention.ts';
import type { Filing, Rollup } from './rollup.ts';
import type { CallContext } from './rpc/context.ts';
import { asideAgain, isDue, type SetAside } from './set-aside.ts';
import type { Coverage } from './shapes.ts';
import { StateConfigs } from './state-configs.ts';
import { RowIndex } from './store-rows.ts';
import { shownIdentity, storedIdentity } from './stored-identity.ts';
import { TranscriptRow } from './transcript-row.ts';
import { UnendedLines } from './unended-lines.ts';
import type { Activity } from './window.ts';

/** What an inventory changed. */
export interface InventoryOutcome {
  readonly stores: number;
  /** Transcripts that there are. */
  readonly sessions: number;
  /** Transcripts that were looked at. */
  readonly looked: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Transcripts whose digest must be restored or folded. */
  readonly pending: number;
  readonly problems: readonly Problem[];
  /** Those worth watching. */
  readonly directories: readonly WatchedDirectory[];
}

export interface KeeperOptions {
  /** Hides what keys say about persons; null shows them. */
  readonly redact?: Redaction | null;
  readonly ownPrices?: OwnPrices;
  /** Null: what is deleted no longer counts. */
  readonly retention?: RetentionSettings | null;
  /** Whose rules count for all stores; null: for each those of its era. */
  readonly accounting?: Era | null;
}

/** What became of a batch. */
interface Accepted {
  readonly folded: number;
  readonly failed: number;
  /** Bytes of its transcripts that nobody had looked at before. */
  readonly bytesAppended: Bytes;
  readonly header: ScanResult;
}

export class Keeper implements KeptState {
  readonly catalog: Catalog;
  /** Raised by every change that a view could show. */
  version = 0;
  readonly #shelf: DigestShelf;
  readonly #plan: FoldPlan;
  readonly #looks: LookPlan;
  readonly #intake: InventoryIntake;
  readonly #unended = new UnendedLines();
  readonly #eraChanges = new EraChanges();
  readonly #redact: Redaction | null;
  readonly #retention: Retention;
  readonly #restoration: Restoration;
  readonly #configs = new StateConfigs();
  readonly #books: PriceBooks;
  readonly #counted: CountedDigests;
  readonly #changes: InventoryChanges;
  #directories: readonly WatchedDirectory[] = [];

  constructor(cache: DigestCache, store: DigestStore | null, options: KeeperOptions = {}) {
    const retention = options.retention ?? null;
    this.#redact = options.redact ?? null;
    this.catalog = new Catalog(new RowIndex(this.#redact));
    this.#looks = new LookPlan(this.catalog.rows);
    this.#shelf = new DigestShelf(cache, store, retention?.ledger ?? null);
    this.#counted = new CountedDigests(this.catalog, this.#shelf);
    const holdings: Holdings = {
      catalog: this.catalog,
      enter: (id, stamp, identity) => this.#enterDeparted(id, stamp, identity),
      hold: (row, stamp, bytes, retained) => this.#put(row, stamp, bytes, retained),
      remove: (row) => this.#remove(row),
    };
    this.#retention = new Retention(retention, this.#shelf, holdings);
    this.#restoration = new Restoration(this.#shelf, this.#retention, holdings);
    this.#books = new PriceBooks(options.ownPrices ?? {});
    this.#plan = new FoldPlan(this.#shelf, this.#unended, this.#retention, this.#books);
    this.#changes = new InventoryChanges({
      catalog: this.catalog,
      counted: this.#counted,
      retention: this.#retention,
      restoration: this.#restoration,
      books: this.#books,
      looks: this.#looks,
      forget: (row) => this.#forget(row),
      remove: (row) => this.#remove(row),
      changed: () => this.#changed(),
    });
    this.#intake = new InventoryIntake(this.catalog.rows, this.#looks, options.accounting ?? null, this.#changes);
  }

  get rollup(): Rollup {
    return this.#counted.rollup;
  }

  /** Begins an inventory: the first task of a scan thread. */
  beginInventory(places: readonly StatePlace[], reason: LookReason, now: Milliseconds): InventoryTask {
    this.#changes.begin();
    const known = places.map((it) => ({ ...it, config: this.#configs.known(it.place) }));
    return this.#intake.begin(known, reason, now);
  }

  /**
   * Takes over what a scan thread found: gives the next task, or what the inventory amounts to if that was the last.
   * Stores and transcripts that could not be read keep what they had.
   */
  takeInventory(answer: InventoryAnswer): InventoryTask | InventoryOutcome {
    const { inventories } = answer;
    if (inventories.length > 0) this.#directories = inventories.flatMap(({ directories }) => directories);
    for (const inventory of inventories) {
      this.#books.add(inventory.catalogs);
      this.#configs.take(inventory);
      if (inventory.config !== null) this.#books.configure(inventory.config, inventory.place);
    }
    return this.#intake.take(answer) ?? this.#endInventory();
  }

  /**
   * Brings back digests from disk, a slice at a time, and decides at last what becomes of transcripts that are no longer
   * there; true when there is more to do.
   */
  restore(now: Milliseconds): boolean {
    if (this.#restoration.step()) return true;
    this.#retention.settle([...this.catalog.pending].filter(isArrival), now);
    return false;
  }

  /** Whether there is nothing to restore, to fold, or to add up anew. */
  isIdle(now: Milliseconds): boolean {
    if (this.#counted.unsettled || this.#counted.wanted.size > 0 || this.#plan.isVerifyDue(now)) return false;
    if (!this.#restoration.isIdle || !this.#retention.isIdle(now)) return false;
    for (const row of this.catalog.pending) if (isDue(row, now) && this.#unended.isDue(row, now)) return false;
    return true;
  }

  /** The first batches of what has to be folded and may be tried now: see FoldPlan. */
  plan(now: Milliseconds, batchBytes?: Bytes): Uint8Array<ArrayBuffer>[] {
    const unverified = this.#plan.toVerify(now);
    const { wanted } = this.#counted;
    if (unverified !== null) wanted.add(unverified);
    const due: TranscriptRow[] = [];
    for (const row of this.catalog.pending) {
      if (this.#unended.isDue(row, now) && !wanted.has(row) && isDue(row, now)) due.push(row);
    }
    for (const row of wanted) if (isDue(row, now)) due.push(row);
    wanted.clear();
    this.#plan.queue(due);
    return this.planMore(batchBytes);
  }

  /** The next batches of the same plan; fewer than BATCHES_AT_ONCE are the last ones. */
  planMore(batchBytes?: Bytes): Uint8Array<ArrayBuffer>[] {
    return this.#plan.batches(batchBytes);
  }

  /** Takes over the digests of a scanned batch; gives back what became of it. */
  accept(packed: Uint8Array, now: Milliseconds): Accepted {
    const { header, parts } = unpack<ScanResult>(packed);
    const stored: StoredDigest[] = [];
    const moved: string[] = [];
    let folded = 0;
    let failed = 0;
    let bytesAppended = 0;
    for (const outcome of header.outcomes) {
      const digest = outcome.folded ? (parts[folded++] as Uint8Array) : null;
      const row = this.catalog.rows.get(outcome.id);
      if (row === undefined) continue;
      if (!outcome.folded) {
        if (outcome.code === 'unended') {
          this.#changes.update(row, outcome.stamp, epochIn(outcome.era, header.priceEpoch));
          bytesAppended += this.#unended.grownBy(row);
          this.#unended.wait(row, now);
        } else if (outcome.code !== 'vanished') {
          // One that vanished is the next inventory's business.
          this.#putAside(row, outcome.code, outcome.detail, now);
          failed++;
        }
      } else if (digest !== null) {
        this.#changes.update(row, outcome.stamp, epochIn(outcome.era, header.priceEpoch));
        bytesAppended += this.#unended.grownBy(row);
        // A copy, or the cache would keep the whole batch alive and count only a part of it.
        const own = digest.slice();
        const sources = this.#retention.claimsOf(row).map(({ source }) => source);
        const former = this.#eraChanges.former(row, outcome.era, sources);
        moved.push(...this.#retention.folded(row, outcome.holds, own, now));
        // Both are read from bytes each time.
        const { stamp, identity } = row;
        this.#put(row, stamp, own, false, identity);
        if (former !== null) this.#eraChanges.note(row, former);
        this.#restoration.stored(row);
        const supersedes = this.#retention.supersededBy(row.id);
        stored.push({ id: row.id, stamp, digest: own, identity: storedIdentity(identity), supersedes });
      }
    }
    this.#shelf.write(stored, moved);
    this.#retention.save();
    return { folded, failed, bytesAppended, header };
  }

  /**
   * A batch whose thread was killed, crashed or ran out of memory. Several transcripts are tried again one by one,
   * to find the one that did it; a single one is set aside.
   */
  reject(packed: Uint8Array, code: ErrorCode, detail: string, now: Milliseconds): Uint8Array<ArrayBuffer>[] {
    const { header } = unpack<ScanRequest>(packed);
    const rows = header.items.flatMap(({ id }) => this.catalog.rows.get(id) ?? []);
    if (header.items.length > 1) return rows.map((row) => this.#plan.batch([row]));
    for (const row of rows) this.#putAside(row, code, detail, now);
    return [];
  }

  /** What a scan thread is asked to read of a session. Throws session_not_found or session_ambiguous. */
  planRead(query: ReadQuery): ReadPlan {
    return planRead(this, query, this.#books);
  }

  /** Whether the rollup still counts something that is gone, until it is settled: no view may be built of it. */
  get unsettled(): boolean {
    return this.#counted.unsettled;
  }

  /** Adds the rollup up anew if a change could not be taken out of it; what cannot be had again is folded again. */
  settle(): void {
    if (!this.unsettled) return;
    for (const row of this.#counted.rebuild()) if (!row.exists) this.#retention.lose(row, NOT_AT_HAND);
    this.#changed();
  }

  digestOf(row: TranscriptRow): Digest {
    return this.#counted.of(row);
  }

  digestInPassing(row: TranscriptRow): Digest {
    return this.#counted.inPassing(row);
  }

  activity(): Activity {
    return this.catalog.activity();
  }

  coverage(): Coverage {
    const coverage = this.catalog.coverage();
    return { ...coverage, pending: coverage.pending - this.#unended.waiting };
  }

  /** What gateway calls are understood with; null before the first inventory. */
  callContext(): CallContext | null {
    const stores = [...this.catalog.rows.stores.values()].sort((a, b) => (a.agent < b.agent ? -1 : 1));
    const roster = this.#configs.roster(stores.map(({ agent }) => agent));
    return roster && { roster, eras: Object.fromEntries(stores.map(({ agent, era }) => [agent, era])) };
  }

  /** What is retained, for /v1/status; null when nothing is to be. */
  retention(): Pick<KeeperReport, 'ledger' | 'lost' | 'retainedUntil'> {
    const epochNow = (agent: string) => {
      const store = this.catalog.rows.stores.get(agent);
      return store === undefined ? null : this.#books.of(store).epoch;
    };
    const { problems: lost, retainedUntil } = this.#retention;
    return { ledger: this.#retention.state(epochNow), lost, retainedUntil };
  }

  /** Sessions whose figures changed with their era, for /v1/status. */
  eraChanges(): EraChangesState {
    return this.#eraChanges.state();
  }

  /** Transcripts that are set aside, for /v1/status. */
  setAside(): readonly (SetAside & { agent: string; name: string })[] {
    return this.catalog.setAside().map((row) => ({ agent: row.agent, name: row.name, ...row.setAside }));
  }

  /** The first moment at which a transcript that is set aside, or ends in the middle of a line, may be read; null without any. */
  nextRetry(): Milliseconds | null {
    const retries = this.catalog.setAside().map(({ setAside }) => setAside.retryAt);
    const times = [...retries, ...this.#unended.times()];
    return times.length === 0 ? null : Math.min(...times);
  }

  /** How long ago the last look at any transcript can be; null before the first inventory. */
  oldestLook(now: Milliseconds): Milliseconds | null {
    return this.#looks.oldestLook(now);
  }

  /** A refresh has ended. */
  ended(now: Milliseconds): void {
    this.#looks.ended(now);
  }

  #endInventory(): InventoryOutcome {
    const intake = this.#intake.end();
    const { stores, looked, vanished, problems, isHidden } = intake;
    const { added, changed } = this.#changes.end(intake);
    this.#restoration.begin(isHidden);
    return {
      stores,
      sessions: this.catalog.rows.size,
      looked,
      added,
      changed,
      removed: vanished.length,
      pending: this.catalog.pending.size,
      problems: [...this.#configs.problems(), ...problems],
      directories: this.#directories,
    };
  }

  /** Enters a transcript that was there once. */
  #enterDeparted(id: string, stamp: string, identity: StoredIdentity): TranscriptRow | null {
    const slash = id.indexOf('/');
    const [agent, name] = [id.slice(0, slash), id.slice(slash + 1)];
    const fileName = basename(name);
    if (parseTranscriptName(fileName) === null) return null;
    const folder = this.catalog.rows.nowhere(agent, name.slice(0, -fileName.length));
    const row = new TranscriptRow(folder, fileName, stamp, shownIdentity({ agent, ...identity }, this.#redact));
    this.catalog.enterDeparted(row);
    return row;
  }

  #put(row: TranscriptRow, stamp: string, bytes: Uint8Array, retained: boolean, filing: Filing = row.identity): void {
    if (!this.#counted.put(row, stamp, bytes, retained, filing)) return;
    this.catalog.putAside(row, null);
    this.#unended.forget(row);
    this.#changed();
  }

  #remove(row: TranscriptRow): void {
    this.#retention.forget(row);
    this.#counted.takeOut(row);
    this.catalog.remove(row);
    this.#forget(row);
    this.#shelf.drop(row.id);
    this.#changed();
  }

  /** There is no file any more to be read. */
  #forget(row: TranscriptRow): void {
    this.#restoration.forget(row);
    this.#counted.wanted.delete(row);
    this.#looks.forget(row);
    this.#plan.forget(row);
    this.#unended.forget(row);
  }

  #putAside(row: TranscriptRow, code: ErrorCode, detail: string, now: Milliseconds): void {
    this.catalog.putAside(row, asideAgain(row, code, detail, now));
    this.#unended.forget(row);
    this.#changed();
  }

  #changed(): void {
    this.version++;
  }
}
