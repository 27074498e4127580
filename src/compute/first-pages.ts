/**
 * The first pages of a database's sessions, read for many of them in one transaction: most sessions are short, and one by
 * one each takes several calls of the driver.
 */
import type { QuietDatabase } from './quiet-database.ts';
import { type SessionState, statesOf } from './session-states.ts';
import { eventsOfSessions, PAGE_EVENTS, type StoredEvent } from './stored-events.ts';

/** Sessions that are asked about at once, at first and at most. */
const FIRST_SESSIONS = 8;
const MOST_SESSIONS = 64;

/** All of a session's visible branch at one moment. */
export interface FirstPage {
  readonly state: SessionState;
  readonly events: readonly StoredEvent[];
}

export class FirstPages {
  readonly #database: QuietDatabase;
  /** Sessions of which nothing was read yet, the next one last. */
  readonly #waiting: string[];
  /** Where the session that is asked for first has to be read by itself, its page lacks. */
  #pages = new Map<string, FirstPage>();
  #sessions = FIRST_SESSIONS;

  /** @param sessionIds the sessions that will be asked for, in this order */
  constructor(database: QuietDatabase, sessionIds: readonly string[]) {
    this.#database = database;
    this.#waiting = [...sessionIds].reverse();
  }

  /** The first page of the next session; null where it has to be read by itself. Throws the driver's error. */
  take(sessionId: string): FirstPage | null {
    if (this.#waiting.at(-1) === sessionId) {
      if (!this.#pages.has(sessionId)) this.#pages = this.#readAhead();
      this.#waiting.pop();
    }
    return this.#pages.get(sessionId) ?? null;
  }

  #readAhead(): Map<string, FirstPage> {
    const ids = this.#waiting.slice(-this.#sessions);
    return this.#database.inOneState(() => {
      const states = statesOf(this.#database, ids);
      const short: SessionState[] = [];
      let events = 0;
      for (const id of ids.reverse()) {
        const state = states.get(id);
        if (state === undefined || state.isCold || state.needsRebuild) continue;
        events += Number(state.events);
        if (events > PAGE_EVENTS) break;
        short.push(state);
      }
      this.#sessions = Math.min(MOST_SESSIONS, Math.max(1, 2 * short.length));
      const found = eventsOfSessions(
        this.#database,
        short.map(({ sessionId }) => sessionId),
      );
      const pages = new Map<string, FirstPage>();
      for (const state of short) {
        const events = found.get(state.sessionId) ?? [];
        if (events.length === Number(state.events)) pages.set(state.sessionId, { state, events });
      }
      return pages;
    });
  }
}
