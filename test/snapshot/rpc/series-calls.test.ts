import { describe, expect, test } from 'vitest';
import { ClawgaugeError } from '../../../src/errors.ts';
import type { ReadQuery } from '../../../src/snapshot/read-query.ts';
import type { SeriesCall } from '../../../src/snapshot/rpc/rpc-query.ts';
import { seriesAnswer } from '../../../src/snapshot/rpc/series-calls.ts';
import type { ReadOutcome } from '../../../src/snapshot/session-reads.ts';

const KEY = 'agent:main:main';
const signal = new AbortController().signal;
const series: SeriesCall = {
  view: 'rpc',
  method: 'sessions.usage.timeseries',
  dialect: '2026.5',
  agent: 'main',
  key: KEY,
  limit: 200,
};
const logs: SeriesCall = { ...series, method: 'sessions.usage.logs' };

const view = { etag: '', rest: Buffer.from('{"points":[]}'), restDeflated: new Uint8Array() };
const whole: ReadOutcome = { kind: 'ready', view, partial: false };
const failure = (code: ClawgaugeError['code']): ReadOutcome => ({
  kind: 'error',
  error: new ClawgaugeError(code, 'what came'),
});

/** Answers a call where reading comes to an outcome; gives what was asked to be read as well. */
async function answered(call: SeriesCall, outcome = whole, transcripts = true) {
  const asked: ReadQuery[] = [];
  const read = async (query: ReadQuery) => {
    asked.push(query);
    return outcome;
  };
  return { answer: await seriesAnswer(call, { signal, transcripts }, 1000, read), asked };
}

test('a call is answered with what the session’s one transcript says, in its dialect', async () => {
  const { answer, asked } = await answered({ ...series, dialect: '2026.9' });
  expect(answer).toEqual({ ok: true, payload: [view.rest] });
  expect(asked).toEqual([
    {
      target: { groupBy: 'entry', key: KEY, agent: 'main' },
      ask: { view: 'timeseries', form: '2026.9', points: 200 },
    },
  ]);
});

describe('a limit', () => {
  test.each([
    [1, 1],
    [7.9, 7],
    [0.5, 1000],
    [1000, 1000],
  ])('of %f shows %i entries', async (limit, expected) => {
    const { asked } = await answered({ ...logs, limit });
    expect(asked[0]?.ask).toEqual({ view: 'logs', form: '2026.5', limit: expected, cursor: null });
  });

  test.each([0, -1])('of %i shows nothing, and nothing is read', async (limit) => {
    const { answer, asked } = await answered({ ...logs, limit });
    expect(answer).toEqual({ ok: true, payload: [Buffer.from('{"logs":[]}')] });
    expect(asked).toEqual([]);
  });
});

test('what people wrote is shown to nobody who may not see it, and not even read', async () => {
  const { answer, asked } = await answered(logs, whole, false);
  expect(answer).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } });
  expect(asked).toEqual([]);
  expect((await answered(series, whole, false)).answer).toMatchObject({ ok: true });
});

describe('a session without a transcript', () => {
  const missing = failure('session_not_found');
  test.each(['2026.5', '2026.9'] as const)('is told of as the gateway of %s does', async (dialect) => {
    expect((await answered({ ...series, dialect }, missing)).answer).toEqual({
      ok: false,
      error: { code: 'INVALID_REQUEST', message: `No transcript found for session: ${KEY}` },
    });
    const noLogs = { ok: true, payload: [Buffer.from('{"logs":[]}')] };
    expect((await answered({ ...logs, dialect }, missing)).answer).toEqual(noLogs);
  });

  test.each(['agent:main:../etc/passwd', '<script>', 'x'.repeat(129)])(
    'is an invalid key where no file could be called so: %s',
    async (key) => {
      for (const call of [series, logs]) {
        expect((await answered({ ...call, key }, missing)).answer).toMatchObject({
          error: { code: 'INVALID_REQUEST', message: `Invalid session key: ${key}` },
        });
      }
    },
  );
});

test('what is not known in time is not answered', async () => {
  expect((await answered(series, { kind: 'pending' })).answer).toBeNull();
});

test('what lacks something, or fails, is never passed off as an answer', async () => {
  for (const outcome of [{ ...whole, partial: true } as ReadOutcome, failure('transcript_unreadable')]) {
    expect((await answered(series, outcome)).answer).toMatchObject({
      ok: false,
      error: { code: 'UNAVAILABLE', retryable: true },
    });
  }
});
