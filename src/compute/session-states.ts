/**
 * The state of sessions in an agent's database, in the form in which files are stamped: device of the database, a number
 * for the session in it, number of events, time of the last one, and a hash of all else that tells one content from another.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { SqlRow } from '../sqlite-driver.ts';
import { type FileState, fileStateOf } from './file-stamp.ts';
import type { QuietDatabase } from './quiet-database.ts';

/** What was found of one session: numbers as look.ts passes them on. */
export interface SessionState {
  readonly sessionId: string;
  readonly dev: bigint;
  /** Of the session in this database: what is gone from it is told from what stays by that. */
  readonly ino: bigint;
  /** Events of the visible branch. */
  readonly events: bigint;
  readonly updatedNs: bigint;
  readonly hash: bigint;
  /** The visible branch is not known now: OpenClaw will work it out anew. */
  readonly needsRebuild: boolean;
}

const STATES = `SELECT w.session_id, w.transcript_updated_at, i.indexed_seq, i.updated_at, i.leaf_event_id,
  i.needs_rebuild, i.active_event_count
  FROM session_windows w LEFT JOIN session_transcript_index_state i ON i.session_id = w.session_id
  WHERE w.transcript_updated_at IS NOT NULL`;
const MS = 1_000_000n;

/** All sessions that have a transcript. @param file absolute path of the database */
export function sessionStates(database: QuietDatabase, file: string): SessionState[] {
  const identity = identityOf(file);
  return database
    .prepare(STATES)
    .all()
    .map((row) => stateOf(row, identity));
}

/** One session; null when it has no transcript. */
export function sessionState(database: QuietDatabase, file: string, sessionId: string): SessionState | null {
  const row = database.prepare(`${STATES} AND w.session_id = ?`).get(sessionId);
  return row === undefined ? null : stateOf(row, identityOf(file));
}

/** As the state of a file, whose size is a number of events. */
export function asFileState({ dev, ino, events, updatedNs, hash }: SessionState): FileState {
  return fileStateOf(`${dev}:${ino}:${events}:${updatedNs}:${hash}`);
}

type Identity = Pick<SessionState, 'dev' | 'ino'>;

function identityOf(file: string): Identity {
  const { dev, ino } = statSync(file, { bigint: true });
  return { dev, ino };
}

function stateOf(row: SqlRow, { dev, ino }: Identity): SessionState {
  const sessionId = String(row.session_id);
  const told = [row.transcript_updated_at, row.indexed_seq, row.updated_at, row.leaf_event_id, row.needs_rebuild];
  return {
    sessionId,
    dev,
    // As small as file systems have them: rows keep them in few bytes.
    ino: numberFor([String(ino), sessionId]) & 0x1_ffff_ffff_ffffn,
    events: BigInt((row.active_event_count as number | null) ?? 0),
    updatedNs: BigInt(row.transcript_updated_at as number) * MS,
    hash: numberFor(told),
    needsRebuild: row.needs_rebuild !== 0,
  };
}

/** 63 bits. */
function numberFor(told: readonly unknown[]): bigint {
  return createHash('sha256').update(JSON.stringify(told)).digest().readBigInt64LE() & 0x7fff_ffff_ffff_ffffn;
}
