/** Events as an agent's database stores them, and what stands for them in a transcript. */
import { blobOf, type SqlRow, type SqlValue } from '../sqlite-driver.ts';
import { type Bytes, KIB, MIB } from '../units.ts';
import type { QuietDatabase } from './quiet-database.ts';
import { unzstd } from './zstd.ts';

/** Text of one page, but for the last event in it, and events of one page: what a transaction takes well under 50 ms for. */
const PAGE_BYTES: Bytes = MIB;
export const PAGE_EVENTS = 512;
/** Events up to this size are read together, longer ones one by one: so much of a page may be read in vain. */
const SHORT: Bytes = 4 * KIB;

const FROM = `FROM session_transcript_active_events a
  JOIN transcript_events e ON e.session_id = a.session_id AND e.seq = a.event_seq`;
const RANGE = 'WHERE a.session_id = ? AND a.active_position >= ? AND a.active_position < ? ORDER BY a.active_position';
const STORED = 'coalesce(CAST(e.event_json AS BLOB), e.event_zstd)';
/** The size of the text is told of compressed events only. */
const COLUMNS = 'a.event_seq AS seq, CASE WHEN e.event_json IS NULL THEN e.event_utf8_bytes END AS size';
/** Without the bytes of long ones, and of those that are compressed and may be a tool's result. */
const SHORT_COLUMNS = `${COLUMNS}, CASE WHEN e.event_json IS NULL THEN e.navigation_json END AS navigation,
  CASE WHEN octet_length(coalesce(e.event_json, e.event_zstd)) <= ${SHORT}
    AND (e.event_json IS NOT NULL OR instr(e.navigation_json, 'toolResult') = 0) THEN ${STORED} END AS stored`;
const EVENTS = `SELECT ${COLUMNS}, ${STORED} AS stored ${FROM} ${RANGE}`;
const PAGE = `SELECT ${SHORT_COLUMNS} ${FROM} ${RANGE}`;
const SESSIONS = `SELECT a.session_id, ${SHORT_COLUMNS} ${FROM}
  WHERE a.session_id IN (SELECT value FROM json_each(?)) ORDER BY a.session_id, a.active_position LIMIT ${PAGE_EVENTS}`;
const STORED_AT = `SELECT ${STORED} AS stored FROM transcript_events e WHERE e.session_id = ? AND e.seq = ?`;
const SIZES = `SELECT coalesce(e.event_utf8_bytes, octet_length(e.event_json)) AS size ${FROM} ${RANGE}`;

export interface StoredEvent {
  readonly seq: number;
  /** Null where they are not needed. */
  readonly bytes: Uint8Array | null;
  /** Of the text, where that is compressed. */
  readonly size: Bytes | null;
  /** What stands in place of a tool's result that is compressed. */
  readonly result: Buffer | null;
}

/** The events of one page of a session's visible branch: at least one, where there is any. */
export function eventsFrom(database: QuietDatabase, sessionId: string, from: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  const rows = database.prepare(PAGE).all(sessionId, from, from + PAGE_EVENTS);
  takePage(database, rows, (_, event) => events.push(event), sessionId);
  return events;
}

/** The events of several sessions' visible branches, of the last ones perhaps not all; at most those of one page. */
export function eventsOfSessions(database: QuietDatabase, sessionIds: readonly string[]): Map<string, StoredEvent[]> {
  const events = new Map<string, StoredEvent[]>(sessionIds.map((id) => [id, []]));
  const rows = database.prepare(SESSIONS).all(JSON.stringify(sessionIds));
  takePage(database, rows, (id, event) => events.get(id)?.push(event));
  return events;
}

/** The events between two positions of a session's visible branch, all with their bytes. */
export function eventsBetween(database: QuietDatabase, sessionId: string, from: number, to: number): StoredEvent[] {
  return database
    .prepare(EVENTS)
    .all(sessionId, from, to)
    .map((row) => storedEvent(row, row.stored, null));
}

/** How many of the last events before a position make a page: at least one, where there is any. */
export function lengthOfPageBefore(database: QuietDatabase, sessionId: string, end: number): number {
  const sizes = database
    .prepare(SIZES)
    .all(sessionId, Math.max(0, end - PAGE_EVENTS), end)
    .reverse();
  let bytes = 0;
  const last = sizes.findIndex(({ size }) => {
    bytes += Number(size);
    return bytes >= PAGE_BYTES;
  });
  return last === -1 ? sizes.length : last + 1;
}

/** The line of a transcript that an event stands for. */
export function lineOf(event: StoredEvent): Uint8Array {
  return event.result ?? textOf(event);
}

/** The text of an event whose bytes are there. */
export function textOf({ bytes, size }: StoredEvent): Uint8Array {
  return size === null ? (bytes as Uint8Array) : unzstd(bytes as Uint8Array, size);
}

/** Hands out events until there is a page of them. @param sessionId whose rows they are; without it the rows tell */
function takePage(
  database: QuietDatabase,
  rows: readonly SqlRow[],
  take: (sessionId: string, event: StoredEvent) => void,
  sessionId?: string,
): void {
  let bytes = 0;
  for (const row of rows) {
    const id = sessionId ?? String(row.session_id);
    const result = typeof row.navigation === 'string' ? toolResultIn(row.navigation) : null;
    const stored = result === null ? (row.stored ?? storedAt(database, id, row.seq as SqlValue)) : null;
    const event = storedEvent(row, stored, result);
    take(id, event);
    bytes += result?.length ?? event.size ?? event.bytes?.length ?? 0;
    if (bytes >= PAGE_BYTES) return;
  }
}

function storedAt(database: QuietDatabase, sessionId: string, seq: SqlValue): unknown {
  return database.prepare(STORED_AT).get(sessionId, seq)?.stored;
}

function storedEvent({ seq, size }: SqlRow, stored: unknown, result: Buffer | null): StoredEvent {
  const bytes = result === null ? blobOf(stored) : null;
  return { seq: Number(seq), bytes, size: size === null ? null : Number(size), result };
}

interface Navigation {
  readonly model?: { readonly timestamp?: unknown; readonly message?: Readonly<Record<string, unknown>> };
}

/** A tool's result is not decompressed: what counts of it stands beside it. Null for anything else. */
function toolResultIn(navigation: string): Buffer | null {
  const { timestamp, message } = (JSON.parse(navigation) as Navigation).model ?? {};
  if (message?.role !== 'toolResult') return null;
  const { role, isError, timestamp: sent } = message;
  return Buffer.from(JSON.stringify({ timestamp, message: { role, isError, timestamp: sent } }));
}
