/**
 * The visible branch of a session in an agent's database, as the lines that a transcript file would hold: page by page,
 * each page in a short transaction of its own that also makes sure that the session has not changed since the first.
 */
import type { Database, SqlRow } from '../sqlite-driver.ts';
import { blobOf } from '../sqlite-driver.ts';
import { type Bytes, MIB } from '../units.ts';
import { inOneState } from './agent-database.ts';
import { asFileState, type SessionState, sessionState } from './session-states.ts';
import { unzstd } from './zstd.ts';

/** Stored bytes of one page, but for the last event in it, and events of one page. */
const PAGE_BYTES: Bytes = MIB;
const PAGE_EVENTS = 512;
/** How many events before a cursor its anchor covers. */
const ANCHOR_EVENTS = 4;

const FROM = `FROM session_transcript_active_events a
  JOIN transcript_events e ON e.session_id = a.session_id AND e.seq = a.event_seq
  WHERE a.session_id = ? AND a.active_position >= ? AND a.active_position < ? ORDER BY a.active_position`;
const SIZES = `SELECT octet_length(e.event_json) AS plain, octet_length(e.event_zstd) AS packed ${FROM}`;
const EVENTS = `SELECT a.event_seq AS seq, CAST(e.event_json AS BLOB) AS plain, e.event_zstd AS packed,
  e.event_utf8_bytes AS size, e.navigation_json AS navigation ${FROM}`;

export class SessionEvents {
  readonly #database: Database;
  readonly #file: string;
  readonly #state: SessionState;

  /** @param file absolute path of the database @param state what the session is to be like all the time */
  constructor(database: Database, file: string, state: SessionState) {
    this.#database = database;
    this.#file = file;
    this.#state = state;
  }

  /** Lines from a position of the branch on; no bytes at its end. Throws when the session changed. */
  page(from: number): { readonly lines: Buffer; readonly next: number } {
    const rows = this.#read(from, from + PAGE_EVENTS, true);
    return { lines: Buffer.concat(rows.flatMap((row) => [lineOf(row), NEWLINE])), next: from + rows.length };
  }

  /** What the anchor of a cursor at a position is made of. */
  beforeCursor(position: number): Uint8Array[] {
    const rows = this.#read(Math.max(0, position - ANCHOR_EVENTS), position, false);
    return rows.flatMap((row) => [Buffer.from(`${row.seq}:`), storedBytes(row)]);
  }

  #read(from: number, to: number, bounded: boolean): SqlRow[] {
    return inOneState(this.#database, () => {
      const now = sessionState(this.#database, this.#file, this.#state.sessionId);
      if (now === null || asFileState(now).stamp !== asFileState(this.#state).stamp) {
        throw new Error('the session changed while it was read');
      }
      const end = bounded ? from + this.#fitting(from, to) : to;
      return end === from ? [] : this.#database.prepare(EVENTS).all(this.#state.sessionId, from, end);
    });
  }

  /** How many events make a page: at least one, where there is any. */
  #fitting(from: number, to: number): number {
    let bytes = 0;
    let count = 0;
    for (const { plain, packed } of this.#database.prepare(SIZES).all(this.#state.sessionId, from, to)) {
      count++;
      bytes += Number(plain ?? packed);
      if (bytes >= PAGE_BYTES) break;
    }
    return count;
  }
}

const NEWLINE = Buffer.from('\n');

function storedBytes({ plain, packed }: SqlRow): Uint8Array {
  return blobOf(plain ?? packed);
}

/** A tool's result is not decompressed: what counts of it stands beside it. */
function lineOf(row: SqlRow): Uint8Array {
  if (row.plain !== null) return blobOf(row.plain);
  const result = toolResultIn(String(row.navigation));
  return result === null ? unzstd(blobOf(row.packed), Number(row.size)) : Buffer.from(JSON.stringify(result));
}

interface Navigation {
  readonly model?: { readonly timestamp?: unknown; readonly message?: Readonly<Record<string, unknown>> };
}

function toolResultIn(navigation: string): object | null {
  const { timestamp, message } = (JSON.parse(navigation) as Navigation).model ?? {};
  if (message?.role !== 'toolResult') return null;
  const { role, isError, timestamp: sent } = message;
  return { timestamp, message: { role, isError, timestamp: sent } };
}
