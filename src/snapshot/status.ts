/** What the service says of itself at /v1/status and /v1/cache. */
import type { Problem } from '../compute/transcript.ts';
import type { NoticesStatus } from '../notices/notice-desk.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { Shedding } from './governor.ts';
import type { KeeperMemory, KeeperReport } from './keeper-calls.ts';
import type { MemoryOwner } from './memory-owners.ts';
import type { RefreshRecord } from './refresh-record.ts';
import type { SnapshotHead } from './shapes.ts';

export interface StatusAnswer {
  readonly version: string;
  readonly startedAt: Milliseconds;
  readonly now: Milliseconds;
  /** The first one. */
  readonly stateDirectory: string;
  /** Those beside it, and what stands behind the `@` of their agents' ids. */
  readonly otherStates: readonly { readonly name: string; readonly directory: string }[];
  /** Null before the first snapshot. */
  readonly snapshot: SnapshotHead | null;
  readonly refreshing: boolean;
  /** Refreshes that failed since the last good one. */
  readonly failures: number;
  /** What is not done for now, to stay under the memory cap. */
  readonly shedding: Shedding;
  /** The last failure, kept when the refreshes after it went well. */
  readonly lastError: { readonly at: Milliseconds; readonly code: string; readonly detail: string } | null;
  /** What the last refresh could not read, without the transcripts that are set aside. */
  readonly problems: readonly Problem[];
  readonly setAside: KeeperReport['setAside'];
  /** Those that have so many quarter hours that what comes to them counts by day. */
  readonly full: KeeperReport['full'] | null;
  readonly eraChanges: KeeperReport['eraChanges'] | null;
  readonly digestStore: KeeperReport['store'] | null;
  readonly ledger: KeeperReport['ledger'];
  /** Null where there is nobody to tell. */
  readonly notices: NoticesStatus | null;
  readonly refreshes: readonly RefreshRecord[];
}

export interface CacheAnswer {
  /** The keeper's parts are null when it did not answer in time. */
  readonly digests: KeeperMemory['digests'] | null;
  readonly digestStore: KeeperMemory['store'] | null;
  readonly rollup: KeeperMemory['rollup'] | null;
  readonly views: {
    readonly precomputed: { readonly entries: number; readonly bytes: Bytes };
    readonly asked: { readonly entries: number; readonly bytes: Bytes; readonly cap: Bytes };
    /** Read from transcripts. */
    readonly read: { readonly entries: number; readonly bytes: Bytes; readonly cap: Bytes };
  };
  /** The owners' budgets add up to the cap, and what they use to the resident memory of the process. */
  readonly memory: { readonly cap: Bytes; readonly rss: Bytes; readonly owners: readonly MemoryOwner[] };
  readonly threads: { readonly scan: number; readonly keeper: number; readonly oldestTaskMs: Milliseconds };
}
