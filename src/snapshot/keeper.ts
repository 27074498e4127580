/**
 * The keeper's state and everything that changes it: which transcripts there are, which digests the rollup holds,
 * what is set aside, and what has to be folded next. It runs in a thread of its own; views only read it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DigestCache } from '../cache/digest-cache.ts';
import type { DigestStore, StoredDigest } from '../cache/digest-store.ts';
import type { Digest } from '../compute/digest.ts';
import { type DecodedDigest, decodeDigest } from '../compute/digest-codec.ts';
import { type Dimensions, dimensionsOf, SessionLookup } from '../compute/dimensions.ts';
import { unpack } from '../compute/envelope.ts';
import type { Inventory, InventoryRequest, WatchedDirectory } from '../compute/inventory.ts';
import type { ScanRequest, ScanResult } from '../compute/scan-batch.ts';
import type { Problem, StoreListing, TranscriptFile } from '../compute/transcript.ts';
import type { ErrorCode } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import { Catalog, type Folded, type Identity, summarise, type TranscriptRow, transcriptId } from './catalog.ts';
import { contentStamp } from './content-stamp.ts';
import { DigestShelf } from './digest-shelf.ts';
import { FoldPlan, type FoldPrices } from './fold-plan.ts';
import type { KeptState } from './kept-state.ts';
import type { Redaction } from './redaction.ts';
import { Rollup } from './rollup.ts';
import { isDue, isSetAside, type SetAside, setAside } from './set-aside.ts';
import type { Coverage } from './shapes.ts';
import type { Activity } from './window.ts';

/** Digests restored from disk before other work gets its turn. */
const RESTORE_SLICE = 200;
interface KnownStore {
  readonly indexStamp: string | null;
  readonly lookup: SessionLookup;
}

/** What an inventory changed. */
export interface InventoryOutcome {
  readonly stores: number;
  readonly sessions: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Transcripts whose digest must be restored or folded. */
  readonly pending: number;
  readonly problems: readonly Problem[];
  readonly directories: readonly WatchedDirectory[];
}

export class Keeper implements KeptState {
  readonly catalog = new Catalog();
  rollup = new Rollup();
  /** Raised by every change that a view could show. */
  version = 0;
  readonly #shelf: DigestShelf;
  readonly #plan: FoldPlan;
  readonly #redact: Redaction | null;
  #stores: ReadonlyMap<string, KnownStore> = new Map();
  #prices: FoldPrices = { epoch: '', book: undefined };
  /** Rows to look up in the digest store before they are folded. */
  #toRestore: TranscriptRow[] = [];
  /** Transcripts of which a view needs the digest, which is neither in memory nor on disk. */
  readonly #wanted = new Set<TranscriptRow>();
  #activity: Activity | null = null;
  /** A digest that the rollup holds could not be had again, so the rollup has to be added up anew. */
  #mustRebuild = false;

  /** @param redact hides what keys say about persons; null shows them */
  constructor(cache: DigestCache, store: DigestStore | null, redact: Redaction | null = null) {
    this.#shelf = new DigestShelf(cache, store);
    this.#plan = new FoldPlan(this.#shelf);
    this.#redact = redact;
  }

  /** What the next inventory needs to know of the last one. */
  knownStores(): Pick<InventoryRequest, 'known' | 'knownPrices'> {
    const known = Object.fromEntries([...this.#stores].map(([agent, { indexStamp }]) => [agent, { indexStamp }]));
    return { known, knownPrices: this.#prices.book };
  }

  /** Takes over what an inventory found. Stores and transcripts that could not be read keep what they had. */
  takeInventory(inventory: Inventory): InventoryOutcome {
    this.#prices = { epoch: inventory.priceEpoch, book: inventory.prices };
    const outcome = { stores: 0, sessions: 0, added: 0, changed: 0, removed: 0 };
    const problems = [...inventory.problems, ...inventory.stores.flatMap((store) => store.problems)];
    const unreadable = new Set(
      problems
        .filter(({ code }) => code === 'transcript_unreadable')
        .map((it) => transcriptId(it.agent ?? '', it.subject)),
    );
    const blind = problems.some(
      ({ code, agent }) => code === 'state_dir_missing' || (agent === null && code === 'store_unreadable'),
    );
    const blindAgents = new Set(
      problems.filter(({ code, agent }) => code === 'store_unreadable' && agent !== null).map(({ agent }) => agent),
    );
    const seen = new Set<string>();
    const stores = new Map(blind ? this.#stores : []);
    for (const listing of inventory.stores) {
      const known = this.#knownStore(listing);
      stores.set(listing.agent, known);
      outcome.stores++;
      for (const file of listing.transcripts) {
        outcome.sessions++;
        const id = transcriptId(listing.agent, file.name);
        seen.add(id);
        const change = this.#see(id, listing, file, known.lookup);
        if (change !== null) outcome[change]++;
      }
    }
    this.#stores = stores;
    const removed: string[] = [];
    for (const row of [...this.catalog.rows.values()]) {
      if (seen.has(row.id) || unreadable.has(row.id) || blind || blindAgents.has(row.agent)) continue;
      this.#remove(row);
      removed.push(row.id);
    }
    this.#shelf.write([], removed);
    outcome.removed = removed.length;
    if (outcome.added + outcome.changed + outcome.removed > 0) this.catalog.regroup();
    this.#toRestore = this.#pendingRows();
    return { ...outcome, pending: this.#toRestore.length, problems, directories: inventory.directories };
  }

  /** Brings back digests from disk, a slice at a time; true when there is more to do. */
  restore(): boolean {
    for (const row of this.#toRestore.splice(0, RESTORE_SLICE)) {
      const stored = this.#shelf.stored(row.id, row.stamp);
      if (stored === undefined) continue;
      try {
        this.#put(row, row.stamp, stored, decodeDigest(stored));
      } catch (error) {
        // Bytes of another version or damaged ones: the transcript is folded as if they were not there.
        if (!(error instanceof RangeError)) throw error;
      }
    }
    return this.#toRestore.length > 0;
  }

  /** Batches of what has to be folded and may be tried now: see FoldPlan. */
  plan(now: Milliseconds): ReturnType<FoldPlan['batches']> {
    const unverified = this.#plan.toVerify(now);
    if (unverified !== null) this.#wanted.add(unverified);
    const due = new Set([...this.#pendingRows(), ...this.#wanted].filter((row) => isDue(row, now)));
    this.#wanted.clear();
    return this.#plan.batches(due, this.#prices);
  }

  /** Takes over the digests of a scanned batch; gives back what became of it. */
  accept(packed: Uint8Array, now: Milliseconds): { folded: number; failed: number; header: ScanResult } {
    const { header, parts } = unpack<ScanResult>(packed);
    const stored: StoredDigest[] = [];
    let folded = 0;
    let failed = 0;
    for (const outcome of header.outcomes) {
      const digest = outcome.folded ? (parts[folded++] as Uint8Array) : null;
      const row = this.catalog.rows.get(outcome.id);
      if (row === undefined) continue;
      if (!outcome.folded) {
        // One that vanished is the next inventory's business.
        if (outcome.code !== 'vanished') {
          this.#putAside(row, outcome.code, outcome.detail, now);
          failed++;
        }
      } else if (digest !== null) {
        row.stamp = contentStamp(outcome.stamp, header.priceEpoch);
        row.size = outcome.size;
        // A copy, or the cache would keep the whole batch alive and count only a part of it.
        const own = digest.slice();
        this.#put(row, row.stamp, own, decodeDigest(own));
        stored.push({ id: row.id, stamp: row.stamp, digest: own });
      }
    }
    this.#shelf.write(stored, []);
    return { folded, failed, header };
  }

  /**
   * A batch whose thread was killed, crashed or ran out of memory. Several transcripts are tried again one by one,
   * to find the one that did it; a single one is set aside.
   */
  reject(packed: Uint8Array, code: ErrorCode, detail: string, now: Milliseconds): Uint8Array<ArrayBuffer>[] {
    const { header } = unpack<ScanRequest>(packed);
    const rows = header.items.flatMap(({ id }) => this.catalog.rows.get(id) ?? []);
    if (header.items.length > 1) return rows.map((row) => this.#plan.batch([row], this.#prices));
    for (const row of rows) this.#putAside(row, code, detail, now);
    return [];
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
    for (const row of this.catalog.rows.values()) {
      if (row.folded === null) continue;
      const digest = this.#shelf.decoded(row.id, row.folded.stamp);
      if (digest === undefined) row.folded = null;
      else this.rollup.apply(digest.figures, row.folded.filing, 1);
    }
    this.#changed();
  }

  digestOf(row: TranscriptRow): Digest {
    const figures = this.#shelf.figures(row.id, row.folded?.stamp ?? row.stamp);
    if (figures !== undefined) return figures;
    this.#wanted.add(row);
    throw new DigestUnavailable(row.id);
  }

  activity(): Activity {
    if (this.#activity !== null) return this.#activity;
    let first: Milliseconds | null = null;
    let last: Milliseconds | null = null;
    for (const { folded } of this.catalog.rows.values()) {
      const whole = folded?.summary.whole;
      if (whole === undefined || whole.first === null || whole.last === null) continue;
      if (first === null || whole.first < first) first = whole.first;
      if (last === null || whole.last > last) last = whole.last;
    }
    this.#activity = { first, last };
    return this.#activity;
  }

  coverage(): Coverage {
    const coverage = { transcripts: 0, pending: 0, failed: 0, retained: 0, bytes: 0 };
    for (const row of this.catalog.rows.values()) {
      coverage.transcripts++;
      if (isSetAside(row)) coverage.failed++;
      else if (row.folded?.stamp !== row.stamp) coverage.pending++;
      if (row.folded !== null) coverage.bytes += row.folded.summary.covered;
    }
    return coverage;
  }

  /** Transcripts that are set aside, for /v1/status. */
  setAside(): readonly (SetAside & { agent: string; name: string })[] {
    return [...this.catalog.rows.values()]
      .filter(isSetAside)
      .map((row) => ({ agent: row.agent, name: row.name, ...row.setAside }));
  }

  /** The first moment at which a transcript that is set aside may be tried again; null when none is. */
  nextRetry(): Milliseconds | null {
    const times = this.setAside().map(({ retryAt }) => retryAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  #knownStore(listing: StoreListing): KnownStore {
    const known = this.#stores.get(listing.agent);
    if (listing.sessions === null && known !== undefined) return { ...known, indexStamp: listing.indexStamp };
    return { indexStamp: listing.indexStamp, lookup: new SessionLookup(listing.sessions ?? []) };
  }

  /** Enters a transcript or takes note of how it changed. */
  #see(
    id: string,
    { agent, directory }: StoreListing,
    file: TranscriptFile,
    lookup: SessionLookup,
  ): 'added' | 'changed' | null {
    const dimensions = dimensionsOf(agent, file, lookup);
    const identity: Identity = {
      agent,
      ...(this.#redact === null ? dimensions : redacted(dimensions, this.#redact)),
      updatedAt: dimensions.updatedAt ?? file.mtimeMs,
    };
    const stamp = contentStamp(file.stamp, this.#prices.epoch);
    const row = this.catalog.rows.get(id);
    if (row === undefined) {
      const { name, sessionId, class: kind, size, mtimeMs } = file;
      const fresh = { id, agent, directory, name, sessionId, class: kind, size, mtimeMs, stamp, identity };
      this.catalog.rows.set(id, { ...fresh, folded: null, setAside: null });
      this.#changed();
      return 'added';
    }
    const moved = !sameIdentity(row.identity, identity);
    const touched = row.stamp !== stamp;
    row.identity = identity;
    row.stamp = stamp;
    row.size = file.size;
    row.mtimeMs = file.mtimeMs;
    if (moved) this.#refile(row);
    if (moved || touched) this.#changed();
    return moved || touched ? 'changed' : null;
  }

  /** Puts a digest in place of the one that the rollup holds of the transcript. */
  #put(row: TranscriptRow, stamp: string, bytes: Uint8Array, decoded: DecodedDigest): void {
    if (row.folded?.stamp === stamp && this.#isHeld(row.folded, row.id, bytes, decoded)) {
      this.#shelf.put(row.id, stamp, bytes);
      this.#shelf.keepAtHand(row.id, stamp, decoded.figures);
      return;
    }
    this.#takeOut(row);
    const { agent, channel, kind } = row.identity;
    const filing = { agent, channel, kind };
    this.rollup.apply(decoded.figures, filing, 1);
    row.folded = { stamp, filing, summary: summarise(decoded.figures, decoded.cursor.offset) };
    row.setAside = null;
    this.#shelf.put(row.id, stamp, bytes);
    this.#changed();
  }

  /** Whether a digest is the one that the rollup holds; one that is gone is told by what was summed up of it. */
  #isHeld({ stamp, summary }: Folded, id: string, bytes: Uint8Array, { figures, cursor }: DecodedDigest): boolean {
    const held = this.#shelf.bytes(id, stamp);
    if (held !== undefined) return Buffer.compare(held, bytes) === 0;
    return isDeepStrictEqual(summary, summarise(figures, cursor.offset));
  }

  /** Files a folded transcript under its new dimensions. */
  #refile(row: TranscriptRow): void {
    if (row.folded === null) return;
    const { agent, channel, kind } = row.identity;
    const { filing } = row.folded;
    if (filing.channel === channel && filing.kind === kind) return;
    const digest = this.#shelf.decoded(row.id, row.folded.stamp);
    if (digest === undefined) {
      this.#mustRebuild = true;
      row.folded = null;
      return;
    }
    this.rollup.apply(digest.figures, filing, -1);
    row.folded = { ...row.folded, filing: { agent, channel, kind } };
    this.rollup.apply(digest.figures, row.folded.filing, 1);
  }

  #takeOut(row: TranscriptRow): void {
    if (row.folded === null) return;
    const older = this.#shelf.decoded(row.id, row.folded.stamp);
    if (older === undefined) this.#mustRebuild = true;
    else this.rollup.apply(older.figures, row.folded.filing, -1);
    row.folded = null;
  }

  #remove(row: TranscriptRow): void {
    this.#takeOut(row);
    this.catalog.rows.delete(row.id);
    this.#wanted.delete(row);
    this.#plan.forget(row);
    this.#shelf.drop(row.id);
    this.#changed();
  }

  #putAside(row: TranscriptRow, code: ErrorCode, detail: string, now: Milliseconds): void {
    setAside(row, code, detail, now);
    this.#changed();
  }

  #pendingRows(): TranscriptRow[] {
    return [...this.catalog.rows.values()].filter((row) => row.folded?.stamp !== row.stamp);
  }

  #changed(): void {
    this.version++;
    this.#activity = null;
  }
}

/** A digest that the rollup counts is neither in memory nor on disk: it has to be folded again first. */
export class DigestUnavailable extends Error {
  override readonly name = 'DigestUnavailable';
}

/** An orphan's family is named after its session id, which tells nothing. */
function redacted(dimensions: Dimensions, redact: Redaction): Dimensions {
  const { key, family } = dimensions;
  if (key === null) return dimensions;
  return { ...dimensions, key: redact(key), label: null, family: redact(family) };
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
