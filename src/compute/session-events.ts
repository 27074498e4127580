/**
 * The visible branch of a session in an agent's database, as the lines that a transcript file would hold: page by page,
 * each read in a short transaction of its own. A branch may grow between two pages. That it is still the same one shows
 * in the event before the page: whatever leads to an event stays as it is.
 */
import type { SqlRow } from '../sqlite-driver.ts';
import { blobOf } from '../sqlite-driver.ts';
import { type Bytes, MIB } from '../units.ts';
import type { QuietDatabase } from './quiet-database.ts';
import { SessionMoved } from './session-moved.ts';
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

export class SessionEvents {
  readonly #database: QuietDatabase;
  readonly #file: string;
  readonly #sessionId: string;
  /** Of the event that was read last. */
  #lastSeq: number | null = null;
  /** Of the event that was taken last on the way back. */
  #firstSeq: number | null = null;

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
      const state = this.#stateNow();
      this.#assertSame(from - 1, this.#lastSeq);
      const end = from + this.#fitting(this.#sizes(from, from + PAGE_EVENTS));
      return { rows: end === from ? [] : this.#all(EVENTS, from, end), state };
    });
    this.#lastSeq = Number(rows.at(-1)?.seq ?? this.#lastSeq);
    return { lines: Buffer.concat(rows.flatMap((row) => [lineOf(row), NEWLINE])), next: from + rows.length, state };
  }

  /**
   * The lines before a position, which is the end or where the last of them was taken: the last one first, as they were
   * written. Each is decompressed when it is taken. Throws what page() throws.
   */
  *before(end: number): Generator<{ readonly line: Uint8Array; readonly position: number }, undefined> {
    const rows = this.#database.inOneState(() => {
      this.#stateNow();
      if (this.#firstSeq !== null) this.#assertSame(end, this.#firstSeq);
      const sizes = this.#sizes(Math.max(0, end - PAGE_EVENTS), end);
      return this.#all(EVENTS, end - this.#fitting(sizes.reverse()), end);
    });
    for (const [at, row] of rows.reverse().entries()) {
      this.#firstSeq = Number(row.seq);
      yield { line: wholeLineOf(row), position: end - at - 1 };
    }
  }

  /** What the anchor of a cursor at a position is made of; to be gone on from there. */
  beforeCursor(position: number): Uint8Array[] {
    const rows = this.#all(EVENTS, Math.max(0, position - ANCHOR_EVENTS), position);
    this.#lastSeq = Number(rows.at(-1)?.seq ?? null);
    return rows.flatMap((row) => [Buffer.from(`${row.seq}:`), storedBytes(row)]);
  }

  #stateNow(): SessionState {
    const state = sessionState(this.#database, this.#file, this.#sessionId);
    if (state === null) throw new SessionMoved('the session is gone');
    if (state.needsRebuild) throw new Error('its visible branch has to be worked out by OpenClaw first');
    return state;
  }

  /** The event at a position is still the one that it was; there is none before the first. */
  #assertSame(position: number, seq: number | null): void {
    if (position < 0) return;
    const event = this.#database.prepare(EVENT_AT).get(this.#sessionId, position);
    if (event?.event_seq !== seq) throw new SessionMoved('its visible branch changed while it was read');
  }

  #sizes(from: number, to: number): Bytes[] {
    return this.#all(SIZES, from, to).map(({ size }) => Number(size));
  }

  /** How many of some events make a page: at least one, where there is any. */
  #fitting(sizes: readonly Bytes[]): number {
    let bytes = 0;
    const last = sizes.findIndex((size) => {
      bytes += size;
      return bytes >= PAGE_BYTES;
    });
    return last === -1 ? sizes.length : last + 1;
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
  const result = row.plain === null ? toolResultIn(String(row.navigation)) : null;
  return result === null ? wholeLineOf(row) : Buffer.from(JSON.stringify(result));
}

function wholeLineOf(row: SqlRow): Uint8Array {
  return row.plain === null ? unzstd(blobOf(row.packed), Number(row.size)) : blobOf(row.plain);
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
