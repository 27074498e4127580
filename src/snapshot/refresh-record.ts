/** What one refresh did, for /v1/status and for its line in the log. */
import type { LineCounts } from '../compute/line-scanner.ts';
import type { Problem } from '../compute/transcript.ts';
import type { ErrorCode } from '../errors.ts';
import type { Bytes, Milliseconds } from '../units.ts';

/** `change`: a watched directory changed. */
export type Trigger = 'start' | 'timer' | 'request' | 'change';

export interface RefreshRecord {
  readonly trigger: Trigger;
  readonly startedAt: Milliseconds;
  /** Null while it runs. */
  ended: 'ok' | 'failed' | null;
  duration: Milliseconds;
  /** Wall time by phase, and the thread that did the work. */
  phases: Record<Phase, { ms: Milliseconds; thread: 'scan' | 'keeper' }>;
  stores: number;
  sessions: number;
  /** Transcripts that were looked at, and how long before its end every one of them was at the most; null when it failed. */
  looked: number;
  oldestLook: Milliseconds | null;
  added: number;
  changed: number;
  removed: number;
  folded: number;
  failed: number;
  bytesRead: Bytes;
  bytesAppended: Bytes;
  lines: LineCounts;
  cache: { hits: number; misses: { cold: number; capacity: number; stale: number } };
  /** The snapshot that is served afterwards, and whether this refresh published it. */
  snapshot: string | null;
  published: boolean;
  error: { code: ErrorCode; detail: string } | null;
}

export type Phase = 'inventory' | 'restore' | 'scan' | 'publish';

export function newRecord(trigger: Trigger, startedAt: Milliseconds): RefreshRecord {
  return {
    trigger,
    startedAt,
    ended: null,
    duration: 0,
    phases: {
      inventory: { ms: 0, thread: 'scan' },
      restore: { ms: 0, thread: 'keeper' },
      scan: { ms: 0, thread: 'scan' },
      publish: { ms: 0, thread: 'keeper' },
    },
    stores: 0,
    sessions: 0,
    looked: 0,
    oldestLook: null,
    added: 0,
    changed: 0,
    removed: 0,
    folded: 0,
    failed: 0,
    bytesRead: 0,
    bytesAppended: 0,
    lines: { lines: 0, fast: 0, parsed: 0, streamed: 0 },
    cache: { hits: 0, misses: { cold: 0, capacity: 0, stale: 0 } },
    snapshot: null,
    published: false,
    error: null,
  };
}

/** A refresh's line in the log: loud when it failed or met new problems, quiet when nothing changed. */
export function describeRefresh(
  record: RefreshRecord,
  problems: readonly Problem[],
  known: boolean,
): { level: 'warn' | 'info' | 'debug'; message: string; fields: object } {
  const { phases, lines, ...figures } = record;
  const ms = Object.fromEntries(Object.entries(phases).map(([phase, it]) => [phase, `${it.ms} ${it.thread}`]));
  const fields = { ...figures, phases: ms, lines, problems };
  if (record.ended === 'failed') return { level: 'warn', message: 'refresh failed', fields };
  if (record.failed > 0 || (problems.length > 0 && !known))
    return { level: 'warn', message: 'refreshed with problems', fields };
  return { level: record.published ? 'info' : 'debug', message: 'refreshed', fields };
}
