/** What is said of budgets, to whom and how often: through restarts, failures and a ledger that cannot be written. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ledger } from '../../src/cache/ledger.ts';
import { NoticeLedger } from '../../src/cache/notice-ledger.ts';
import { NoticeBook } from '../../src/notices/notice-book.ts';
import type { BudgetRow } from '../../src/snapshot/shapes.ts';
import { temporaryStateDir } from '../support/stores.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-22T12:00:00Z');

function row(crossed: number | null, more: Partial<BudgetRow> = {}): BudgetRow {
  return {
    name: 'all',
    filters: { agent: [], channel: [], kind: [], provider: [], model: [] },
    per: 'day',
    period: {
      startDate: '2026-11-22',
      endDate: '2026-11-22',
      timeZone: 'UTC',
      start: NOW - 12 * HOUR,
      end: NOW + 12 * HOUR,
    },
    unit: 'usd',
    limit: 10,
    spent: (crossed ?? 0) / 10,
    share: (crossed ?? 0) / 100,
    thresholds: [50, 80, 100],
    crossed,
    missing: 0,
    forecast: null,
    ...more,
  };
}

let directory: string;
let ledger: Ledger;
beforeEach(() => {
  directory = temporaryStateDir();
});
afterEach(() => ledger.close());

/** The book of a process that has just begun. */
function book(targets: readonly string[] = ['one']): NoticeBook {
  ledger?.close();
  ledger = new Ledger(directory, { now: () => NOW });
  return new NoticeBook(new NoticeLedger(ledger), targets);
}

const thresholds = (of: NoticeBook, now = NOW) =>
  of.due(now).map(({ body }) => (JSON.parse(body) as { data: { threshold: number } }).data.threshold);
const taken = (of: NoticeBook, now = NOW) =>
  of.settle(
    of.due(now).map(({ id, target }) => ({ id, target, error: null, final: false })),
    now,
  );
const refused = (of: NoticeBook, now: number, final = false) =>
  of.settle(
    of.due(now).map(({ id, target }) => ({ id, target, error: 'answered 500', final })),
    now,
  );

describe('a threshold', () => {
  test('is said when it is reached, once', () => {
    const first = book();
    first.follow([row(null)], NOW);
    expect(thresholds(first)).toEqual([]);
    first.follow([row(50)], NOW);
    expect(thresholds(first)).toEqual([50]);
    taken(first);
    first.follow([row(50)], NOW);
    expect(thresholds(first)).toEqual([]);
    first.follow([row(80)], NOW);
    expect(thresholds(first)).toEqual([80]);
  });

  test('is not said again by the next process, nor when what was spent falls and rises again', () => {
    const first = book();
    first.follow([row(80)], NOW);
    taken(first);
    const second = book();
    second.follow([row(null)], NOW);
    second.follow([row(80)], NOW);
    expect(thresholds(second)).toEqual([]);
    expect(second.state()).toEqual({ waiting: 0, failed: 0, nextAt: null });
  });

  test('is said instead of all lower ones that are reached with it', () => {
    const first = book();
    first.follow([row(100)], NOW);
    expect(thresholds(first)).toEqual([100]);
    taken(first);
    first.follow([row(80)], NOW);
    expect(thresholds(first)).toEqual([]);
  });

  test('is not said when a higher one was before: one that was added to the configuration', () => {
    const first = book();
    first.follow([row(80)], NOW);
    taken(first);
    first.follow([row(80, { thresholds: [30, 50, 80, 100] })], NOW);
    expect(thresholds(first)).toEqual([]);
    first.follow([row(90, { thresholds: [30, 50, 80, 90] })], NOW);
    expect(thresholds(first)).toEqual([90]);
  });

  test('is said again of the next period, and of another limit', () => {
    const first = book();
    first.follow([row(50)], NOW);
    taken(first);
    const { period } = row(50);
    first.follow([row(50, { period: { ...period, start: period.end, end: period.end + DAY } })], NOW + DAY);
    first.follow([row(50, { limit: 20 })], NOW + DAY);
    expect(thresholds(first, NOW + DAY)).toEqual([50, 50]);
  });

  test('is said to every target by the same id, to one that is new too', () => {
    const first = book();
    first.follow([row(50)], NOW);
    const id = first.due(NOW)[0]?.id;
    taken(first);
    const second = book(['two', 'one']);
    second.follow([row(50)], NOW);
    expect(second.due(NOW)).toMatchObject([{ id, target: 0 }]);
    expect(id).toMatch(/^msg_[\w-]{22}$/);
  });

  test('that waits for a target which is not configured any more waits on in silence', () => {
    book().follow([row(50)], NOW);
    expect(book(['two']).due(NOW)).toEqual([]);
    expect(thresholds(book())).toEqual([50]);
  });
});

describe('what is sent', () => {
  test('says all about the budget, and stays the same until it is taken', () => {
    const first = book();
    first.follow([row(50)], NOW);
    const [due] = first.due(NOW);
    expect(JSON.parse(due?.body ?? '')).toEqual({
      id: due?.id,
      type: 'budget.threshold',
      timestamp: '2026-11-22T12:00:00.000Z',
      data: {
        ...{ budget: 'all', filters: row(50).filters, per: 'day', period: row(50).period, unit: 'usd', limit: 10 },
        ...{ spent: 5, share: 0.5, threshold: 50, missing: 0, forecast: null },
      },
    });
    refused(first, NOW);
    first.follow([row(50, { spent: 6 })], NOW + DAY);
    expect(first.due(NOW + DAY)).toEqual([due]);
  });

  test('is tried ten times at growing distances, also by later processes, and then given up', () => {
    book().follow([row(50)], NOW);
    let now = NOW;
    const waits: number[] = [];
    for (let state = book().state(); ; ) {
      const next = book();
      refused(next, now);
      state = next.state();
      if (state?.nextAt == null) break;
      waits.push((state.nextAt - now) / 1000);
      expect(next.due(state.nextAt - 1)).toEqual([]);
      now = state.nextAt;
    }
    expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    const last = book();
    last.due(now);
    expect(last.state()).toEqual({ waiting: 0, failed: 1, nextAt: null });
  });

  test('is given up at once when the receiver says that it is gone', () => {
    const first = book();
    first.follow([row(50)], NOW);
    refused(first, NOW, true);
    expect(first.state()).toEqual({ waiting: 0, failed: 1, nextAt: null });
  });

  test('is forgotten a week after its period', () => {
    const first = book();
    first.follow([row(50)], NOW);
    refused(first, NOW, true);
    const later = NOW + 8 * DAY;
    first.follow([row(50, { name: 'other', period: { ...row(50).period, end: later + DAY } })], later);
    expect(first.state()).toMatchObject({ waiting: 1, failed: 0 });
  });
});

describe('while the ledger cannot be written', () => {
  const lock = () => mkdirSync(join(directory, 'ledger.sqlite'));
  const unlock = () => rmSync(join(directory, 'ledger.sqlite'), { recursive: true });

  test('nothing is said that could be said twice; it is once that is over', () => {
    lock();
    const first = book();
    first.follow([row(50)], NOW);
    expect(thresholds(first)).toEqual([]);
    unlock();
    first.follow([row(50)], NOW);
    expect(thresholds(first)).toEqual([50]);
  });

  test('what was taken is not sent again, and is written with the next', () => {
    const first = book();
    first.follow([row(50)], NOW);
    const entries = new NoticeLedger(ledger);
    ledger.use((database) => database.exec('ALTER TABLE notices RENAME TO away'));
    taken(first);
    expect(thresholds(first)).toEqual([]);
    ledger.use((database) => database.exec('ALTER TABLE away RENAME TO notices'));
    expect(entries.load()).toMatchObject([{ state: 'waiting' }]);
    first.follow([row(80)], NOW);
    expect(
      entries
        .load()
        ?.map(({ state }) => state)
        .sort(),
    ).toEqual(['sent', 'waiting']);
  });
});
