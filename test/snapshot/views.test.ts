import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { ClawgaugeError } from '../../src/errors.ts';
import { sessionQuery, sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import type { SessionRow, SessionsFigures, UsageFigures } from '../../src/snapshot/shapes.ts';
import { Views } from '../../src/snapshot/views.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { randomStore, writeWhole } from '../support/random-store.ts';

const ALL = { timeZone: 'UTC', range: 'all' } as const;

let kept: KeptStore;
let views: Views;
beforeEach(() => {
  const directory = randomStore(6);
  kept = new KeptStore(directory);
  kept.refresh();
  views = new Views(kept.keeper, 'first');
});

type Page = Parameters<typeof sessionsQuery>[2];

function list(page: Page, now = REFRESHED_AT): SessionsFigures {
  return views.build(sessionsQuery(ALL, {}, page), now) as SessionsFigures;
}

/** All rows, page by page. */
function follow(page: Page, first = list(page)): SessionRow[] {
  const rows = [...first.sessions];
  for (let { next } = first; next !== null; ) {
    const following = list({ ...page, cursor: next });
    expect(following.totals).toEqual(first.totals);
    expect(following.matches).toBe(first.matches);
    rows.push(...following.sessions);
    next = following.next;
  }
  return rows;
}

/** Changes the figures, and which session comes first. */
function change(): void {
  const line = { timestamp: '2026-11-22T12:00:00Z', message: { role: 'assistant', usage: { input: 1e9 } } };
  writeWhole(join(kept.directory, 'agents/main/sessions/latest.jsonl'), linesOf([line]));
  appendFileSync(join(kept.directory, 'agents/main/sessions/main-1.jsonl'), linesOf([line]));
  kept.refresh();
}

function codeOf(action: () => unknown): ErrorCode | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof ClawgaugeError) return error.code;
    throw error;
  }
}

describe('pages', () => {
  test.each([1, 2, 7, 1000])('of %d cover all rows once, in order', (limit) => {
    for (const sort of ['updated', 'cost', 'tokens'] as const) {
      const whole = list({ sort, limit: 1000 });
      expect(whole.matches).toBe(whole.sessions.length);
      expect(whole.matches).toBeGreaterThan(10);
      expect(follow({ sort, limit })).toEqual(whole.sessions);
    }
  });

  test('of an earlier snapshot go on with its order after a change, while new ones show the change', () => {
    const first = list({ limit: 4, sort: 'tokens' });
    const before = list({ limit: 1000, sort: 'tokens' });
    change();
    const names = (rows: readonly SessionRow[]) => rows.map(({ agent, sessionId }) => `${agent}/${sessionId}`);
    const figures = (rows: readonly SessionRow[]) => rows.map(({ totals }) => totals.totalTokens);
    const followed = follow({ limit: 4, sort: 'tokens' }, first);
    expect(names(followed)).toEqual(names(before.sessions));
    expect(figures(followed)).toEqual(figures(before.sessions));
    expect(list({ limit: 1000, sort: 'tokens' }).matches).toBe(before.matches + 1);
  });

  test('of an earlier snapshot expire when too much has been listed since', () => {
    const { next } = list({ limit: 4 });
    change();
    expect(codeOf(() => list({ limit: 4, cursor: next }))).toBeNull();
    for (let listed = 0, number = 0; listed < 50_000; number++) {
      const query = sessionsQuery(ALL, { agent: ['main', 'ops', 'attic', `nobody ${number}`] });
      listed += (views.build(query, REFRESHED_AT) as SessionsFigures).matches;
    }
    expect(codeOf(() => list({ limit: 4, cursor: next }))).toBe('cursor_expired');
  });

  test('of another keeper are expired', () => {
    const { next } = list({ limit: 4 });
    views = new Views(kept.keeper, 'second');
    expect(codeOf(() => list({ limit: 4, cursor: next }))).toBe('cursor_expired');
  });

  test('may change their size on the way', () => {
    const first = list({ limit: 3 });
    const second = list({ limit: 5, cursor: first.next });
    expect([...first.sessions, ...second.sessions]).toEqual(list({ limit: 8 }).sessions);
  });
});

describe('a cursor', () => {
  test('belongs to its question', () => {
    const { next } = list({ limit: 4, sort: 'cost' });
    expect(codeOf(() => list({ cursor: next, sort: 'tokens' }))).toBe('invalid_cursor');
    expect(codeOf(() => list({ cursor: next, sort: 'cost', q: 'x' }))).toBe('invalid_cursor');
    const filtered = sessionsQuery(ALL, { agent: ['ops'] }, { cursor: next, sort: 'cost' });
    expect(codeOf(() => views.build(filtered, REFRESHED_AT))).toBe('invalid_cursor');
    expect(codeOf(() => list({ cursor: next, sort: 'cost' }))).toBeNull();
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    '',
    'x',
    '%',
    encode(null),
    encode({}),
    encode([]),
    encode(['a', 'b']),
    encode([1, 2, 3]),
    encode(['a', 'b', 1.5]),
    encode(['a', 'b', 'c']),
  ])('that this service did not give is refused: %j', (cursor) => {
    expect(codeOf(() => list({ cursor }))).toBe('invalid_cursor');
  });

  test('past the end, or before the start, gives no row twice', () => {
    const { next } = list({ limit: 4 });
    const [snapshot, question] = JSON.parse(Buffer.from(next ?? '', 'base64url').toString()) as [string, string];
    expect(list({ cursor: encode([snapshot, question, 99_999]) })).toMatchObject({ sessions: [], next: null });
    expect(list({ cursor: encode([snapshot, question, -7]), limit: 2 }).sessions).toEqual(list({ limit: 2 }).sessions);
  });
});

describe('with the time and nothing else', () => {
  const NOON = Date.parse('2026-11-22T12:00:00Z');
  const DAY = 86_400_000;

  test('a list keeps its cursors while its window stays', () => {
    const query = (cursor: string | null) => sessionsQuery({ timeZone: 'UTC' }, {}, { limit: 2, cursor });
    const first = views.build(query(null), NOON) as SessionsFigures;
    const second = views.build(query(first.next), NOON + DAY / 4) as SessionsFigures;
    expect(second.window).toEqual(first.window);
  });

  test('a list moves on at midnight', () => {
    const query = sessionsQuery({ timeZone: 'UTC', range: 'today' });
    const dates = [0, DAY / 4, DAY / 2, DAY].map((later) => {
      const { window } = views.build(query, NOON + later) as SessionsFigures;
      return window.startDate;
    });
    expect(dates).toEqual(['2026-11-22', '2026-11-22', '2026-11-23', '2026-11-23']);
  });

  test('usage moves on at midnight', () => {
    const query = usageQuery({ timeZone: 'Europe/Paris', range: 'today' });
    const dates = ['2026-11-22T22:59:59Z', '2026-11-22T23:00:00Z'].map(
      (now) => (views.build(query, Date.parse(now)) as UsageFigures).window.startDate,
    );
    expect(dates).toEqual(['2026-11-22', '2026-11-23']);
  });
});

test.each<[string, object]>([
  ['usage', usageQuery({ timeZone: 'UTC', startDate: '2026-02-30', endDate: '2026-03-01' })],
  ['sessions', sessionsQuery({ timeZone: 'UTC', startDate: '2026-03-02', endDate: '2026-03-01' })],
  [
    'a session',
    sessionQuery(
      { timeZone: 'UTC', granularity: 'quarter', range: '90d' },
      { groupBy: 'instance', agent: 'main', sessionId: 'main-1' },
    ),
  ],
])('%s of a window that cannot be is refused', (_, query) => {
  expect(codeOf(() => views.build(query as ReturnType<typeof usageQuery>, REFRESHED_AT))).toBe('invalid_parameter');
});
