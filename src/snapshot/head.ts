/** The snapshot head: derived from timestamps and the last result each time, never stored. */
import type { Milliseconds } from '../units.ts';
import type { PublishedSnapshot } from './published.ts';
import type { SnapshotHead } from './shapes.ts';

/** Intervals without a good refresh after which a snapshot is stale. */
const STALE_AFTER = 3;

export interface HeadFacts {
  readonly snapshot: Pick<PublishedSnapshot, 'id' | 'builtAt' | 'coverage'>;
  /** When a refresh last ended well; that of the snapshot itself before the first did. */
  readonly verifiedAt: Milliseconds;
  readonly refreshInterval: Milliseconds;
  readonly refreshing: boolean;
  /** The last refresh failed. */
  readonly failed: boolean;
  /** Work is shed to stay under the memory cap. */
  readonly shedding: boolean;
}

/** The head at a moment; worst state first. */
export function headOf(facts: HeadFacts, now: Milliseconds): SnapshotHead {
  const { snapshot, verifiedAt, refreshInterval, refreshing, failed, shedding } = facts;
  const { id, builtAt, coverage } = snapshot;
  const staleAt = verifiedAt + STALE_AFTER * refreshInterval;
  const degraded = failed || shedding || coverage.failed > 0;
  const state = stateOf({ degraded, pending: coverage.pending > 0, stale: now > staleAt });
  return { id, builtAt, verifiedAt, staleAt, state, refreshing, coverage };
}

/** Whether a head still says what these facts say now; cheap, since every request asks. Only `fresh` ends by itself. */
export function isCurrent(head: SnapshotHead, made: HeadFacts | null, facts: HeadFacts, now: Milliseconds): boolean {
  return (
    made !== null &&
    made.snapshot === facts.snapshot &&
    made.verifiedAt === facts.verifiedAt &&
    made.refreshing === facts.refreshing &&
    made.failed === facts.failed &&
    made.shedding === facts.shedding &&
    (head.state !== 'fresh' || now <= head.staleAt)
  );
}

function stateOf(is: { degraded: boolean; pending: boolean; stale: boolean }): SnapshotHead['state'] {
  if (is.degraded) return 'degraded';
  if (is.pending) return 'warming';
  return is.stale ? 'stale' : 'fresh';
}
