/** Answers questions from the keeper's state as figures: finds the builder of a view, and the page that a cursor names. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ClawgaugeError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import { budgetsView } from './budgets-view.ts';
import type { Keeper } from './keeper.ts';
import { type SessionsQuery, type ViewQuery, viewKey } from './query.ts';
import { sessionView } from './session-view.ts';
import { type Listing, sessionsPage } from './sessions-view.ts';
import { usageView } from './usage-view.ts';
import { FreshSources, type ViewSources } from './view-sources.ts';
import { resolveWindow } from './window.ts';

/** Sessions in all listings that are kept for cursors of earlier snapshots. */
const MAX_LISTED = 50_000;
/** Sessions of a shared listing that take as much memory as one of its own. */
const SHARED = 32;

export class Views {
  readonly #keeper: Keeper;
  /** Tells this keeper's cursors from those of one that died. */
  readonly #incarnation: string;
  readonly #listings = new LRUCache<string, Listing>({
    maxSize: MAX_LISTED,
    sizeCalculation: ({ sessions, shared }) => Math.ceil(sessions.length / (shared ? SHARED : 1)) + 1,
  });

  constructor(keeper: Keeper, incarnation: string) {
    this.#keeper = keeper;
    this.#incarnation = incarnation;
  }

  /**
   * The figures of a view. Throws a ClawgaugeError, or DigestUnavailable when a digest must be folded again first.
   * @param sources what it is added up from: by default everything that the keeper knows, anew
   */
  build(query: ViewQuery, now: Milliseconds, sources: ViewSources = new FreshSources(this.#keeper)): object {
    switch (query.view) {
      case 'usage':
        return usageView(this.#keeper, query, now, sources);
      case 'session':
        return sessionView(this.#keeper, query, now);
      case 'sessions':
        return this.#page(query, now, sources);
      case 'budgets':
        return budgetsView(this.#keeper, query, now, sources.sums);
    }
  }

  #page(query: SessionsQuery, now: Milliseconds, sources: ViewSources): object {
    const question = questionOf(query);
    // The window too: at midnight it moves although nothing changed.
    const { end } = resolveWindow(query, now, this.#keeper.activity());
    const current = `${this.#incarnation}.${this.#keeper.version}.${end}`;
    const { snapshot, offset } = query.cursor === null ? { snapshot: current, offset: 0 } : readCursor(query, question);
    let listing = this.#listings.get(`${snapshot} ${question}`);
    if (listing === undefined) {
      if (snapshot !== current) {
        throw new ClawgaugeError('cursor_expired', 'the snapshot of this cursor is gone; start again without a cursor');
      }
      listing = sources.listSessions(query, now);
      this.#listings.set(`${snapshot} ${question}`, listing);
    }
    return sessionsPage(this.#keeper, listing, query, offset, (next) =>
      Buffer.from(JSON.stringify([snapshot, question, next])).toString('base64url'),
    );
  }
}

/** Names everything of a question that decides on the listing: all but the page. */
function questionOf(query: SessionsQuery): string {
  const key = viewKey({ ...query, cursor: null, limit: 1 });
  return createHash('sha256').update(key).digest('base64url').slice(0, 12);
}

function readCursor({ cursor }: SessionsQuery, question: string): { snapshot: string; offset: number } {
  const [snapshot, asked, offset] = parse(cursor ?? '');
  if (typeof snapshot !== 'string' || typeof asked !== 'string' || !Number.isSafeInteger(offset)) {
    throw new ClawgaugeError('invalid_cursor', 'cursor: expected the `next` of an earlier page; got something else');
  }
  if (asked !== question) {
    throw new ClawgaugeError('invalid_cursor', 'cursor: expected the parameters of the page that gave it; got others');
  }
  return { snapshot, offset: Math.max(0, offset as number) };
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
