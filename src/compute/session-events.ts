/**
 * The visible branch of a session in an agent's database, as the lines that a transcript file would hold: page by page,
 * each read in a short transaction of its own. A branch may grow between two pages. That it is still the same one shows
 * in the event before the page: whatever leads to an event stays as it is.
 */
import type { FirstPage } from './first-pages.ts';
import type { QuietDatabase } from './quiet-database.ts';
import { SessionMoved } from './session-moved.ts';
import { type SessionState, sessionState } from './session-states.ts';
import { eventsBetween, eventsFrom, lengthOfPageBefore, lineOf, type StoredEvent, textOf } from './stored-events.ts';

/** How many events before a cursor its anchor covers. */
const ANCHOR_EVENTS = 4;

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
  readonly #sessionId: string;
  readonly #first: FirstPage | null;
  /** The last events that were read, as many as an anchor covers, and the position behind them. */
  #latest: readonly StoredEvent[] = [];
  #end = 0;
  /** Of the event that was taken last on the way back. */
  #firstSeq: number | null = null;

  /** @param first the first page, where it was read already */
  constructor(database: QuietDatabase, sessionId: string, first: FirstPage | null = null) {
    this.#database = database;
    this.#sessionId = sessionId;
    this.#first = first;
  }

  /**
   * Lines from a position of the branch on, which is where the last page or anchor ended; none in cold storage.
   * @throws SessionMoved; an Error where OpenClaw itself does not know the branch now
   */
  page(from: number): EventPage {
    const { events, state } = from === 0 && this.#first !== null ? this.#first : this.#read(from);
    const next = from + events.length;
    this.#latest = [...this.#latest, ...events.slice(-ANCHOR_EVENTS)].slice(-ANCHOR_EVENTS);
    this.#end = next;
    return { lines: Buffer.concat(events.flatMap((event) => [lineOf(event), NEWLINE])), next, state };
  }

  /**
   * The lines before a position, which is the end or where the last of them was taken: the last one first, as they were
   * written. Each is decompressed when it is taken. Throws what page() throws.
   */
  *before(end: number): Generator<{ readonly line: Uint8Array; readonly position: number }, undefined> {
    const events = this.#database.inOneState(() => {
      this.#stateNow();
      if (this.#firstSeq !== null) this.#assertSame(end, this.#firstSeq);
      const length = lengthOfPageBefore(this.#database, this.#sessionId, end);
      return eventsBetween(this.#database, this.#sessionId, end - length, end);
    });
    for (const [at, event] of events.reverse().entries()) {
      this.#firstSeq = event.seq;
      yield { line: textOf(event), position: end - at - 1 };
    }
  }

  /** What the anchor of a cursor at a position is made of; to be gone on from there. */
  beforeCursor(position: number): Uint8Array[] {
    const isAtHand = this.#end === position && this.#latest.length === Math.min(position, ANCHOR_EVENTS);
    if (!isAtHand || this.#latest.some(({ bytes }) => bytes === null)) {
      const from = Math.max(0, position - ANCHOR_EVENTS);
      this.#latest = eventsBetween(this.#database, this.#sessionId, from, position);
      this.#end = position;
    }
    return this.#latest.flatMap(({ seq, bytes }) => [Buffer.from(`${seq}:`), bytes as Uint8Array]);
  }

  #read(from: number): { readonly events: readonly StoredEvent[]; readonly state: SessionState } {
    return this.#database.inOneState(() => {
      const state = this.#stateNow();
      // In cold storage there is no branch to go on with.
      if (state.isCold) return { events: [], state };
      this.#assertSame(from - 1, this.#latest.at(-1)?.seq);
      return { events: eventsFrom(this.#database, this.#sessionId, from), state };
    });
  }

  #stateNow(): SessionState {
    const state = sessionState(this.#database, this.#sessionId);
    if (state === null) throw new SessionMoved('the session is gone');
    if (state.needsRebuild) throw new Error('its visible branch has to be worked out by OpenClaw first');
    return state;
  }

  /** The event at a position is still the one that it was; there is none before the first. */
  #assertSame(position: number, seq: number | undefined): void {
    if (position < 0) return;
    const event = this.#database.prepare(EVENT_AT).get(this.#sessionId, position);
    if (event?.event_seq !== seq) throw new SessionMoved('its visible branch changed while it was read');
  }
}

const NEWLINE = Buffer.from('\n');
