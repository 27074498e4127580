/**
 * Decides what has to be said of budgets, and remembers what was: once for each threshold, period and target. It writes to
 * the ledger before anybody sends, and again after it, so that a crash in between makes a notice come twice rather than not
 * at all, under the same id.
 */
import { createHash } from 'node:crypto';
import type { NoticeEntry, NoticeLedger } from '../cache/notice-ledger.ts';
import type { BudgetRow } from '../snapshot/shapes.ts';
import type { Milliseconds } from '../units.ts';
import type { Due, NoticesState, Outcome } from './notice.ts';

const SECOND: Milliseconds = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** After each attempt that failed, the time to the next one; after the last one it is given up (standardwebhooks.com). */
const RETRIES: readonly Milliseconds[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** Entries stay for so long after their period: longer than the last attempt of one can take. */
const KEPT_AFTER: Milliseconds = 7 * 24 * HOUR;
/** Sent at a time. */
const MOST_DUE = 16;

export class NoticeBook {
  readonly #ledger: NoticeLedger;
  /** Names of the targets, by number. */
  readonly #targets: readonly string[];
  /** By id and target, as the ledger has them; null until they are read. */
  #entries: Map<string, NoticeEntry> | null = null;
  /** What became of attempts, as long as the ledger does not take it. */
  #unwritten: NoticeEntry[] = [];

  constructor(ledger: NoticeLedger, targets: readonly string[]) {
    this.#ledger = ledger;
    this.#targets = targets;
  }

  /** Takes note of what budgets have reached. Only for figures that lack nothing. */
  follow(rows: readonly BudgetRow[], now: Milliseconds): void {
    const entries = this.#targets.length === 0 ? null : this.#load();
    if (entries === null) return;
    const reached: NoticeEntry[] = [];
    for (const row of rows) {
      const thresholds = row.thresholds.filter((threshold) => threshold <= (row.crossed ?? 0));
      for (const target of this.#targets) {
        const unsaid = thresholds.filter((threshold) => !entries.has(keyOf(idOf(row, threshold), target)));
        // Only the highest is worth saying.
        for (const threshold of unsaid) reached.push(entryOf(row, threshold, target, threshold === row.crossed, now));
      }
    }
    // What the ledger does not take is not sent: it is found again.
    if (reached.length > 0 && this.#write(reached, now)) this.#remember(reached, now);
  }

  /** What is to be sent now. */
  due(now: Milliseconds): Due[] {
    return [...(this.#load()?.values() ?? [])]
      .filter((entry) => this.#isOpen(entry) && entry.nextAt <= now)
      .slice(0, MOST_DUE)
      .map(({ id, target, body }) => ({ id, target: this.#targets.indexOf(target), body }));
  }

  /** Takes note of what became of attempts. */
  settle(outcomes: readonly Outcome[], now: Milliseconds): void {
    const changed = outcomes.flatMap(({ id, target, error, final }): NoticeEntry[] => {
      const entry = this.#load()?.get(keyOf(id, this.#targets[target] ?? ''));
      if (entry === undefined) return [];
      const attempts = entry.attempts + 1;
      if (error === null) return [{ ...entry, state: 'sent', attempts, error }];
      const wait = final ? undefined : RETRIES[attempts - 1];
      if (wait === undefined) return [{ ...entry, state: 'failed', attempts, error }];
      return [{ ...entry, attempts, error, nextAt: now + wait }];
    });
    if (changed.length === 0) return;
    // Remembered in any case, or it would be sent again at once.
    this.#remember(changed, now);
    if (!this.#write(changed, now)) this.#unwritten.push(...changed);
  }

  /** Null where there is nobody to tell. */
  state(): NoticesState | null {
    if (this.#targets.length === 0) return null;
    const entries = [...(this.#entries?.values() ?? [])];
    const waiting = entries.filter((entry) => this.#isOpen(entry));
    const failed = entries.filter(({ state, target }) => state === 'failed' && this.#targets.includes(target));
    const nextAt = waiting.length === 0 ? null : Math.min(...waiting.map((entry) => entry.nextAt));
    return { waiting: waiting.length, failed: failed.length, nextAt };
  }

  #isOpen({ state, target }: NoticeEntry): boolean {
    return state === 'waiting' && this.#targets.includes(target);
  }

  #load(): Map<string, NoticeEntry> | null {
    if (this.#entries === null) {
      const stored = this.#ledger.load();
      if (stored === undefined) return null;
      this.#entries = new Map(stored.map((entry) => [keyOf(entry.id, entry.target), entry]));
    }
    return this.#entries;
  }

  #write(changed: readonly NoticeEntry[], now: Milliseconds): boolean {
    if (!this.#ledger.save([...this.#unwritten, ...changed], now)) return false;
    this.#unwritten = [];
    return true;
  }

  #remember(changed: readonly NoticeEntry[], now: Milliseconds): void {
    const entries = this.#load();
    if (entries === null) return;
    for (const entry of changed) entries.set(keyOf(entry.id, entry.target), entry);
    for (const [key, { forgetAt }] of entries) if (forgetAt < now) entries.delete(key);
  }
}

function entryOf(row: BudgetRow, threshold: number, target: string, highest: boolean, now: Milliseconds): NoticeEntry {
  const id = idOf(row, threshold);
  const { name, filters, per, period, unit, limit, spent, share, missing, forecast } = row;
  const data = { budget: name, filters, per, period, unit, limit, spent, share, threshold, missing, forecast };
  const body = { id, type: 'budget.threshold', timestamp: new Date(now).toISOString(), data };
  return {
    id,
    target,
    state: highest ? 'waiting' : 'covered',
    body: highest ? JSON.stringify(body) : '',
    attempts: 0,
    nextAt: now,
    error: null,
    forgetAt: period.end + KEPT_AFTER,
  };
}

/** Another limit is another budget: what it reaches is worth saying again. */
function idOf({ name, filters, per, unit, limit, period }: BudgetRow, threshold: number): string {
  const what = JSON.stringify([name, filters, per, unit, limit, period.start, threshold]);
  return `msg_${createHash('sha256').update(what).digest('base64url').slice(0, 22)}`;
}

function keyOf(id: string, target: string): string {
  return `${id} ${target}`;
}
