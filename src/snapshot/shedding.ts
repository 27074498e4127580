/** What each step of the governor means for those who do the work. */
import type { MemoryBudget } from '../cache/memory-budget.ts';
import { type Bytes, MIB } from '../units.ts';
import type { ShedLevel } from './governor.ts';

export interface WorkLimits {
  /** What views that nobody precomputed may take. */
  readonly askedViews: Bytes;
  /** What answers may take that were read from transcripts. */
  readonly readSessions: Bytes;
  readonly digestCache: Bytes;
  /** Batches that are scanned at once. */
  readonly scans: number;
  /** What one batch may make a scan thread read, unless a single transcript is larger. */
  readonly batchBytes: Bytes;
}

/** Of a batch while nothing is shed. What comes of larger ones stays with the allocator, and saves no time. */
export const BATCH_BYTES: Bytes = 4 * MIB;
/** The part of rendered views that is for what was read from transcripts. */
const READ_SHARE = 1 / 4;

const SMALL_BATCH_BYTES: Bytes = 2 * MIB;

export function limitsAt(level: ShedLevel, budget: MemoryBudget): WorkLimits {
  const digestCaches = [budget.digestCache, budget.digestCache, Math.floor(budget.digestCache / 4)];
  const rendered = level >= 1 ? 0 : budget.renderedViews;
  const readSessions = Math.floor(rendered * READ_SHARE);
  return {
    askedViews: rendered - readSessions,
    readSessions,
    digestCache: digestCaches[level] ?? 0,
    scans: level >= 3 ? 1 : budget.scanThreads,
    batchBytes: level >= 3 ? SMALL_BATCH_BYTES : BATCH_BYTES,
  };
}
