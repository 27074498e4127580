/** GET /metrics: what the service says, and what was asked of the routes. */
import { afterEach, expect, test } from 'vitest';
import { usageQuery, viewKey } from '../../src/snapshot/query.ts';
import { appOver, MemoryService, rendered } from './memory-service.ts';

const apps: ReturnType<typeof appOver>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function started(options: Parameters<typeof appOver>[1] = {}) {
  const service = new MemoryService();
  const app = appOver(service, options);
  apps.push(app);
  return { service, app };
}

const samples = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`));

test('is the text of the service, and then the requests', async () => {
  const { app } = started();
  const reply = await app.inject('/metrics');
  expect(reply.statusCode).toBe(200);
  expect(reply.headers).toMatchObject({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(reply.body).toMatch(/^# TYPE made_up gauge\nmade_up 1\n# HELP clawgauge_http_requests_total /);
});

test('is OpenMetrics for whoever asks for that', async () => {
  const { app } = started();
  const reply = await app.inject({
    url: '/metrics',
    headers: { accept: 'application/openmetrics-text;version=1.0.0' },
  });
  expect(reply.headers).toMatchObject({
    'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    vary: 'Accept',
  });
  expect(reply.body).toMatch(/^# TYPE clawgauge_http_requests counter$/m);
  expect(reply.body).toMatch(/\n# EOF\n$/);
});

test('counts answers by route and status, and never shows what was asked for', async () => {
  const { app } = started();
  await app.inject('/v1/sessions/agent%3Amain%3Awhatsapp%3Adirect%3A%2B4915112345');
  await app.inject('/v1/usage?nothing=1');
  await app.inject('/secret/path');
  await app.inject('/secret/path2');
  const { body } = await app.inject('/metrics');
  expect(samples(body, 'clawgauge_http_requests_total')).toEqual([
    'clawgauge_http_requests_total{route="ready",code="2xx"} 0',
    'clawgauge_http_requests_total{route="ready",code="3xx"} 0',
    'clawgauge_http_requests_total{route="/v1/sessions/*",code="2xx"} 1',
    'clawgauge_http_requests_total{route="/v1/usage",code="4xx"} 1',
    'clawgauge_http_requests_total{route="none",code="4xx"} 2',
  ]);
  expect(samples(body, 'clawgauge_http_request_duration_seconds_count')).toEqual([
    'clawgauge_http_request_duration_seconds_count{route="/v1/sessions/*"} 1',
    'clawgauge_http_request_duration_seconds_count{route="/v1/usage"} 1',
    'clawgauge_http_request_duration_seconds_count{route="none"} 2',
  ]);
  expect(body).not.toMatch(/49151|secret/);
});

test('counts ready answers once, with a body and without', async () => {
  const { service, app } = started();
  const url = await app.listen({ port: 0 });
  service.views.set(viewKey(usageQuery({ timeZone: 'UTC' })), rendered({ window: null }));
  // The first one makes its address known.
  for (const etag of ['', '', '', 'W/"figures-1"']) {
    await fetch(`${url}/v1/usage`, { headers: { 'if-none-match': etag } });
  }
  const { body } = await app.inject('/metrics');
  expect(samples(body, 'clawgauge_http_requests_total').slice(0, 3)).toEqual([
    'clawgauge_http_requests_total{route="ready",code="2xx"} 2',
    'clawgauge_http_requests_total{route="ready",code="3xx"} 1',
    'clawgauge_http_requests_total{route="/v1/usage",code="2xx"} 1',
  ]);
});

test('names routes without the base path', async () => {
  const { app } = started({ basePath: '/gauge' });
  await app.inject('/gauge/ready');
  expect((await app.inject('/gauge/metrics')).body).toContain('{route="/ready",code="2xx"} 1');
});

test('asks for the token where there is one', async () => {
  const token = 'a-token-of-sixteen-characters';
  const { app } = started({ token });
  expect((await app.inject('/metrics')).statusCode).toBe(401);
  expect((await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } })).statusCode).toBe(200);
});

test('is refused to whoever asks too often', async () => {
  const { app } = started();
  const replies = await Promise.all(Array.from({ length: 30 }, () => app.inject('/metrics')));
  expect(replies.filter(({ statusCode }) => statusCode === 200)).toHaveLength(20);
  expect(replies.at(-1)?.json().code).toBe('too_many_requests');
});
