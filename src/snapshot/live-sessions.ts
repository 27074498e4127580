/**
 * Which sessions count in a window, and their order: kept from one snapshot to the next, and looked at again only where
 * something happened to an instance. No filters; instances, not families.
 */
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Instances } from './instances.ts';
import type { KeptState } from './kept-state.ts';
import { type ListedSession, placeOf, sortSessions } from './listed-session.ts';
import type { SessionSort } from './query.ts';
import { isCounted } from './session-count.ts';
import type { Span } from './session-sum.ts';
import { listedSession } from './sessions-view.ts';

/** With more changes than this, sorting anew is as fast as putting each one in its place. */
const MAX_MOVES = 256;

/** Follows instances. One whose digest must be folded again first stays stale: DigestUnavailable goes to who asked. */
abstract class LiveSessions {
  protected readonly state: KeptState;
  protected readonly span: Span;
  readonly #stale = new Set<number>();
  /** Those from here on, up to the end, are stale too: a set of a hundred thousand takes megabytes. */
  #staleFrom = 0;
  #staleEnd = 0;

  constructor(state: KeptState, span: Span) {
    this.state = state;
    this.span = span;
    this.touch(null);
  }

  /** Instances that something happened to; null for all. */
  touch(numbers: ReadonlySet<number> | null): void {
    if (numbers === null) {
      this.#stale.clear();
      this.#staleFrom = 0;
      this.#staleEnd = this.state.catalog.instances.end;
    } else {
      for (const number of numbers) this.#stale.add(number);
    }
  }

  protected update(): void {
    const { instances } = this.state.catalog;
    for (; this.#staleFrom < this.#staleEnd; this.#staleFrom++) this.look(this.#staleFrom, instances);
    for (const number of this.#stale) {
      this.look(number, instances);
      this.#stale.delete(number);
    }
  }

  /** Takes what was known of an instance out, and what it is now in. */
  protected abstract look(number: number, instances: Instances): void;
}

/** How many sessions count. */
export class LiveCount extends LiveSessions {
  #counted = new Uint8Array(64);
  #count = 0;

  count(): number {
    this.update();
    return this.#count;
  }

  protected override look(number: number, instances: Instances): void {
    const counts = isCounted(this.state, instances.at(number), this.span, null) ? 1 : 0;
    if (number >= this.#counted.length) {
      const grown = new Uint8Array(Math.ceil(instances.end * 1.5));
      grown.set(this.#counted);
      this.#counted = grown;
    }
    this.#count += counts - (this.#counted[number] as number);
    this.#counted[number] = counts;
  }
}

/** The sessions that count, in every order that was asked for. */
export class LiveListing extends LiveSessions {
  readonly #totals = new Float64Array(VIEW_COLUMNS);
  /** By number of the instance. */
  readonly #listed: (ListedSession | undefined)[] = [];
  readonly #orders = new Map<SessionSort, readonly ListedSession[]>();
  /** What the orders do not show yet. */
  readonly #gone = new Set<ListedSession>();
  readonly #come = new Set<ListedSession>();

  /** Totals and order of now: they stay as they are when the listing goes on. */
  sorted(sort: SessionSort): { totals: Float64Array; sessions: readonly ListedSession[] } {
    this.update();
    this.#move();
    let sessions = this.#orders.get(sort);
    if (sessions === undefined) {
      sessions = sortSessions(
        this.#listed.filter((session) => session !== undefined),
        sort,
      );
      this.#orders.set(sort, sessions);
    }
    return { totals: this.#totals.slice(), sessions };
  }

  protected override look(number: number, instances: Instances): void {
    const rows = instances.at(number);
    const now = rows.length === 0 ? null : listedSession(this.state, rows, this.span, null);
    const before = this.#listed[number];
    if (before !== undefined) {
      addTimes(this.#totals, before.sum.figures, -1);
      if (!this.#come.delete(before)) this.#gone.add(before);
    }
    this.#listed[number] = now ?? undefined;
    if (now === null) return;
    addTimes(this.#totals, now.sum.figures, 1);
    this.#come.add(now);
  }

  /** Brings the orders up to date. */
  #move(): void {
    if (this.#gone.size + this.#come.size > MAX_MOVES) this.#orders.clear();
    for (const [sort, sessions] of this.#orders) {
      if (this.#gone.size + this.#come.size === 0) break;
      const moved = sessions.filter((session) => !this.#gone.has(session));
      for (const session of this.#come) moved.splice(placeOf(session, moved, sort), 0, session);
      this.#orders.set(sort, moved);
    }
    this.#gone.clear();
    this.#come.clear();
  }
}

function addTimes(target: Float64Array, figures: Float64Array, sign: 1 | -1): void {
  for (let at = 0; at < VIEW_COLUMNS; at++) {
    target[at] = (target[at] as number) + sign * (figures[at] as number);
  }
}
