/** Transcripts that could not be folded: left alone for a while that grows with each failure, or until they change. */
import type { ErrorCode } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import { isAppend } from './content-stamp.ts';
import type { TranscriptRow } from './transcript-row.ts';

const FIRST_RETRY: Milliseconds = 30_000;
const LONGEST_RETRY: Milliseconds = 3_600_000;
/** What only grew since one of these is no better: to try it at each append would take a core for nothing. */
const TOO_MUCH: ReadonlySet<ErrorCode> = new Set(['task_overran', 'task_out_of_memory']);

export interface SetAside {
  /** Content stamp of what could not be folded. */
  readonly stamp: string;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly since: Milliseconds;
  readonly attempts: number;
  readonly retryAt: Milliseconds;
}

/** Aside for twice as long as the time before. */
export function asideAgain(row: TranscriptRow, code: ErrorCode, detail: string, now: Milliseconds): SetAside {
  const attempts = (row.setAside?.attempts ?? 0) + 1;
  const retryAt = now + Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (attempts - 1));
  return { stamp: row.stamp, code, detail, since: row.setAside?.since ?? now, attempts, retryAt };
}

/** The same for another content, if that is no better. */
export function asideFor(setAside: SetAside, stamp: string): SetAside {
  return TOO_MUCH.has(setAside.code) && isAppend(setAside.stamp, stamp) ? { ...setAside, stamp } : setAside;
}

/** Set aside for the content that it has now; a changed one is merely pending. */
export function isSetAside(row: TranscriptRow): row is TranscriptRow & { setAside: SetAside } {
  return row.setAside !== null && !row.isCurrent && row.setAside.stamp === row.stamp;
}

/** Whether a transcript may be tried now. */
export function isDue(row: TranscriptRow, now: Milliseconds): boolean {
  return !isSetAside(row) || row.setAside.retryAt <= now;
}
