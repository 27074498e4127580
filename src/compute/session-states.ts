/**
 * The state of sessions in an agent's database, in the form in which files are stamped: device of the database, a number
 * for the session in it, number of events, time of the last one, and a hash of all else that tells one content from another.
 */
import { hash } from 'node:crypto';
import type { SqlRow } from '../sqlite-driver.ts';
import { hasColdStorage } from './cold-session.ts';
import { type FileIdentity, type FileState, fileStateOf } from './file-stamp.ts';
import { pagedRows } from './paged-rows.ts';
import type { QuietDatabase } from './quiet-database.ts';

/**
 * What was found of one session: numbers as look.ts passes them on. `ino` is of the session in its database: what is gone
 * from it is told from what stays by that.
 */
export interface SessionState extends FileIdentity {
  readonly sessionId: string;
  /** Events of the visible branch; of a session in cold storage all. */
  readonly events: bigint;
  readonly updatedNs: bigint;
  readonly hash: bigint;
  /** The visible branch is not known now: OpenClaw will work it out anew. */
  readonly needsRebuild: boolean;
  readonly isCold: boolean;
}

const COLUMNS = `w.session_id, w.transcript_updated_at, i.indexed_seq, i.updated_at, i.leaf_event_id, i.needs_rebuild,
  i.active_event_count`;
const TABLES = 'session_windows w LEFT JOIN session_transcript_index_state i ON i.session_id = w.session_id';
const WHERE = 'WHERE w.transcript_updated_at IS NOT NULL';
const HOT = `SELECT ${COLUMNS}, NULL AS archive, NULL AS archived FROM ${TABLES} ${WHERE}`;
const ANY = `SELECT ${COLUMNS}, c.archive_sha256 AS archive, c.event_count AS archived FROM ${TABLES}
  LEFT JOIN session_transcript_cold_archives c ON c.session_id = w.session_id ${WHERE}`;
const IDS = `SELECT w.session_id FROM session_windows w ${WHERE}`;
const STATE_KEY = { column: 'w.session_id', name: 'session_id' };
const MS = 1_000_000n;

/** The ids of all sessions that have a transcript, in their order. */
export function sessionIdsIn(database: QuietDatabase): string[] {
  return Array.from(pagedRows(database, IDS, STATE_KEY), ({ session_id }) => String(session_id));
}

/** All sessions that have a transcript, one at a time: there can be tens of thousands. */
export function* sessionStates(database: QuietDatabase): Generator<SessionState, undefined> {
  for (const row of pagedRows(database, statesIn(database), STATE_KEY)) yield stateOf(row, database.identity);
}

/** One session; null when it has no transcript. */
export function sessionState(database: QuietDatabase, sessionId: string): SessionState | null {
  const row = database.prepare(`${statesIn(database)} AND w.session_id = ?`).get(sessionId);
  return row === undefined ? null : stateOf(row, database.identity);
}

/** Those of some sessions that have a transcript, by id. */
export function statesOf(database: QuietDatabase, sessionIds: readonly string[]): Map<string, SessionState> {
  const select = `${statesIn(database)} AND w.session_id IN (SELECT value FROM json_each(?))`;
  const rows = database.prepare(select).all(JSON.stringify(sessionIds));
  return new Map(rows.map((row) => [String(row.session_id), stateOf(row, database.identity)]));
}

/** As the state of a file, whose size is a number of events. */
export function asFileState({ dev, ino, events, updatedNs, hash }: SessionState): FileState {
  return fileStateOf(`${dev}:${ino}:${events}:${updatedNs}:${hash}`);
}

function statesIn(database: QuietDatabase): string {
  return hasColdStorage(database) ? ANY : HOT;
}

function stateOf(row: SqlRow, { dev, ino }: FileIdentity): SessionState {
  const sessionId = String(row.session_id);
  const { transcript_updated_at, indexed_seq, updated_at, leaf_event_id, needs_rebuild, archive } = row;
  const isCold = archive !== null;
  const told = [transcript_updated_at, indexed_seq, updated_at, leaf_event_id, needs_rebuild];
  return {
    sessionId,
    dev,
    // As small as file systems have them: rows keep them in few bytes.
    ino: numberFor([String(ino), sessionId]) & 0x1_ffff_ffff_ffffn,
    events: BigInt(Number((isCold ? row.archived : row.active_event_count) ?? 0)),
    updatedNs: BigInt(transcript_updated_at as number) * MS,
    hash: numberFor(isCold ? [archive] : told),
    needsRebuild: !isCold && needs_rebuild !== 0,
    isCold,
  };
}

/** 63 bits. */
function numberFor(told: readonly unknown[]): bigint {
  return hash('sha256', JSON.stringify(told), 'buffer').readBigInt64LE() & 0x7fff_ffff_ffff_ffffn;
}
