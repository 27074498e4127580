/** What views are added up from: anew for a question that just came, and kept up to date for those that are always ready. */
import type { Milliseconds } from '../units.ts';
import type { KeptState } from './kept-state.ts';
import { LiveCount, LiveListing } from './live-sessions.ts';
import { LiveSums } from './live-sums.ts';
import type { Filters, SessionsQuery } from './query.ts';
import { Reused } from './reused.ts';
import { FreshSums, type RollupSums } from './rollup-sum.ts';
import { countSessions } from './session-count.ts';
import { type Span, spanOf } from './session-sum.ts';
import { type Listing, listSessions } from './sessions-view.ts';
import { resolveWindow, type Window } from './window.ts';

export interface ViewSources {
  readonly sums: RollupSums;
  /** Instances that count in a window. */
  countSessions(filters: Filters, window: Window): number;
  /** All matches of a question in their order. */
  listSessions(query: SessionsQuery, now: Milliseconds): Listing;
}

export class FreshSources implements ViewSources {
  readonly sums: RollupSums;
  readonly #state: KeptState;

  constructor(state: KeptState) {
    this.#state = state;
    this.sums = new FreshSums(state.rollup);
  }

  countSessions(filters: Filters, window: Window): number {
    return countSessions(this.#state, filters, window);
  }

  listSessions(query: SessionsQuery, now: Milliseconds): Listing {
    return listSessions(this.#state, query, now);
  }
}

export class LiveSources implements ViewSources {
  readonly sums: LiveSums;
  readonly #state: KeptState;
  readonly #counts = new Reused<LiveCount>();
  readonly #listings = new Reused<LiveListing>();

  constructor(state: KeptState) {
    this.#state = state;
    this.sums = new LiveSums(state);
  }

  countSessions(filters: Filters, window: Window): number {
    if (isRestricted(filters)) return countSessions(this.#state, filters, window);
    this.#update();
    return this.#of(this.#counts, window, LiveCount).count();
  }

  listSessions(query: SessionsQuery, now: Milliseconds): Listing {
    if (isRestricted(query.filters) || query.q !== null || query.groupBy !== 'instance') {
      return listSessions(this.#state, query, now);
    }
    this.#update();
    const window = resolveWindow(query, now, this.#state.activity());
    const sorted = this.#of(this.#listings, window, LiveListing).sorted(query.sort);
    return { window, span: spanOf(window), filter: null, shared: true, ...sorted };
  }

  /** Drops what nothing asked for since the last sweep: what belongs to windows that moved on. */
  sweep(): void {
    this.sums.sweep();
    this.#counts.sweep();
    this.#listings.sweep();
  }

  /** All at once, so that each change reaches every one of them. */
  #update(): void {
    const touched = this.#state.catalog.instances.takeTouched();
    for (const live of [...this.#counts.values(), ...this.#listings.values()]) live.touch(touched);
  }

  #of<Live>(lives: Reused<Live>, window: Window, make: new (state: KeptState, span: Span) => Live): Live {
    const span = spanOf(window);
    const key = `${span.start} ${span.end} ${span.undated}`;
    let live = lives.get(key);
    if (live === undefined) {
      live = new make(this.#state, span);
      lives.set(key, live);
    }
    return live;
  }
}

function isRestricted(filters: Filters): boolean {
  return Object.values(filters).some((list: readonly string[]) => list.length > 0);
}
