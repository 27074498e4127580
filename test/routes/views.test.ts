import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import type { RenderedView } from '../../src/routes/service.ts';
import { sessionQuery, sessionsQuery, usageQuery, viewKey } from '../../src/snapshot/query.ts';
import { ask, listening } from './client.ts';
import { appOver, headAt, MemoryService, NOON, rendered } from './memory-service.ts';

const usageKey = viewKey(usageQuery({ timeZone: 'UTC' }));
const figures = { window: { range: '30d' }, totals: { input: 42 } };

let service: MemoryService;
let app: FastifyInstance;
let view: RenderedView;

beforeEach(() => {
  service = new MemoryService();
  view = rendered(figures);
  service.views.set(usageKey, view);
  app = appOver(service);
});

afterEach(() => app.close());

/** Every form in which a view that is ready can be asked for: the first time, and by an address seen before. */
const passes = ['first', 'second'] as const;

describe('a view that is ready', () => {
  test('is sent without asking anyone', async () => {
    const port = await listening(app);
    for (const _ of passes) {
      const reply = await ask(port, '/v1/usage');
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body.toString())).toEqual({ snapshot: service.current, ...figures });
    }
    expect(service.asked).toEqual([]);
  });

  test.each([1, 20_000])('is sent byte by byte, in any script, also with %i times as much in it', async (times) => {
    const text = 'naïve – 中文 🦀 ÿ '.repeat(times);
    service.views.set(usageKey, rendered({ window: text }));
    const port = await listening(app);
    for (const _ of passes) {
      const plain = await ask(port, '/v1/usage');
      const zipped = await ask(port, '/v1/usage', { headers: { 'accept-encoding': 'gzip' } });
      expect(gunzipSync(zipped.body)).toEqual(plain.body);
      expect(JSON.parse(plain.body.toString()).window).toBe(text);
    }
  });

  test('carries every header of the contract', async () => {
    const port = await listening(app);
    service.time = NOON + 4_999;
    for (const _ of passes) {
      const { headers, body } = await ask(port, '/v1/usage');
      expect(headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(body.length),
        'cache-control': 'private, max-age=10, stale-while-revalidate=60, stale-if-error=86400',
        'cache-status': 'clawgauge; hit; ttl=25; detail=fresh',
        age: '4',
        etag: view.etag,
        vary: 'Accept-Encoding',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers.date).toBeDefined();
    }
  });

  test('is sent in gzip to who takes it, equal to the plain one', async () => {
    const port = await listening(app);
    const plain = await ask(port, '/v1/usage', { headers: { 'accept-encoding': 'gzip;q=0, br' } });
    for (const _ of passes) {
      const packed = await ask(port, '/v1/usage', { headers: { 'accept-encoding': 'br, gzip;q=0.5' } });
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(packed.headers['content-length']).toBe(String(packed.body.length));
      expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    }
  });

  test('has the headers of a GET and no body for HEAD', async () => {
    const port = await listening(app);
    const get = await ask(port, '/v1/usage');
    for (const _ of passes) {
      const head = await ask(port, '/v1/usage', { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.body.length).toBe(0);
      expect(head.headers).toEqual({ ...get.headers, date: head.headers.date });
    }
  });

  test('is 304 for a client that has its figures, whatever the head', async () => {
    const port = await listening(app);
    for (const known of ['W/"figures-1"', '"figures-1"', '"old", W/"figures-1"', '*']) {
      service.current = headAt(NOON, { refreshing: known === '*' });
      const reply = await ask(port, '/v1/usage', { headers: { 'if-none-match': known } });
      expect(reply.status).toBe(304);
      expect(reply.body.length).toBe(0);
      expect(reply.headers).toMatchObject({ etag: view.etag, age: '0', vary: 'Accept-Encoding' });
      expect(reply.headers['cache-status']).toBe('clawgauge; hit; ttl=30; detail=fresh');
      expect(reply.headers['content-length']).toBeUndefined();
    }
    const other = await ask(port, '/v1/usage', { headers: { 'if-none-match': 'W/"figures-2"' } });
    expect(other.status).toBe(200);
  });

  test('shows each new head at once, and the age of each second', async () => {
    const port = await listening(app);
    const seen = async () => {
      const { headers, body } = await ask(port, '/v1/usage');
      return [JSON.parse(body.toString()).snapshot, headers.age, headers['cache-status']];
    };
    expect(await seen()).toEqual([service.current, '0', 'clawgauge; hit; ttl=30; detail=fresh']);
    service.time += 1_000;
    expect(await seen()).toEqual([service.current, '1', 'clawgauge; hit; ttl=29; detail=fresh']);
    service.time = NOON + 30_001;
    service.current = headAt(NOON, { state: 'stale' });
    expect(await seen()).toEqual([service.current, '30', 'clawgauge; hit; ttl=-1; detail=stale']);
    service.current = headAt(service.time, { state: 'degraded', refreshing: true });
    expect(await seen()).toEqual([service.current, '0', 'clawgauge; hit; ttl=30; detail=degraded']);
  });

  test('is never of a negative age, whatever the clock does', async () => {
    service.time = NOON - 3_600_000;
    const { headers } = await app.inject('/v1/usage');
    expect(headers.age).toBe('0');
  });

  test('is asked for again once its snapshot let go of it', async () => {
    await app.inject('/v1/usage');
    service.views.clear();
    const reply = await app.inject('/v1/usage');
    expect(reply.headers['cache-status']).toBe('clawgauge; fwd=miss; ttl=30; detail=fresh');
    expect(service.asked).toEqual([usageQuery({ timeZone: 'UTC' })]);
  });

  test('is found whatever the order of parameters and the spelling of the zone', async () => {
    const key = viewKey(usageQuery({ timeZone: 'Europe/Paris', range: '7d' }, { agent: ['a', 'b'] }));
    service.views.set(key, view);
    for (const query of [
      'range=7d&timeZone=Europe/Paris&agent=a&agent=b',
      'agent=b&agent=a&timeZone=europe%2Fparis&range=7d',
      'agent=b&agent=a&agent=b&granularity=day&timeZone=Europe/Paris&range=7d',
    ]) {
      const reply = await app.inject(`/v1/usage?${query}`);
      expect(reply.headers['cache-status']).toContain('; hit;');
    }
    expect(service.asked).toEqual([]);
  });

  test('is found by an address that is too long to be remembered', async () => {
    const agent = Array.from({ length: 60 }, (_, i) => `agent-${i}-${'x'.repeat(60)}`);
    service.views.set(viewKey(usageQuery({ timeZone: 'UTC' }, { agent })), view);
    const address = `/v1/usage?${agent.map((name) => `agent=${name}`).join('&')}`;
    for (const _ of passes) expect((await app.inject(address)).statusCode).toBe(200);
    expect(service.asked).toEqual([]);
  });

  test('is larger than what is kept joined, and still sent whole', async () => {
    const large = { window: 'z'.repeat(9 * 1024 * 1024) };
    service.views.set(usageKey, rendered(large));
    for (const _ of passes) {
      const reply = await app.inject('/v1/usage');
      expect(reply.json().window.length).toBe(large.window.length);
    }
  });
});

describe('a view that nobody precomputed', () => {
  const address = '/v1/usage?range=90d&model=gpt-5&split=agent';
  const query = usageQuery({ timeZone: 'UTC', range: '90d' }, { model: ['gpt-5'] }, 'agent');

  test('is asked for, and sent like any other', async () => {
    service.reply = async () => ({ kind: 'ready', view, outdated: false });
    const reply = await app.inject({ url: address, headers: { 'accept-encoding': 'gzip' } });
    expect(service.asked).toEqual([query]);
    expect(reply.statusCode).toBe(200);
    expect(JSON.parse(gunzipSync(reply.rawPayload).toString())).toEqual({ snapshot: service.current, ...figures });
    expect(reply.headers).toMatchObject({
      etag: view.etag,
      vary: 'Accept-Encoding',
      'cache-status': 'clawgauge; fwd=miss; ttl=30; detail=fresh',
    });
  });

  test('is stale where only an earlier rendering could be had', async () => {
    service.reply = async () => ({ kind: 'ready', view, outdated: true });
    const reply = await app.inject(address);
    expect(reply.json().snapshot).toEqual({ ...service.current, state: 'stale', staleAt: NOON });
    expect(reply.headers['cache-status']).toBe('clawgauge; fwd=stale; ttl=0; detail=stale');
  });

  test('shows the head of the earlier rendering where it is known', async () => {
    const head = headAt(NOON - 60_000, { id: 's0', state: 'degraded' });
    service.reply = async () => ({ kind: 'ready', view, outdated: true, head });
    const reply = await app.inject(address);
    expect(reply.json().snapshot).toEqual(head);
    expect(reply.headers).toMatchObject({
      age: '60',
      'cache-status': 'clawgauge; fwd=stale; ttl=-30; detail=degraded',
    });
  });

  test('is 202 with null figures while nobody could render it', async () => {
    service.reply = async () => ({ kind: 'pending' });
    const reply = await app.inject(address);
    expect(reply.statusCode).toBe(202);
    expect(reply.headers).toMatchObject({
      'retry-after': '1',
      'cache-control': 'no-store',
      'cache-status': 'clawgauge; fwd=miss; detail=pending',
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(reply.json()).toEqual({
      snapshot: service.current,
      window: {
        range: '90d',
        startDate: null,
        endDate: null,
        timeZone: 'UTC',
        start: null,
        end: null,
        granularity: 'day',
      },
      filters: { agent: [], channel: [], kind: [], provider: [], model: ['gpt-5'] },
      totals: null,
      previous: null,
      series: null,
      split: null,
      undated: null,
      future: null,
      byModel: null,
      byProvider: null,
      byAgent: null,
      byChannel: null,
      byKind: null,
      tools: null,
      messages: null,
      latency: null,
      caching: null,
      prices: null,
      sessionCount: null,
    });
  });

  test('is a problem where the keeper refuses the question', async () => {
    const error = new ClawgaugeError('invalid_parameter', '"granularity" quarter reaches 31 days; got 90.');
    service.reply = async () => ({ kind: 'error', error });
    const reply = await app.inject(address);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ code: 'invalid_parameter', detail: error.message });
  });

  test('is refused with 429 when too many wait, and answered again when they are served', async () => {
    const waiting: Array<() => void> = [];
    service.reply = () =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ kind: 'ready', view, outdated: false }));
      });
    const served = Array.from({ length: 64 }, (_, i) => app.inject(`/v1/usage?agent=a${i}`));
    await expect.poll(() => waiting.length).toBe(64);
    const refused = await app.inject(address);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json().code).toBe('too_many_requests');
    expect((await app.inject('/v1/usage')).statusCode).toBe(200);
    for (const serve of waiting) serve();
    for (const reply of await Promise.all(served)) expect(reply.statusCode).toBe(200);
    service.reply = async () => ({ kind: 'ready', view, outdated: false });
    service.time += 1_000;
    expect((await app.inject(address)).statusCode).toBe(200);
  });

  test('leaves its place when asking fails', async () => {
    service.reply = async () => {
      throw new Error('a worker at /home/somebody/secret died');
    };
    for (let i = 0; i < 70; i += 1) {
      const reply = await app.inject(address);
      expect(reply.statusCode).toBe(500);
      expect(reply.json().code).toBe('internal');
      expect(reply.body).not.toContain('secret');
    }
  });
});

describe('before the first snapshot', () => {
  test.each([
    ['/v1/usage', ['totals', 'series', 'byModel', 'sessionCount']],
    ['/v1/sessions', ['totals', 'matches', 'sessions', 'next']],
    ['/v1/sessions/global', ['session', 'series']],
  ])('%s is 202 with null figures, and nobody is asked', async (address, names) => {
    service.current = null;
    service.views.clear();
    for (const method of ['GET', 'HEAD'] as const) {
      const reply = await app.inject({ url: address, method });
      expect(reply.statusCode).toBe(202);
      expect(reply.headers['retry-after']).toBe('1');
    }
    const body = (await app.inject(address)).json();
    expect(body.snapshot).toBeNull();
    for (const name of names) expect(body[name]).toBeNull();
    expect(service.asked).toEqual([]);
  });

  test('a bad parameter is refused all the same', async () => {
    service.current = null;
    expect((await app.inject('/v1/usage?range=8d')).statusCode).toBe(400);
  });
});

describe('sessions', () => {
  test('are asked for page by page', async () => {
    await app.inject('/v1/sessions?limit=7&sort=cost&groupBy=family&q=ops&cursor=abc&channel=telegram');
    const page = { limit: 7, sort: 'cost', groupBy: 'family', q: 'ops', cursor: 'abc' } as const;
    expect(service.asked).toEqual([sessionsQuery({ timeZone: 'UTC' }, { channel: ['telegram'] }, page)]);
  });

  const keys = [
    'global',
    'agent:main:main',
    'agent:main:telegram:direct:+49 170 1234567',
    'agent:main:slack:group:a/b/c',
    '../../etc/passwd',
    '"quoted" and \'quoted\'',
    'back\\slash',
    '<script>alert(1)</script>',
    '🦞 claw 🦞',
    'a%2Fb',
    '100%',
    'question?mark#hash&amp;',
    'semi;colon',
    'tab\tand\nnewline',
    '__proto__',
    'x'.repeat(4096),
    '/'.repeat(1000),
  ];

  test.each(keys.map((key) => [key.length > 60 ? `${key.slice(0, 10)}… (${key.length})` : key, key]))(
    'are found by the key %s',
    async (_, key) => {
      const port = await listening(app);
      const target = { groupBy: 'family', key, agent: null } as const;
      for (const _ of passes) {
        const reply = await ask(port, `/v1/sessions/${encodeURIComponent(key)}`);
        expect(reply.status).toBe(200);
        expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
        expect(service.asked.at(-1)).toEqual(sessionQuery({ timeZone: 'UTC' }, target));
      }
    },
  );

  test('are found by agent and session id, also under a base path', async () => {
    const based = appOver(service, { basePath: '/usage/x' });
    await based.inject('/usage/x/v1/sessions/main/3f2a-%2F?granularity=hour');
    const target = { groupBy: 'instance', agent: 'main', sessionId: '3f2a-/' } as const;
    expect(service.asked).toEqual([sessionQuery({ timeZone: 'UTC', granularity: 'hour' }, target)]);
    await based.close();
  });

  test('are found where a client encoded the path more than it has to', async () => {
    await app.inject('/v1/%73essions/glob%61l');
    const target = { groupBy: 'family', key: 'global', agent: null } as const;
    expect(service.asked).toEqual([sessionQuery({ timeZone: 'UTC' }, target)]);
  });

  test('of several agents are told apart by the parameter', async () => {
    const error = new ClawgaugeError('session_ambiguous', 'main, ops');
    service.reply = async () => ({ kind: 'error', error });
    expect((await app.inject('/v1/sessions/global')).statusCode).toBe(409);
    await app.inject('/v1/sessions/global?agent=ops');
    const target = { groupBy: 'family', key: 'global', agent: 'ops' } as const;
    expect(service.asked.at(-1)).toEqual(sessionQuery({ timeZone: 'UTC' }, target));
  });

  test('need a name', async () => {
    expect((await app.inject('/v1/sessions/')).statusCode).toBe(404);
    expect((await app.inject('/v1/sessions/main/')).statusCode).toBe(404);
  });
});

test.each([
  ['/v1/usage?rnage=7d', 'unknown_parameter'],
  ['/v1/usage?limit=5', 'unknown_parameter'],
  ['/v1/usage?range=8d', 'invalid_parameter'],
  ['/v1/usage?range=7d&range=30d', 'invalid_parameter'],
  ['/v1/usage?startDate=2026-01-01', 'invalid_parameter'],
  ['/v1/usage?startDate=2026-02-30&endDate=2026-03-01', 'invalid_parameter'],
  ['/v1/usage?timeZone=Mars/Olympus', 'invalid_parameter'],
  ['/v1/usage?kind=', 'invalid_parameter'],
  ['/v1/sessions?limit=0', 'invalid_parameter'],
  ['/v1/sessions?granularity=day', 'unknown_parameter'],
  ['/v1/sessions/global?groupBy=family', 'unknown_parameter'],
  ['/v1/sessions/main/id?agent=ops', 'invalid_parameter'],
  ['/v1/sessions/%zz', 'malformed_request'],
])('%s is refused as %s, and never remembered', async (address, code) => {
  for (const _ of passes) {
    const reply = await app.inject(address);
    expect(reply.statusCode).toBe(400);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(reply.json().code).toBe(code);
  }
  expect(service.asked).toEqual([]);
});
