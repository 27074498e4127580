/** How fresh an answer is, in the gateway's words; worst first: refreshing, stale, partial, fresh. */
import type { Milliseconds } from '../../units.ts';
import type { SnapshotHead } from '../shapes.ts';

export interface CacheStatus {
  readonly status: 'fresh' | 'partial' | 'stale' | 'refreshing';
  readonly cachedFiles: number;
  readonly pendingFiles: number;
  readonly staleFiles: number;
  readonly refreshedAt: Milliseconds;
}

/**
 * The gateway calls itself refreshing only while figures are missing, and clients ask again while it does: a look that
 * finds nothing new is no reason to.
 * @param outdated whether the figures are those of an earlier moment than the head's own
 */
export function cacheStatus(head: SnapshotHead, outdated: boolean, now: Milliseconds): CacheStatus {
  const { coverage, staleAt, verifiedAt } = head;
  const { transcripts, pending, failed } = coverage;
  const behind = pending + failed;
  return {
    status: statusOf(outdated || pending > 0, now > staleAt, behind),
    cachedFiles: transcripts - behind,
    pendingFiles: pending,
    staleFiles: behind,
    refreshedAt: verifiedAt,
  };
}

function statusOf(refreshing: boolean, stale: boolean, behind: number): CacheStatus['status'] {
  if (refreshing) return 'refreshing';
  if (stale) return 'stale';
  return behind > 0 ? 'partial' : 'fresh';
}
