import { createServer } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp, clawgaugePlugin } from '../src/app.ts';
import { serverLimits } from '../src/routes/server-limits.ts';
import { usageQuery, viewKey } from '../src/snapshot/query.ts';
import { ask, askRaw, listening } from './routes/client.ts';
import { appOver, MemoryService, plainOptions, quiet, rendered } from './routes/memory-service.ts';

let service: MemoryService;
const apps: FastifyInstance[] = [];

beforeEach(() => {
  service = new MemoryService();
  service.views.set(viewKey(usageQuery({ timeZone: 'UTC' })), rendered({ window: null }));
});

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function started(options: Parameters<typeof appOver>[1] = {}): Promise<number> {
  const app = appOver(service, options);
  apps.push(app);
  return listening(app);
}

const routes = ['/health', '/ready', '/v1/usage', '/v1/sessions', '/v1/sessions/k', '/v1/cache', '/v1/status', '/'];
const passes = [1, 2];

describe('every route, its view ready or not,', () => {
  test.each([...routes, '/openapi.json', '/nowhere'])('%s refuses a host that is not ours', async (path) => {
    const port = await started();
    await ask(port, path);
    for (const _ of passes) {
      const reply = await ask(port, path, { headers: { host: `rebound.example:${port}` } });
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.body.toString()).code).toBe('host_not_allowed');
    }
  });

  test.each([...routes, '/nowhere'])('%s refuses a foreign origin', async (path) => {
    const port = await started();
    await ask(port, path);
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
      const reply = await ask(port, path, { headers: { origin } });
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.body.toString()).code).toBe('origin_not_allowed');
    }
    expect((await ask(port, path, { headers: { origin: `http://127.0.0.1:${port}` } })).status).not.toBe(403);
  });

  test.each([...routes.slice(1), '/openapi.json', '/nowhere'])('%s asks for the token', async (path) => {
    const port = await started({ token: 'open-sesame' });
    const good = { authorization: 'Bearer open-sesame' };
    await ask(port, path, { headers: good });
    for (const headers of [{}, { authorization: 'Bearer open-sesam' }, { authorization: 'Basic open-sesame' }]) {
      const reply = await ask(port, path, { headers: headers as Record<string, string> });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Bearer realm="clawgauge"');
      expect(JSON.parse(reply.body.toString()).code).toBe('unauthorized');
    }
    expect((await ask(port, path, { headers: good })).status).not.toBe(401);
  });

  test('/health answers without a token', async () => {
    const port = await started({ token: 'open-sesame' });
    expect((await ask(port, '/health')).status).toBe(200);
  });

  test.each([...routes, '/openapi.json'])('%s knows no other method', async (path) => {
    const port = await started();
    await ask(port, path);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const headers = { 'content-type': 'application/octet-stream' };
      const reply = await ask(port, path, { method, headers, body: 'x' });
      expect(reply.status).toBe(405);
      expect(reply.headers.allow).toBe('GET, HEAD');
      expect(JSON.parse(reply.body.toString()).code).toBe('method_not_allowed');
    }
  });

  test('is reached through an allowed host', async () => {
    const port = await started({ allowedHosts: ['gauge.example'] });
    const headers = { host: 'gauge.example', origin: 'https://gauge.example' };
    for (const _ of passes) expect((await ask(port, '/v1/usage', { headers })).status).toBe(200);
  });
});

test('/v1/refresh knows POST alone', async () => {
  const port = await started();
  const reply = await ask(port, '/v1/refresh');
  expect(reply.status).toBe(405);
  expect(reply.headers.allow).toBe('POST');
});

describe('a problem', () => {
  test('has every member of RFC 9457, and headers that keep it out of caches', async () => {
    const port = await started();
    const reply = await ask(port, '/nowhere?x=1');
    expect(reply.status).toBe(404);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(JSON.parse(reply.body.toString())).toEqual({
      type: 'urn:clawgauge:error:not_found',
      title: 'There is nothing here',
      status: 404,
      detail: expect.any(String),
      code: 'not_found',
    });
  });

  test('of our own names the request in the log, and says nothing of its cause', async () => {
    const lines: string[] = [];
    service.cache = async () => {
      throw new Error('ENOENT /home/somebody/.openclaw');
    };
    const logger = { level: 'error', stream: { write: (line: string) => lines.push(line) } };
    const app = buildApp(service, plainOptions, logger);
    apps.push(app);
    const reply = await app.inject('/v1/cache');
    expect(reply.statusCode).toBe(500);
    const problem = reply.json();
    expect(problem).toMatchObject({ code: 'internal', instance: 'urn:clawgauge:request:req-1' });
    expect(reply.body).not.toContain('somebody');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ requestId: 'req-1', route: '/v1/cache' });
    expect(lines[0]).toContain('/home/somebody/.openclaw');
  });

  test.each([
    ['NONSENSE\r\n\r\n', 400, 'malformed_request'],
    ['GET / HTTP/1.1\r\n\r\n', 400, null],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['GET /%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
  ])('is what %j gets', async (bytes, status, code) => {
    const text = await askRaw(await started(), bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (code !== null) {
      expect(text).toMatch(/content-type: application\/problem\+json/i);
      expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))).toMatchObject({ status, code });
    }
  });
});

test('a fault in the middle of the shortest way is a problem like any other, and ends nothing', async () => {
  const port = await started();
  await ask(port, '/v1/usage');
  service.now = () => {
    throw new Error('no time');
  };
  const reply = await ask(port, '/v1/usage');
  expect(reply.status).toBe(500);
  expect(JSON.parse(reply.body.toString()).code).toBe('internal');
  service.now = () => service.time;
  expect((await ask(port, '/v1/usage')).status).toBe(200);
});

describe('a base path', () => {
  test('is before every route, and nothing is beside it', async () => {
    const port = await started({ basePath: '/usage' });
    for (const _ of passes) expect((await ask(port, '/usage/v1/usage')).status).toBe(200);
    for (const path of ['/v1/usage', '/', '/usages/v1/usage', '/usage/nowhere']) {
      const reply = await ask(port, path);
      expect(reply.status).toBe(404);
      expect(JSON.parse(reply.body.toString()).code).toBe('not_found');
    }
  });

  test.each(['usage', '/usage/', '/', '/a b', '/:key', '/*', '/a//b', '/ü'])('%j is refused', (basePath) => {
    expect(() => appOver(service, { basePath })).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });
});

describe('a server of its own', () => {
  test('has limits of time', async () => {
    const app = appOver(service);
    apps.push(app);
    expect(app.server).toMatchObject(serverLimits);
  });

  test('may be handed in, and is answered on at once', async () => {
    let listener: Parameters<typeof createServer>[1];
    const server = createServer((request, response) => listener!(request, response));
    const app = buildApp(service, plainOptions, quiet, (routes) => {
      listener = routes;
      return server;
    });
    apps.push(app);
    const port = await listening(app);
    for (const _ of passes) expect((await ask(port, '/v1/usage')).status).toBe(200);
  });

  test('lets go of a connection that keeps asking while it closes', async () => {
    const app = appOver(service);
    let finish = () => {};
    app.addHook('preClose', () => new Promise<void>((resolve) => (finish = resolve)));
    const port = await listening(app);
    await ask(port, '/v1/usage');
    const closing = app.close();
    await expect
      .poll(async () => (await ask(port, '/v1/usage', { headers: { connection: 'keep-alive' } })).headers.connection)
      .toBe('close');
    finish();
    await closing;
  });
});

describe('inside another Fastify', () => {
  test('the routes keep their checks, and the host keeps its own', async () => {
    const host = Fastify();
    apps.push(host);
    host.get('/own', (request) => ({ zone: (request.query as { timeZone?: string }).timeZone ?? null }));
    host.register(clawgaugePlugin, { ...plainOptions, service, basePath: '/clawgauge', token: 't' });
    const port = await listening(host);
    expect((await ask(port, '/own?timeZone=x', { headers: { host: 'any.example' } })).body.toString()).toBe(
      '{"zone":"x"}',
    );
    expect((await ask(port, '/nowhere')).headers['content-type']).toBe('application/json; charset=utf-8');
    const authorization = 'Bearer t';
    expect((await ask(port, '/clawgauge/v1/usage')).status).toBe(401);
    for (const _ of passes) {
      const reply = await ask(port, '/clawgauge/v1/usage', { headers: { authorization } });
      expect(reply.status).toBe(200);
      expect(reply.headers['cache-status']).toContain('; hit;');
    }
    const unknown = await ask(port, '/clawgauge/v1/usage?x=1', { headers: { authorization } });
    expect(JSON.parse(unknown.body.toString()).code).toBe('unknown_parameter');
    const description = await ask(port, '/clawgauge/openapi.json', { headers: { authorization } });
    expect(Object.keys(JSON.parse(description.body.toString()).paths)).toContain('/clawgauge/v1/usage');
  });

  test('a host and a token that can never match stop its start', async () => {
    const host = Fastify();
    host.register(clawgaugePlugin, { ...plainOptions, service, allowedHosts: ['*'] });
    await expect(host.ready()).rejects.toMatchObject({ code: 'invalid_option' });
  });
});
