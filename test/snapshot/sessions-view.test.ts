/** The pages of /v1/sessions, held against the oracle for any question, grouping and order. */
import { describe, expect, test } from 'vitest';
import type { KeptState } from '../../src/snapshot/kept-state.ts';
import { type SessionsQuery, sessionsQuery } from '../../src/snapshot/query.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import type { SessionRow, SessionsFigures } from '../../src/snapshot/shapes.ts';
import { readStateDir } from '../oracle/sessions.ts';
import { sessionRows } from '../oracle/sessions-answer.ts';
import { attempt, expectEqual, oracleQuery } from '../support/answers.ts';
import { keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { pick, seededRandom } from '../support/random.ts';
import { randomQuestion } from '../support/random-question.ts';
import { randomStore } from '../support/random-store.ts';

const QUESTIONS = 60;

/** All rows on one page. */
function wholeView(state: KeptState, query: SessionsQuery, now: number): SessionsFigures {
  return sessionsPage(state, listSessions(state, query, now), query, 0, String);
}

describe.each(['instance', 'family'] as const)('the list by %s', (groupBy) => {
  test.each([0, 1, 2, 3, 4])('equals the oracle for random questions about random store %d', (seed) => {
    const directory = randomStore(seed);
    const { keeper } = keptStore(directory);
    const sessions = readStateDir(directory);
    const rnd = seededRandom(seed);
    for (let number = 0; number < QUESTIONS; number++) {
      const { window, filters, now } = randomQuestion(rnd);
      const sort = pick(['updated', 'cost', 'tokens'] as const, rnd);
      const query = sessionsQuery(window, filters, { groupBy, sort, limit: 1000 });
      const actual = attempt(() => wholeView(keeper, query, now));
      const expected = attempt(() => {
        const answer = sessionRows(sessions, oracleQuery(query), now, groupBy);
        return { ...answer, sessions: sorted(answer.sessions, sort), next: null };
      });
      expectEqual(actual, expected, { query, now });
    }
  });
});

/** Largest first; the oracle's rows come latest first. */
function sorted(rows: SessionRow[], sort: SessionsQuery['sort']): SessionRow[] {
  const figure = ({ totals }: SessionRow) => (sort === 'cost' ? Number(totals.costNano) : totals.totalTokens);
  if (sort === 'updated') return rows;
  const name = ({ agent, sessionId }: SessionRow) => `${agent} ${sessionId}`;
  return [...rows].sort((a, b) => figure(b) - figure(a) || (name(a) < name(b) ? -1 : 1));
}

describe('the search text', () => {
  const directory = randomStore(1);
  const { keeper } = keptStore(directory);
  const list = (q: string | null) => {
    const query = sessionsQuery({ timeZone: 'UTC', range: 'all' }, {}, { q, limit: 1000 });
    return wholeView(keeper, query, REFRESHED_AT);
  };
  const all = list(null);
  const texts = ({ key, label, sessionId }: SessionRow) => [key, label, sessionId].filter((text) => text !== null);

  const words = ['AGENT:', 'label', 'ops-', ':main'];

  test.each([...words, 'nobody'])('%s is looked for in key, label and session id, in any case', (q) => {
    const wanted = q.toLowerCase();
    const holding = all.sessions.filter((row) => texts(row).some((text) => text.toLowerCase().includes(wanted)));
    const found = list(q);
    expect(found.sessions).toEqual(holding);
    expect(found.matches).toBe(holding.length);
    expect(found.totals.totalTokens).toBe(holding.reduce((sum, { totals }) => sum + totals.totalTokens, 0));
    if (words.includes(q)) expect(holding.length).toBeGreaterThan(0);
  });
});

test('a page begins where it is asked to, and names the next one while there are more', () => {
  const directory = randomStore(2);
  const { keeper } = keptStore(directory);
  const query = sessionsQuery({ timeZone: 'UTC', range: 'all' }, {}, { limit: 7 });
  const listing = listSessions(keeper, query, REFRESHED_AT);
  const whole = wholeView(keeper, { ...query, limit: 1000 }, REFRESHED_AT);
  const page = (offset: number) => sessionsPage(keeper, listing, query, offset, (next) => `at ${next}`);
  expect(page(7)).toEqual({ ...whole, sessions: whole.sessions.slice(7, 14), next: 'at 14' });
  const rest = whole.matches - 7;
  expect(page(rest)).toEqual({ ...whole, sessions: whole.sessions.slice(rest), next: null });
  expect(page(whole.matches + 5).sessions).toEqual([]);
});
