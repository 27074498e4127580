/** The oracle's answers on small stores where the right ones are plain to see, and sums that must always agree. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MODELS, recordArbitrary } from '../support/arbitrary-record.ts';
import { type OracleQuery, usageAnswer } from './answer.ts';
import { oraclePrices } from './prices.ts';
import { readTranscript } from './records.ts';
import type { OracleSession } from './sessions.ts';
import { sessionRows } from './sessions-answer.ts';
import { resolveWindow } from './window.ts';

const NOW = Date.parse('2026-11-22T12:34:56Z');
const PRICES = oraclePrices(null, {
  providers: {
    acme: { models: [{ id: 'acme-large', cost: { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 } }] },
  },
});

function session(agent: string, sessionId: string, records: unknown[]): OracleSession {
  const bytes = Buffer.from(records.map((record) => JSON.stringify(record)).join('\n'));
  const key = `agent:${agent}:main`;
  return {
    agent,
    sessionId,
    key,
    label: null,
    channel: 'none',
    kind: 'main',
    family: key,
    class: 'primary',
    updatedAt: NOW,
    records: readTranscript(bytes, PRICES).records,
  };
}

function message(timestamp: string | null, role: string, rest: object = {}): unknown {
  return { timestamp, message: { role, ...rest } };
}

const STORE = [
  session('main', 'a', [
    message('2026-11-21T23:50:00Z', 'user'),
    message('2026-11-21T23:50:04Z', 'assistant', {
      provider: 'acme',
      model: 'acme-large',
      usage: { input: 10, output: 1 },
    }),
    message('2026-11-22T01:00:00Z', 'assistant', {
      provider: 'x',
      model: 'y',
      usage: { input: 5 },
      stopReason: 'error',
    }),
    message(null, 'assistant', { usage: { input: 7, cost: { total: 1 } } }),
  ]),
  session('ops', 'b', [message('2026-11-22T12:45:00Z', 'user', { usage: { input: 3, cost: { total: 2 } } })]),
];

describe('a usage answer', () => {
  test('of today in UTC', () => {
    const answer = usageAnswer(STORE, { range: 'today', timeZone: 'UTC' }, NOW);
    expect(answer).toMatchObject({
      window: { startDate: '2026-11-22', endDate: '2026-11-22', start: Date.parse('2026-11-22') },
      totals: { records: 2, input: 8, missing: 1, costNano: '2000000000' },
      previous: { records: 0 },
      undated: null,
      future: 1,
      messages: { total: 2, user: 1, assistant: 1, errors: 1 },
      prices: { missing: [{ provider: 'x', model: 'y', records: 1, tokens: 5 }] },
      sessionCount: 2,
    });
    expect(answer.byAgent.map(({ agent }) => agent)).toEqual(['ops', 'main']);
  });

  test('of all, with what has no time in no row', () => {
    const answer = usageAnswer(STORE, { range: 'all', timeZone: 'Asia/Kathmandu', split: 'model' }, NOW);
    expect(answer).toMatchObject({
      window: { startDate: '2026-11-22', endDate: '2026-11-22', start: Date.parse('2026-11-21T18:15:00Z') },
      totals: { records: 4, estimated: 1, costNano: '3000028000' },
      previous: null,
      undated: { records: 1, costNano: '1000000000' },
      latency: { count: 2, p50Ms: 4000 },
      split: { rows: [{ name: 'none' }, { name: 'acme/acme-large' }, { name: 'x/y' }] },
    });
  });

  test('of a model knows no users', () => {
    const filters = { model: ['none'] };
    const answer = usageAnswer(STORE, { range: 'all', timeZone: 'UTC', filters }, NOW);
    expect(answer).toMatchObject({
      messages: { total: 1, user: null, assistant: 1 },
      totals: { records: 2 },
      sessionCount: 2,
    });
  });
});

describe('a window', () => {
  const hours = (date: string, timeZone: string) => {
    const { start, end } = resolveWindow({ startDate: date, endDate: date, timeZone }, NOW, []);
    return [new Date(start).toISOString(), (end - start) / 3_600_000];
  };

  test.each([
    ['2026-03-29', 'Europe/Paris', '2026-03-28T23:00:00.000Z', 23],
    ['2026-10-25', 'Europe/Paris', '2026-10-24T22:00:00.000Z', 25],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', 23],
    ['2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', 24.5],
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 0],
    ['2026-11-22', 'Asia/Kathmandu', '2026-11-21T18:15:00.000Z', 24],
    ['2026-11-22', 'UTC-9:30', '2026-11-22T09:30:00.000Z', 24],
  ])('of %s in %s starts at %s and lasts %d hours', (date, zone, start, length) => {
    expect(hours(date, zone)).toEqual([start, length]);
  });

  test.each([
    ['2026-10-26T00:10:00Z', '2026-10-24T23:00:00.000Z'], // 01:10, which was still summer time yesterday
    ['2026-10-26T01:40:00Z', '2026-10-25T00:30:00.000Z'], // 02:40: twice yesterday, the first counts
    ['2026-10-26T02:10:00Z', '2026-10-25T02:00:00.000Z'], // 03:10
    ['2026-03-30T00:20:00Z', '2026-03-29T01:00:00.000Z'], // 02:20 was skipped yesterday
  ])('before today at %s ends at the same clock time in Paris: %s', (now, expected) => {
    const store = [session('main', 'a', yesterdayUntil(Date.parse(expected)))];
    const answer = usageAnswer(store, { range: 'today', timeZone: 'Europe/Paris' }, Date.parse(now));
    expect(answer.previous?.input).toBe(1);
  });

  /** One record in the last quarter hour that counts, one in the first that does not. */
  function yesterdayUntil(end: number): unknown[] {
    const usage = (at: number, input: number) => message(new Date(at).toISOString(), 'assistant', { usage: { input } });
    return [usage(end - 900_000, 1), usage(end, 100)];
  }
});

describe('whatever the store and the question', () => {
  const span = { from: NOW - 40 * 86_400_000, to: NOW + 86_400_000 };
  const store = fc
    .array(
      fc.tuple(
        fc.constantFrom('main', 'ops'),
        fc.constantFrom('a', 'b', 'c'),
        fc.array(recordArbitrary(span), { maxLength: 25 }),
      ),
      {
        maxLength: 5,
      },
    )
    .map((list) => list.map(([agent, id, records]) => session(agent, id, records)));
  const question: fc.Arbitrary<OracleQuery> = fc.record({
    range: fc.constantFrom('today', '7d', '30d', '90d', '1y', 'all'),
    timeZone: fc.constantFrom('UTC', 'Europe/Paris', 'Asia/Kathmandu', 'America/St_Johns', 'UTC+5:45'),
    granularity: fc.constantFrom('day', 'hour'),
    split: fc.constantFrom('model', 'provider', 'agent', 'channel', 'kind'),
    filters: fc.record(
      {
        agent: fc.constant(['ops']),
        provider: fc.constant(['acme', 'none']),
        model: fc.constant([MODELS[0]?.model as string]),
      },
      { requiredKeys: [] },
    ),
  });

  test('rows, groups, splits and sessions add up to the totals', () => {
    fc.assert(
      fc.property(store, question, (sessions, query) => {
        const answer = usageAnswer(sessions, query, NOW);
        const { totals } = answer;
        const undated = answer.undated?.totalTokens ?? 0;
        const sum = (rows: Array<{ totals: { totalTokens: number } }>) =>
          rows.reduce((all, row) => all + row.totals.totalTokens, 0);
        expect(sum(answer.series) + undated).toBe(totals.totalTokens);
        for (const rows of [answer.byModel, answer.byProvider, answer.byAgent, answer.byChannel, answer.byKind]) {
          expect(sum(rows)).toBe(totals.totalTokens);
        }
        const split = answer.split?.rows.flatMap((row) => row.totalTokens) ?? [];
        expect(split.reduce((all, tokens) => all + tokens, 0) + undated).toBe(totals.totalTokens);
        expect(answer.split?.rows.every((row) => row.cost.length === answer.series.length)).toBe(true);
        expect(answer.messages.toolCalls).toBe(answer.tools.calls);
        const instances = sessionRows(sessions, query, NOW, 'instance');
        expect(instances).toMatchObject({ totals, matches: answer.sessionCount });
        expect(sum(instances.sessions)).toBe(totals.totalTokens);
        expect(sum(sessionRows(sessions, query, NOW, 'family').sessions)).toBe(totals.totalTokens);
      }),
      { numRuns: 60 },
    );
  });
});
