import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import { eventually } from '../e2e/eventually.ts';
import { ask, listening } from './client.ts';
import { appOver, MemoryService, rendered } from './memory-service.ts';

const TOKEN = 'correct-horse-battery-staple';
const authorised = { authorization: `Bearer ${TOKEN}` };
const KEY = 'agent:main:web:direct:"><script>alert(1)</script>/🦀 100%';

let app: FastifyInstance;
let service: MemoryService;

function open(options: Parameters<typeof appOver>[1] = { transcripts: true, token: TOKEN }): FastifyInstance {
  service = new MemoryService();
  app = appOver(service, options);
  return app;
}

afterEach(() => app.close());

describe('/v1/sessions/{key}/timeseries', () => {
  test.each([
    [`/${encodeURIComponent(KEY)}`, { groupBy: 'family', key: KEY, agent: null }],
    [`/${encodeURIComponent(KEY)}`, { groupBy: 'family', key: KEY, agent: 'ops' }, '?agent=ops'],
    ['/main/8f3c', { groupBy: 'instance', agent: 'main', sessionId: '8f3c' }],
    [`/${'k'.repeat(9000)}`, { groupBy: 'family', key: 'k'.repeat(9000), agent: null }],
    ['/timeseries', { groupBy: 'family', key: 'timeseries', agent: null }],
  ])('%# asks about the session of its path', async (path, target, query = '') => {
    const reply = await open({}).inject(`/v1/sessions${path}/timeseries${query}`);
    expect(reply.statusCode).toBe(200);
    expect(service.reads.map((read) => read.query)).toEqual([
      { target, ask: { view: 'timeseries', form: 'v1', points: 200 } },
    ]);
  });

  test('is sent under the head, in gzip to who takes it, with an entity tag of its own', async () => {
    open({});
    const view = rendered({ session: null, points: [1, 2] }, 'W/"points"');
    service.readReply = async () => ({ kind: 'ready', view, partial: false });
    const url = '/v1/sessions/k/timeseries?points=7';
    const reply = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
    const body = JSON.parse(gunzipSync(reply.rawPayload).toString());
    expect(body).toEqual({ snapshot: service.current, session: null, points: [1, 2] });
    expect(reply.headers).toMatchObject({
      etag: 'W/"points"',
      'cache-control': 'private, max-age=10, stale-while-revalidate=60, stale-if-error=86400',
      'cache-status': 'clawgauge; fwd=miss; ttl=30; detail=fresh',
    });
    const known = await app.inject({ url, headers: { 'if-none-match': 'W/"points"' } });
    expect([known.statusCode, known.body]).toEqual([304, '']);
  });

  test('is 202 and null while it is read, or before anything is known', async () => {
    open({});
    service.readReply = async () => ({ kind: 'pending' });
    for (const head of [service.current, null]) {
      service.current = head;
      const reply = await app.inject('/v1/sessions/k/timeseries');
      expect([reply.statusCode, reply.headers['retry-after']]).toEqual([202, '1']);
      expect(reply.json()).toEqual({
        snapshot: head,
        session: null,
        points: null,
        undated: null,
        partial: null,
        reading: null,
      });
    }
  });

  test('tells what went wrong as the problem that it is', async () => {
    open({});
    const error = new ClawgaugeError('session_ambiguous', 'main and ops have it');
    service.readReply = async () => ({ kind: 'error', error });
    const reply = await app.inject('/v1/sessions/k/timeseries');
    expect([reply.statusCode, reply.json().code]).toEqual([409, 'session_ambiguous']);
  });

  test.each([
    ['points=0', 'invalid_parameter'],
    ['points=1001', 'invalid_parameter'],
    ['range=7d', 'unknown_parameter'],
  ])('refuses %s', async (query, code) => {
    const reply = await open({}).inject(`/v1/sessions/k/timeseries?${query}`);
    expect([reply.statusCode, reply.json().code]).toEqual([400, code]);
    expect(service.reads).toEqual([]);
  });

  test('refuses another agent than that of the path, and other methods', async () => {
    open({});
    expect((await app.inject('/v1/sessions/main/s/timeseries?agent=ops')).json().code).toBe('invalid_parameter');
    const post = await app.inject({ method: 'POST', url: '/v1/sessions/k/timeseries' });
    expect([post.statusCode, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('is given up when the client leaves', async () => {
    const port = await listening(open({}));
    let signal: AbortSignal | null = null;
    service.readReply = () =>
      new Promise((resolve) => {
        signal = service.reads[0]?.signal ?? null;
        signal?.addEventListener('abort', () => resolve({ kind: 'pending' }));
      });
    const request = get({ host: '127.0.0.1', port, path: '/v1/sessions/k/timeseries', agent: false });
    request.on('error', () => {});
    await eventually(() => {
      if (signal === null) throw new Error('nothing was asked yet');
    });
    request.destroy();
    await eventually(() => {
      if (!signal?.aborted) throw new Error('it is still waited for');
    });
  });

  test('is limited as all that asks a worker is', async () => {
    open({});
    const replies = await Promise.all(Array.from({ length: 150 }, () => app.inject('/v1/sessions/k/timeseries')));
    expect(replies.filter(({ statusCode }) => statusCode === 429).length).toBeGreaterThanOrEqual(40);
  });
});

describe('/v1/sessions/{key}/logs', () => {
  test('asks about the session of its path, and nobody may keep the answer', async () => {
    const port = await listening(open());
    const reply = await ask(port, `/v1/sessions/${encodeURIComponent(KEY)}/logs?limit=5&cursor=abc`, {
      headers: authorised,
    });
    expect(reply.status).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(service.reads.map((read) => read.query)).toEqual([
      {
        target: { groupBy: 'family', key: KEY, agent: null },
        ask: { view: 'logs', form: 'v1', limit: 5, cursor: 'abc' },
      },
    ]);
  });

  test.each([
    [{}, 403],
    [{ transcripts: true }, 403],
    [{ token: TOKEN }, 403],
    [{ transcripts: true, token: TOKEN }, 200],
  ])('with %o it is %i to who sends the token', async (options, status) => {
    const reply = await open(options).inject({ url: '/v1/sessions/main/s/logs', headers: authorised });
    expect(reply.statusCode).toBe(status);
    if (status === 403) expect(reply.json().code).toBe('transcripts_not_served');
    expect(service.reads).toHaveLength(status === 403 ? 0 : 1);
  });

  test('is nobody’s without the token', async () => {
    const reply = await open().inject('/v1/sessions/main/s/logs');
    expect([reply.statusCode, service.reads]).toEqual([401, []]);
  });

  test('is 202 and null while it is read', async () => {
    open();
    service.readReply = async () => ({ kind: 'pending' });
    const reply = await app.inject({ url: '/v1/sessions/k/logs', headers: authorised });
    expect(reply.json()).toEqual({
      snapshot: service.current,
      session: null,
      entries: null,
      next: null,
      partial: null,
    });
  });
});
