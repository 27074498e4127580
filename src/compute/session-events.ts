/**
 * The visible branch of a session in an agent's database, as the lines that a transcript file would hold: page by page,
 * each read in a short transaction of its own. A branch may grow between two pages. That it is still the same one shows
 * in the event before the page: whatever leads to an event stays as it is.
 */
import type { SqlRow } from '../sqlite-driver.ts';
import { blobOf } from '../sqlite-driver.ts';
import { type Bytes, MIB } from '../units.ts';
import type { QuietDatabase } from './quiet-database.ts';
import { type SessionState, sessionState } from './session-states.ts';
import { unzstd } from './zstd.ts';

/** Text of one page, but for the last event in it, and events of one page: what a transaction takes well under 50 ms for. */
const PAGE_BYTES: Bytes = MIB;
const PAGE_EVENTS = 512;
/** How many events before a cursor its anchor covers. */
const ANCHOR_EVENTS = 4;

const FROM = `FROM session_transcript_active_events a
  JOIN transcript_events e ON e.session_id = a.session_id AND e.seq = a.event_seq
  WHERE a.session_id = ? AND a.active_position >= ? AND a.active_position < ? ORDER BY a.active_position`;
const SIZES = `SELECT coalesce(e.event_utf8_bytes, octet_length(e.event_json)) AS size ${FROM}`;
const EVENTS = `SELECT a.event_seq AS seq, CAST(e.event_json AS BLOB) AS plain, e.event_zstd AS packed,
  e.event_utf8_bytes AS size, e.navigation_json AS navigation ${FROM}`;
const EVENT_AT = 'SELECT event_seq FROM session_transcript_active_events WHERE session_id = ? AND active_position = ?';

export interface EventPage {
  /** No bytes at the end of the branch. */
  readonly lines: Buffer;
  /** Position behind the last event of the page. */
  readonly next: number;
  /** What the session was like when the page was read. */
  readonly state: SessionState;
}

/** The session is another one than it was a moment ago, or gone: whoever reads it has to begin anew. */
export class SessionMoved extends Error {
  override readonly name = 'SessionMoved';
}

export class SessionEvents {
  readonly #database: QuietDatabase;
  readonly #file: string;
  readonly #sessionId: string;
  /** Of the event that was read last. */
  #lastSeq: number | null = null;

  /** @param file absolute path of the database */
  constructor(database: QuietDatabase, file: string, sessionId: string) {
    this.#database = database;
    this.#file = file;
    this.#sessionId = sessionId;
  }

  /**
   * Lines from a position of the branch on, which is where the last page or anchor ended.
   * @throws SessionMoved; an Error where OpenClaw itself does not know the branch now
   */
  page(from: number): EventPage {
    const { rows, state } = this.#database.inOneState(() => {
      const state = sessionState(this.#database, this.#file, this.#sessionId);
      if (state === null) throw new SessionMoved('the session is gone');
      if (state.needsRebuild) throw new Error('its visible branch has to be worked out by OpenClaw first');
      this.#assertContinued(from);
      const end = from + this.#fitting(from);
      return { rows: end === from ? [] : this.#all(EVENTS, from, end), state };
    });
    this.#lastSeq = Number(rows.at(-1)?.seq ?? this.#lastSeq);
    return { lines: Buffer.concat(rows.flatMap((row) => [lineOf(row), NEWLINE])), next: from + rows.length, state };
  }

  /** What the anchor of a cursor at a position is made of; to be gone on from there. */
  beforeCursor(position: number): Uint8Array[] {
    const rows = this.#all(EVENTS, Math.max(0, position - ANCHOR_EVENTS), position);
    this.#lastSeq = Number(rows.at(-1)?.seq ?? null);
    return rows.flatMap((row) => [Buffer.from(`${row.seq}:`), storedBytes(row)]);
  }

  #assertContinued(from: number): void {
    if (from === 0) return;
    const before = this.#database.prepare(EVENT_AT).get(this.#sessionId, from - 1);
    if (before?.event_seq !== this.#lastSeq) throw new SessionMoved('its visible branch changed while it was read');
  }

  /** How many events make a page: at least one, where there is any. */
  #fitting(from: number): number {
    let bytes = 0;
    let count = 0;
    for (const { size } of this.#all(SIZES, from, from + PAGE_EVENTS)) {
      count++;
      bytes += Number(size);
      if (bytes >= PAGE_BYTES) break;
    }
    return count;
  }

  #all(sql: string, from: number, to: number): SqlRow[] {
    return this.#database.prepare(sql).all(this.#sessionId, from, to);
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
