/** The answer about one session, held against the oracle asked about that session alone. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ClawgaugeError, type ErrorCode } from '../../src/errors.ts';
import { type SessionTarget, sessionQuery, type WindowChoice } from '../../src/snapshot/query.ts';
import { sessionView } from '../../src/snapshot/session-view.ts';
import type { SessionRow } from '../../src/snapshot/shapes.ts';
import { usageAnswer } from '../oracle/answer.ts';
import { readStateDir, type StoredSession } from '../oracle/sessions.ts';
import { sessionRows } from '../oracle/sessions-answer.ts';
import { attempt, expectEqual } from '../support/answers.ts';
import { linesOf } from '../support/fold-text.ts';
import { keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { pick, type Random, seededRandom } from '../support/random.ts';
import { randomQuestion } from '../support/random-question.ts';
import { randomStore, writeJson, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const QUESTIONS = 80;

test.each([0, 1, 2])('the answer equals the oracle for random questions about random store %d', (seed) => {
  const directory = randomStore(seed);
  const { keeper } = keptStore(directory);
  const sessions = readStateDir(directory);
  const rnd = seededRandom(seed);
  for (let number = 0; number < QUESTIONS; number++) {
    const { window, now } = randomQuestion(rnd);
    const target = randomTarget(sessions, rnd);
    const view = attempt(() => sessionView(keeper, sessionQuery(window, target), now));
    const expected = attempt(() => expectedFigures(sessions, target, window, now));
    if (view === 'refused' || expected === 'refused') {
      expect(view).toBe(expected);
      continue;
    }
    const { session, instances, unreadable: _, ...rest } = view;
    const { totals, messages, listed, whole, ...figures } = expected;
    expectEqual(rest, figures, { window, target, now });
    expect({ totals: session.totals, messages: session.messages }).toEqual({ totals, messages });
    expectEqual(counting([session]), whole, { window, target, now });
    expectEqual(counting(instances), listed, { window, target, now });
  }
});

function randomTarget(sessions: readonly StoredSession[], rnd: Random): SessionTarget {
  const { agent, sessionId, family } = pick(sessions, rnd);
  return rnd() < 0.5 ? { groupBy: 'instance', agent, sessionId } : { groupBy: 'family', key: family, agent };
}

/** Those with anything in the window, which alone the oracle lists. */
function counting(rows: readonly SessionRow[]): SessionRow[] {
  const bySessionId = (a: SessionRow, b: SessionRow) => (a.sessionId < b.sessionId ? -1 : 1);
  return rows.filter(({ messages }) => messages.total > 0).sort(bySessionId);
}

/** What the oracle says of the same store, in which this session is the only one of an agent. */
function expectedFigures(sessions: readonly StoredSession[], target: SessionTarget, window: WindowChoice, now: number) {
  const agent = target.agent ?? '';
  const isMeant = (session: StoredSession) =>
    session.agent === agent &&
    (target.groupBy === 'family' ? session.family === target.key : session.sessionId === target.sessionId);
  const alone = sessions.map((session) => ({ ...session, agent: isMeant(session) ? 'meant' : 'another' }));
  const query = { ...window, filters: { agent: ['meant'] } };
  const list = (groupBy: 'instance' | 'family') =>
    counting(sessionRows(alone, query, now, groupBy).sessions.map((row) => ({ ...row, agent })));
  const {
    series,
    undated,
    byModel,
    tools,
    latency,
    totals,
    messages,
    window: resolved,
  } = usageAnswer(alone, query, now);
  const figures = { window: resolved, series, undated, byModel, tools, latency };
  return { ...figures, totals, messages, whole: list(target.groupBy), listed: list('instance') };
}

describe('of a session', () => {
  const directory = temporaryStateDir();
  const message = { timestamp: '2026-11-20T10:00:00Z', message: { role: 'user' } };
  for (const agent of ['main', 'ops']) {
    writeWhole(join(directory, `agents/${agent}/sessions/a.jsonl`), linesOf([message, '{"message":{"role":"user"']));
    writeWhole(join(directory, `agents/${agent}/sessions/old.jsonl.reset.2026-11-01T00-00-00Z`), linesOf([message]));
    const entry = { sessionId: 'a', usageFamilyKey: 'shared', usageFamilySessionIds: ['old'] };
    writeJson(directory, `agents/${agent}/sessions/sessions.json`, { [`agent:${agent}:main`]: entry });
  }
  const capped = { timestamp: '2026-11-20T10:00:00Z', message: { role: 'assistant', usage: { input: 5e15 } } };
  writeWhole(join(directory, 'agents/main/sessions/capped.jsonl'), linesOf([capped]));
  const { keeper } = keptStore(directory);
  const view = (target: SessionTarget, window: WindowChoice = { timeZone: 'UTC' }) =>
    sessionView(keeper, sessionQuery(window, target), REFRESHED_AT);
  const codeOf = (target: SessionTarget): ErrorCode | null => {
    try {
      view(target);
      return null;
    } catch (error) {
      if (error instanceof ClawgaugeError) return error.code;
      throw error;
    }
  };

  test('nobody knows there is no answer', () => {
    expect(codeOf({ groupBy: 'family', key: 'nobody', agent: null })).toBe('session_not_found');
    expect(codeOf({ groupBy: 'family', key: 'shared', agent: 'attic' })).toBe('session_not_found');
    expect(codeOf({ groupBy: 'instance', agent: 'main', sessionId: 'nobody' })).toBe('session_not_found');
    expect(codeOf({ groupBy: 'instance', agent: 'attic', sessionId: 'a' })).toBe('session_not_found');
  });

  test('that several agents have, one has to be named', () => {
    expect(codeOf({ groupBy: 'family', key: 'shared', agent: null })).toBe('session_ambiguous');
    const { session, instances } = view({ groupBy: 'family', key: 'shared', agent: 'ops' });
    expect(session).toMatchObject({ agent: 'ops', sessionId: 'a', instances: 2, messages: { total: 2 } });
    expect(instances.map(({ sessionId }) => sessionId).sort()).toEqual(['a', 'old']);
  });

  test('that did nothing in the window there are zeros', () => {
    const window = { timeZone: 'UTC', startDate: '2020-01-01', endDate: '2020-01-02' };
    const { session, series, latency } = view({ groupBy: 'instance', agent: 'main', sessionId: 'a' }, window);
    expect(session).toMatchObject({ messages: { total: 0 }, model: null, firstActivity: null, lastActivity: null });
    expect(series.map(({ totals }) => totals.records)).toEqual([0, 0]);
    expect(latency).toBeNull();
  });

  test('whatever could not be read or believed is told, whatever the window', () => {
    const window = { timeZone: 'UTC', startDate: '2020-01-01', endDate: '2020-01-02' };
    const unreadable = (sessionId: string) =>
      view({ groupBy: 'instance', agent: 'main', sessionId }, window).unreadable;
    expect(unreadable('a')).toEqual({ malformed: 1, cut: 0, capped: 0 });
    expect(unreadable('capped')).toEqual({ malformed: 0, cut: 0, capped: 1 });
  });
});
