/**
 * The keeper's state and everything that changes it: which transcripts there are, which digests the rollup holds,
 * what is set aside, and what has to be folded next. It runs in a thread of its own; views only read it.
 */
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DigestCache } from '../cache/digest-cache.ts';
import type { DigestStore, StoredDigest, StoredIdentity } from '../cache/digest-store.ts';
import type { Digest } from '../compute/digest.ts';
import { decodeDigest } from '../compute/digest-codec.ts';
import { mayDiffer, SessionLookup } from '../compute/dimensions.ts';
import { unpack } from '../compute/envelope.ts';
import type { Era } from '../compute/era.ts';
import { type FileState, fileStateOf } from '../compute/file-stamp.ts';
import type { StatePlace, WatchedDirectory } from '../compute/inventory.ts';
import type { InventoryAnswer, InventoryTask } from '../compute/inventory-envelope.ts';
import type { OwnPrices } from '../compute/price-list.ts';
import type { ScanRequest, ScanResult } from '../compute/scan-batch.ts';
import type { SessionEntries } from '../compute/session-entries.ts';
import type { Problem } from '../compute/transcript.ts';
import { parseTranscriptName } from '../compute/transcript-name.ts';
import type { ErrorCode } from '../errors.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import { Catalog, type Folded, type Identity, type Summary, summarise } from './catalog.ts';
import { contentStamp, epochIn, fileStampOf } from './content-stamp.ts';
import { DigestShelf, marked } from './digest-shelf.ts';
import { EraChanges, type EraChangesState } from './era-changes.ts';
import { FoldPlan } from './fold-plan.ts';
import type { Holdings } from './holdings.ts';
import { InventoryIntake } from './inventory-intake.ts';
import type { KeptState } from './kept-state.ts';
import { LookPlan, type LookReason } from './look-plan.ts';
import { isArrival } from './moves.ts';
import { PriceBooks } from './price-books.ts';
import { planRead, type ReadPlan } from './read-plan.ts';
import type { ReadQuery } from './read-query.ts';
import type { Redaction } from './redaction.ts';
import { Restoration } from './restoration.ts';
import { NOT_AT_HAND, Retention, type RetentionSettings, type RetentionState } from './retention.ts';
import { Rollup } from './rollup.ts';
import type { CallContext } from './rpc/context.ts';
import { asideAgain, asideFor, isDue, type SetAside } from './set-aside.ts';
import type { Coverage } from './shapes.ts';
import { StateConfigs } from './state-configs.ts';
import { type Folder, RowIndex, type StoreRows } from './store-rows.ts';
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
  rollup = new Rollup();
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
  #directories: readonly WatchedDirectory[] = [];
  /** What the inventory that is being taken has found. */
  #added = new Set<TranscriptRow>();
  #altered = new Set<TranscriptRow>();
  /** Session indexes that are to take the place of those in force when it is known what vanished. */
  readonly #reindexed = new Map<StoreRows, SessionLookup>();
  /** Transcripts of which a view needs the digest, which is neither in memory nor on disk. */
  readonly #wanted = new Set<TranscriptRow>();
  /** A digest that the rollup holds could not be had again, so the rollup has to be added up anew. */
  #mustRebuild = false;

  constructor(cache: DigestCache, store: DigestStore | null, options: KeeperOptions = {}) {
    const retention = options.retention ?? null;
    this.#redact = options.redact ?? null;
    this.catalog = new Catalog(new RowIndex(this.#redact));
    this.#looks = new LookPlan(this.catalog.rows);
    this.#shelf = new DigestShelf(cache, store, retention?.ledger ?? null);
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
    this.#intake = new InventoryIntake(this.catalog.rows, this.#looks, options.accounting ?? null, {
      indexed: (store, sessions) => this.#index(store, sessions),
      found: (folder, fileName, state) => this.#see(folder, fileName, state),
    });
  }

  /** Begins an inventory: the first task of a scan thread. */
  beginInventory(places: readonly StatePlace[], reason: LookReason, now: Milliseconds): InventoryTask {
    this.#added = new Set();
    this.#altered = new Set();
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
    if (this.#mustRebuild || this.#wanted.size > 0 || this.#plan.isVerifyDue(now)) return false;
    if (!this.#restoration.isIdle || !this.#retention.isIdle(now)) return false;
    for (const row of this.catalog.pending) if (isDue(row, now) && this.#unended.isDue(row, now)) return false;
    return true;
  }

  /** The first batches of what has to be folded and may be tried now: see FoldPlan. */
  plan(now: Milliseconds, batchBytes?: Bytes): Uint8Array<ArrayBuffer>[] {
    const unverified = this.#plan.toVerify(now);
    if (unverified !== null) this.#wanted.add(unverified);
    const due: TranscriptRow[] = [];
    for (const row of this.catalog.pending) {
      if (this.#unended.isDue(row, now) && !this.#wanted.has(row) && isDue(row, now)) due.push(row);
    }
    for (const row of this.#wanted) if (isDue(row, now)) due.push(row);
    this.#wanted.clear();
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
          this.#update(row, fileStateOf(outcome.stamp), epochIn(outcome.era, header.priceEpoch));
          bytesAppended += this.#unended.grownBy(row);
          this.#unended.wait(row, now);
        } else if (outcome.code !== 'vanished') {
          // One that vanished is the next inventory's business.
          this.#putAside(row, outcome.code, outcome.detail, now);
          failed++;
        }
      } else if (digest !== null) {
        this.#update(row, fileStateOf(outcome.stamp), epochIn(outcome.era, header.priceEpoch));
        bytesAppended += this.#unended.grownBy(row);
        // A copy, or the cache would keep the whole batch alive and count only a part of it.
        const own = digest.slice();
        const sources = this.#retention.claimsOf(row).map(({ source }) => source);
        const former = this.#eraChanges.former(row, outcome.era, sources);
        moved.push(...this.#retention.folded(row, outcome.holds, own, now));
        this.#put(row, row.stamp, own);
        if (former !== null) this.#eraChanges.note(row, former);
        stored.push(this.#storable(row, own));
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
    return this.#mustRebuild;
  }

  /** Adds the rollup up anew if a change could not be taken out of it; what cannot be had again is folded again. */
  settle(): void {
    if (!this.#mustRebuild) return;
    this.#mustRebuild = false;
    this.rollup = new Rollup();
    for (const row of this.catalog.all()) {
      const { folded } = row;
      if (folded === null) continue;
      const figures = this.#shelf.held(row.id, folded);
      if (figures !== undefined) {
        this.rollup.apply(figures, folded.filing, 1);
        continue;
      }
      this.catalog.fold(row, null);
      if (!row.exists) this.#retention.lose(row, NOT_AT_HAND);
    }
    this.#changed();
  }

  digestOf(row: TranscriptRow): Digest {
    const figures = row.folded === null ? undefined : this.#shelf.figures(row.id, row.folded);
    if (figures !== undefined) return figures;
    if (row.exists) this.#wanted.add(row);
    else this.#mustRebuild = true;
    throw new DigestUnavailable(row.id);
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
  retention(): { ledger: RetentionState | null; lost: readonly Problem[] } {
    const epochNow = (agent: string) => {
      const store = this.catalog.rows.stores.get(agent);
      return store === undefined ? null : this.#books.of(store).epoch;
    };
    return { ledger: this.#retention.state(epochNow), lost: this.#retention.problems };
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
    const { stores, looked, vanished, problems, isBlind, isHidden } = this.#intake.end();
    for (const row of vanished) this.#vanish(row);
    this.#reindex();
    this.#books.keepThoseOf(this.catalog.rows.stores.values());
    for (const store of this.catalog.rows.stores.values()) if (!isBlind(store)) this.#reprice(store);
    this.#restoration.begin(isHidden);
    const [added, changed] = [this.#added.size, this.#altered.size];
    this.#added = new Set();
    this.#altered = new Set();
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

  /** A store's session index is another one. A transcript that went with its entry keeps the identity that it had. */
  #index(store: StoreRows, sessions: SessionEntries): void {
    const lookup = new SessionLookup(sessions);
    if (store.rows().next().done) store.sessions = lookup;
    else this.#reindexed.set(store, lookup);
  }

  /** Puts the session indexes that were found in force: transcripts may belong elsewhere. */
  #reindex(): void {
    for (const [store, sessions] of this.#reindexed) {
      const before = store.sessions;
      store.sessions = sessions;
      for (const row of store.rows()) {
        if (mayDiffer(row.sessionId, before, sessions)) this.#identify(row, store.identityOf(row, before));
      }
    }
    this.#reindexed.clear();
  }

  /** Brings the stamps of a store in line with the prices and the rules of its era. */
  #reprice(store: StoreRows): void {
    const epoch = this.#epochOf(store);
    if (store.epoch === epoch) return;
    store.epoch = epoch;
    for (const row of store.rows()) {
      const stamp = contentStamp(fileStampOf(row.stamp), epoch);
      if (row.stamp === stamp) continue;
      this.catalog.restamp(row, stamp);
      this.#alter(row);
    }
  }

  #epochOf(store: StoreRows): string {
    return epochIn(store.era, this.#books.of(store).epoch);
  }

  /** Enters a transcript or takes note of how it changed. */
  #see(folder: Folder, fileName: string, state: FileState): void {
    const known = folder.rows.get(fileName);
    const epoch = this.#epochOf(folder.store);
    if (known !== undefined) {
      this.#update(known, state, epoch);
      return;
    }
    const departed = this.catalog.departed(idOf(folder, fileName));
    if (departed !== undefined) {
      this.#comeBack(departed, folder, state);
      return;
    }
    const stamp = contentStamp(state.stamp, epoch);
    const row = new TranscriptRow(folder, fileName, stamp);
    this.catalog.enter(row);
    this.#looks.changed(row);
    this.#added.add(row);
    this.#changed();
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

  /** A transcript is not there any more. One that was never folded is simply gone. */
  #vanish(row: TranscriptRow): void {
    if (!isFolded(row)) {
      this.#remove(row);
      return;
    }
    this.catalog.depart(row);
    this.#retention.gone(row);
    this.#forget(row);
    this.#changed();
  }

  /** A transcript is there again that was gone. */
  #comeBack(row: TranscriptRow, folder: Folder, state: FileState): void {
    const before = row.identity;
    this.#retention.forget(row);
    this.#restoration.forget(row);
    this.catalog.comeBack(row, folder);
    this.#update(row, state, this.#epochOf(folder.store));
    this.#retention.back(row);
    this.#looks.changed(row);
    this.#alter(row);
    this.#identify(row, before);
  }

  #update(row: TranscriptRow, { stamp }: FileState, epoch: string): void {
    const current = contentStamp(stamp, epoch);
    if (row.stamp === current) return;
    this.catalog.restamp(row, current);
    if (row.setAside !== null) this.catalog.putAside(row, asideFor(row.setAside, current));
    this.#looks.changed(row);
    this.#alter(row);
  }

  /** A transcript may belong elsewhere than before. */
  #identify(row: TranscriptRow, before: Identity): void {
    if (sameIdentity(before, row.identity)) return;
    this.catalog.identify(row, before);
    this.#refile(row);
    if (row.isFolded) this.#restoration.identified(row);
    this.#alter(row);
  }

  #storable(row: TranscriptRow, digest: Uint8Array): StoredDigest {
    const { id, stamp } = row;
    const supersedes = this.#retention.supersededBy(id);
    this.#restoration.stored(row);
    return { id, stamp, digest, identity: storedIdentity(row.identity), supersedes };
  }

  #alter(row: TranscriptRow): void {
    if (!this.#added.has(row)) this.#altered.add(row);
    this.#changed();
  }

  /** Puts a digest in place of the one that the rollup holds of the transcript. A large one is never decoded beside its older self. */
  #put(row: TranscriptRow, stamp: string, bytes: Uint8Array, retained = false): void {
    const { folded } = row;
    const same = folded?.stamp === stamp && folded.retained === retained ? folded : null;
    if (same !== null && this.#isHeld(same, row.id, bytes, retained)) {
      this.#shelf.put(row.id, stamp, bytes);
      this.#shelf.keepAtHand(row.id, stamp, marked(decodeDigest(bytes).figures, retained));
      return;
    }
    const { agent, channel, kind } = row.identity;
    const filing = { agent, channel, kind };
    const summary = summaryOf(bytes, retained, (figures) => this.rollup.apply(figures, filing, 1));
    this.#takeOut(row);
    this.catalog.fold(row, { stamp, filing, summary, retained });
    this.catalog.putAside(row, null);
    this.#unended.forget(row);
    this.#shelf.put(row.id, stamp, bytes);
    this.#changed();
  }

  /** Whether a digest is the one that the rollup holds; one that is gone is told by what was summed up of it. */
  #isHeld({ stamp, summary }: Folded, id: string, bytes: Uint8Array, retained: boolean): boolean {
    const held = this.#shelf.bytes(id, stamp);
    if (held !== undefined) return Buffer.compare(held, bytes) === 0;
    return isDeepStrictEqual(summary, summaryOf(bytes, retained));
  }

  /** Files a folded transcript under its new dimensions. */
  #refile(row: TranscriptRow): void {
    const { folded, identity } = row;
    if (folded === null) return;
    const { agent, channel, kind } = identity;
    const { stamp, filing, summary, retained } = folded;
    if (filing.channel === channel && filing.kind === kind) return;
    const figures = this.#shelf.held(row.id, folded);
    if (figures === undefined) {
      this.#mustRebuild = true;
      this.catalog.fold(row, null);
      return;
    }
    this.rollup.apply(figures, filing, -1);
    const refiled = { agent, channel, kind };
    this.catalog.fold(row, { stamp, filing: refiled, summary, retained });
    this.rollup.apply(figures, refiled, 1);
  }

  /** Takes what the rollup holds of a transcript out of it. */
  #takeOut(row: TranscriptRow): void {
    const { folded } = row;
    if (folded === null) return;
    const older = this.#shelf.held(row.id, folded);
    if (older === undefined) this.#mustRebuild = true;
    else this.rollup.apply(older, folded.filing, -1);
  }

  #remove(row: TranscriptRow): void {
    this.#retention.forget(row);
    this.#takeOut(row);
    this.catalog.remove(row);
    this.#forget(row);
    this.#shelf.drop(row.id);
    this.#changed();
  }

  /** There is no file any more to be read. */
  #forget(row: TranscriptRow): void {
    this.#restoration.forget(row);
    this.#wanted.delete(row);
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

/** A digest that the rollup counts is neither in memory nor on disk: it has to be folded again first. */
export class DigestUnavailable extends Error {
  override readonly name = 'DigestUnavailable';
}

/** The id of the transcript that a file is. */
function idOf({ store, prefix }: Folder, fileName: string): string {
  return `${store.agent}/${prefix}${fileName}`;
}

/** Sums a digest up. Throws a RangeError, before anybody is told, for bytes of another version or damaged ones. */
function summaryOf(bytes: Uint8Array, retained: boolean, tell: (figures: Digest) => void = () => {}): Summary {
  const { figures, cursor } = decodeDigest(bytes);
  tell(marked(figures, retained));
  return summarise(figures, cursor.offset);
}

function isFolded(row: TranscriptRow): row is TranscriptRow & { folded: Folded } {
  return row.folded !== null;
}

function sameIdentity(a: Identity, b: Identity): boolean {
  return (
    a.key === b.key &&
    a.label === b.label &&
    a.channel === b.channel &&
    a.kind === b.kind &&
    a.family === b.family &&
    a.updatedAt === b.updatedAt
  );
}
