import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appOver, MemoryService } from './memory-service.ts';

let service: MemoryService;
let app: FastifyInstance;

beforeEach(() => {
  service = new MemoryService();
  app = appOver(service);
});

afterEach(() => app.close());

describe('/health', () => {
  test('is 200 and touches nothing', async () => {
    const untouchable = new Proxy(service, {
      get: () => {
        throw new Error('touched');
      },
    });
    const lonely = appOver(untouchable);
    const reply = await lonely.inject('/health');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({ status: 'ok' });
    await lonely.close();
  });

  test('takes what a prober adds to its address', async () => {
    expect((await app.inject('/health?t=1')).statusCode).toBe(200);
  });
});

describe('/ready', () => {
  test('is 200 once a snapshot is published, however stale', async () => {
    service.current = { ...service.current!, state: 'stale' };
    expect((await app.inject('/ready')).json()).toEqual({ status: 'ready' });
  });

  test('is 503 before', async () => {
    service.current = null;
    const reply = await app.inject('/ready');
    expect(reply.statusCode).toBe(503);
    expect(reply.headers['retry-after']).toBe('1');
    expect(reply.json().code).toBe('not_ready');
  });
});

test.each([
  ['/v1/status', { state: 'fresh' }],
  ['/v1/cache', { lru: null }],
])('%s says what the service says, to be kept by nobody', async (address, body) => {
  const reply = await app.inject(address);
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toEqual(body);
  expect(reply.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  expect((await app.inject(`${address}?x=1`)).json().code).toBe('unknown_parameter');
  expect((await app.inject({ url: address, method: 'HEAD' })).statusCode).toBe(200);
});

test('/v1/cache shares the lane of questions', async () => {
  for (let i = 0; i < 100; i += 1) expect((await app.inject('/v1/cache')).statusCode).toBe(200);
  expect((await app.inject('/v1/cache')).statusCode).toBe(429);
  service.time += 1_000;
  expect((await app.inject('/v1/cache')).statusCode).toBe(200);
});

describe('/v1/refresh', () => {
  const refresh = (request: { payload?: string; headers?: Record<string, string>; query?: string }) =>
    app.inject({ url: `/v1/refresh${request.query ?? ''}`, method: 'POST', ...request });

  test.each([{}, { payload: '{}', headers: { 'content-type': 'application/json' } }])(
    'asks for a refresh (%j)',
    async (request) => {
      const reply = await refresh(request);
      expect(reply.statusCode).toBe(202);
      expect(reply.json()).toEqual({ status: 'accepted' });
      expect(reply.headers['cache-control']).toBe('no-store');
      expect(service.refreshes).toBe(1);
    },
  );

  test.each([
    [{ payload: '{"now":true}', headers: { 'content-type': 'application/json' } }, 400, 'unknown_parameter'],
    [{ payload: '[]', headers: { 'content-type': 'application/json' } }, 400, 'invalid_parameter'],
    [{ payload: '{', headers: { 'content-type': 'application/json' } }, 400, 'malformed_request'],
    [{ payload: 'x', headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    [
      { payload: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    [
      { payload: `{"x":"${'y'.repeat(20_000)}"}`, headers: { 'content-type': 'application/json' } },
      413,
      'body_too_large',
    ],
    [{ query: '?force=1' }, 400, 'unknown_parameter'],
  ])('refuses %j', async (request, status, code) => {
    const reply = await refresh(request);
    expect(reply.statusCode).toBe(status);
    expect(reply.json().code).toBe(code);
    expect(service.refreshes).toBe(0);
  });

  test('is refused when it comes too often', async () => {
    for (let i = 0; i < 10; i += 1) expect((await refresh({})).statusCode).toBe(202);
    const reply = await refresh({});
    expect(reply.statusCode).toBe(429);
    expect(reply.headers['retry-after']).toBe('1');
    expect(service.refreshes).toBe(10);
  });
});

test('the index names every route, under the base path', async () => {
  const based = appOver(service, { basePath: '/usage' });
  const { routes } = (await based.inject('/usage')).json();
  expect(routes).toContain('/usage/v1/usage');
  expect((await based.inject('/usage/')).json().routes).toEqual(routes);
  const { paths } = (await based.inject('/usage/openapi.json')).json();
  expect([...Object.keys(paths)].sort()).toEqual([...routes].sort());
  await based.close();
});
