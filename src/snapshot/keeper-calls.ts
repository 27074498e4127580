/** What the main thread asks of the keeper thread: plain small values and byte buffers, never object graphs. */
import type { DigestCacheCounts } from '../cache/digest-cache.ts';
import type { DigestStoreState } from '../cache/digest-store.ts';
import type { Era } from '../compute/era.ts';
import type { StatePlace } from '../compute/inventory.ts';
import type { LineCounts } from '../compute/line-scanner.ts';
import type { OwnPrices } from '../compute/price-list.ts';
import type { Problem } from '../compute/transcript.ts';
import type { ErrorCode } from '../errors.ts';
import type { Due, NoticesState, Outcome } from '../notices/notice.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { EraChangesState } from './era-changes.ts';
import type { ExportChunk } from './export/export-jobs.ts';
import type { ExportQuery } from './export/export-query.ts';
import type { FullTranscripts } from './full-transcripts.ts';
import type { InventoryOutcome } from './keeper.ts';
import type { LookReason } from './look-plan.ts';
import type { BudgetsQuery, ViewQuery } from './query.ts';
import type { ReadPlan } from './read-plan.ts';
import type { ReadQuery } from './read-query.ts';
import type { RetentionState } from './retention.ts';
import type { CallStep } from './rpc/call-jobs.ts';
import type { CallContext } from './rpc/context.ts';
import type { RpcQuery } from './rpc/rpc-query.ts';
import type { SetAside } from './set-aside.ts';
import type { Coverage } from './shapes.ts';
import type { Window } from './window.ts';

/** Given to the thread when it starts. */
export interface KeeperSettings {
  /** The state directories, in their order. */
  readonly places: readonly StatePlace[];
  readonly cacheDirectory: string;
  readonly dataDirectory: string;
  /** Whether keys and labels are hidden. */
  readonly redact: boolean;
  /** How long the usage of a deleted transcript counts after its last activity; 0: not at all. */
  readonly retain: Milliseconds;
  /** Where threads note what they hold. */
  readonly meter: SharedArrayBuffer;
  /** What its buffers may hold by the formula of the memory cap, the rollup among them, before the digest cache gets smaller. */
  readonly bufferShare: Bytes;
  /** Zones whose views are precomputed. */
  readonly timeZones: readonly string[];
  readonly ownPrices: OwnPrices | null;
  readonly budgets: BudgetsQuery;
  /** Names of who is told: see targetName(). */
  readonly noticeTargets: readonly string[];
  /** Whose rules count for all stores; null: for each those of its era. */
  readonly accounting: Era | null;
}

/**
 * Batches of a plan that are handed over at once: those of a hundred thousand transcripts would not all fit into memory,
 * and nothing is scanned before the first ones are there. While they are scanned the next ones are planned.
 */
export const BATCHES_AT_ONCE = 16;

/** Every call of a refresh names the keeper that it began with: one that took its place knows nothing of it. */
interface Step {
  readonly incarnation: string;
}

interface Limits {
  readonly digestCache: Bytes;
}

export interface KeeperCalls {
  /** Begins a refresh: the first task of its inventory. */
  begin: {
    task: LookReason & Limits & { readonly usedZones: readonly string[]; readonly now: Milliseconds };
    /** `isNew`: no digest lies on disk, as at the very first start. */
    answer: { incarnation: string; task: Uint8Array<ArrayBuffer>; isNew: boolean };
  };
  /** Takes over what a scan thread found. */
  takeInventory: { task: Step & { found: Uint8Array; now: Milliseconds }; answer: InventoryStep };
  /** True while there is more to restore. */
  restore: { task: Step & { now: Milliseconds }; answer: boolean };
  /** Batches for the scan threads. */
  plan: { task: Step & { now: Milliseconds; batchBytes: Bytes }; answer: Uint8Array<ArrayBuffer>[] };
  /** The next ones of the same plan: see BATCHES_AT_ONCE. */
  planMore: { task: Step & { batchBytes: Bytes }; answer: Uint8Array<ArrayBuffer>[] };
  accept: { task: Step & { result: Uint8Array; now: Milliseconds }; answer: BatchOutcome };
  reject: {
    task: Step & { batch: Uint8Array; code: ErrorCode; detail: string; now: Milliseconds };
    answer: Uint8Array<ArrayBuffer>[];
  };
  /** Builds some views; the packed snapshot after the last one. Without `whole`, one of the first views will do. */
  publish: { task: Step & { now: Milliseconds; whole: boolean }; answer: Uint8Array<ArrayBuffer> | null };
  report: { task: Step & { now: Milliseconds }; answer: KeeperReport };
  /**
   * A keeper that has not yet restored or folded everything answers only for a generation of its own: of one that took
   * its place in the middle of the first fold, the figures would go with what the older one said of them.
   */
  view: { task: { query: ViewQuery; now: Milliseconds; generation: string }; answer: ViewAnswer };
  /** Which transcripts a session has, to be read for somebody who asks. */
  locate: { task: { query: ReadQuery }; answer: LocateAnswer };
  /** Begins to build the answer to a gateway call. */
  call: { task: { query: RpcQuery }; answer: CallStep };
  /** Goes on with it, told what it asked for. */
  goOn: { task: { job: number; details: Uint8Array | null }; answer: CallStep };
  /** Begins an export, with its first lines. */
  exportBegin: { task: { query: ExportQuery; now: Milliseconds }; answer: ExportAnswer };
  /** The next lines; null when there are none to be had. */
  exportMore: { task: { job: number }; answer: ExportChunk | null };
  /** Nobody wants the rest. */
  exportEnd: { task: { job: number }; answer: null };
  memory: { task: Record<never, never>; answer: KeeperMemory };
  /** The keeper's part of the metrics, as text. */
  metrics: { task: Record<never, never>; answer: string };
  /** Notices to be sent now, and what became of them. */
  dueNotices: { task: { now: Milliseconds }; answer: Due[] };
  settleNotices: { task: { outcomes: readonly Outcome[]; now: Milliseconds }; answer: NoticesState | null };
  /** Takes on new limits, and lets go of what they leave no room for. */
  limit: { task: Limits; answer: null };
}

/** The inventory's next task, or what it amounts to; with a report where it leaves nothing to do. */
export type InventoryStep =
  | { readonly task: Uint8Array<ArrayBuffer> }
  | { readonly task: null; readonly outcome: InventoryOutcome; readonly report: KeeperReport | null };

export interface BatchOutcome {
  readonly folded: number;
  readonly failed: number;
  readonly bytesRead: Bytes;
  /** Bytes that nobody had looked at before. */
  readonly bytesAppended: Bytes;
  readonly counts: LineCounts;
  readonly duration: Milliseconds;
  readonly coverage: Coverage;
}

/** What a refresh leaves to say, for /v1/status. */
export interface KeeperReport {
  readonly incarnation: string;
  readonly coverage: Coverage;
  /** At most MAX_REPORTED of them. */
  readonly setAside: readonly (SetAside & { readonly agent: string; readonly name: string })[];
  readonly full: FullTranscripts;
  readonly eraChanges: EraChangesState;
  readonly nextRetry: Milliseconds | null;
  /** How long ago the last look at any transcript can be. */
  readonly oldestLook: Milliseconds | null;
  readonly digests: DigestCacheCounts;
  readonly store: DigestStoreState;
  readonly rollup: KeeperMemory['rollup'];
  /** Which text of metrics there is: see KeeperMetrics. */
  readonly metrics: number;
  /** Null where there is nobody to tell. */
  readonly notices: NoticesState | null;
  /** Null when nothing is to be retained. */
  readonly ledger: RetentionState | null;
  /** Until when all that is retained counts; null without any. */
  readonly retainedUntil: Milliseconds | null;
  /** Transcripts whose usage could not be kept; at most 100 of them. */
  readonly lost: readonly Problem[];
  /** What gateway calls are understood with; null before the first inventory. */
  readonly calls: CallContext | null;
}

export interface KeeperMemory {
  readonly digests: DigestCacheCounts;
  readonly store: DigestStoreState;
  readonly rollup: { readonly rows: number; readonly bytes: Bytes };
}

/** `rendering`: an envelope with the entity tag as header, and `rest` and `restDeflated` as parts. */
export type ViewAnswer =
  | { readonly kind: 'rendering'; readonly rendering: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'unavailable' };

export type ExportAnswer =
  | ({ readonly kind: 'begun'; readonly window: Window } & ExportChunk)
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'unavailable' };

export type LocateAnswer =
  | { readonly kind: 'plan'; readonly plan: ReadPlan }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'unavailable' };

/** Thrown across the thread border, where errors keep only their message. */
export const RESTARTED = 'the keeper thread was replaced in the middle of a refresh';
