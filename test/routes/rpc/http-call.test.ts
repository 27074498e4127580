/** POST /rpc: what a call looks like without a socket, and which of its faults are whose. */
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RpcAnswer, RpcCaller } from '../../../src/routes/service.ts';
import { ask, listening } from '../client.ts';
import { appOver, MemoryService } from '../memory-service.ts';
import { patient } from './socket-client.ts';

let service: MemoryService;
let app: FastifyInstance;
let port: number;

beforeEach(() => {
  service = new MemoryService();
});
afterEach(() => app.close());

async function start(options: Parameters<typeof appOver>[1] = {}): Promise<void> {
  app = appOver(service, options);
  port = await listening(app);
}

async function post(body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await ask(port, '/rpc', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: text,
  });
  return { ...reply, json: JSON.parse(reply.body.toString()) as Record<string, unknown> };
}

describe('a call', () => {
  beforeEach(() => start());

  test('is answered with the payload, which nobody may keep', async () => {
    const { status, headers, json } = await post({ method: 'usage.cost', params: { days: 7 } });
    expect([status, json]).toEqual([200, { ok: true, payload: { method: 'usage.cost', params: { days: 7 } } }]);
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test.each([
    ['INVALID_REQUEST', 400],
    ['UNAVAILABLE', 503],
  ] as const)('that ends with %s has that error, and the status %d', async (code, status) => {
    const error = { code, message: 'no', retryable: code === 'UNAVAILABLE', details: { why: [1] } };
    service.respond = async () => ({ ok: false, error });
    const reply = await post({ method: 'sessions.usage' });
    expect([reply.status, reply.json]).toEqual([status, { ok: false, error }]);
    expect(reply.headers['retry-after']).toBe(code === 'UNAVAILABLE' ? '1' : undefined);
  });

  test('of an unknown method is an error of the gateway', async () => {
    const { status, json } = await post({ method: 'sessions.list' });
    const error = { code: 'INVALID_REQUEST', message: 'unknown method: sessions.list' };
    expect([status, json]).toEqual([400, { ok: false, error }]);
  });

  test.each([
    ['no object', '[1]', 'invalid_parameter'],
    ['nothing', '', 'malformed_request'],
    ['no JSON', '{oops', 'malformed_request'],
    ['no method', { params: {} }, 'invalid_parameter'],
    ['an empty method', { method: '' }, 'invalid_parameter'],
    ['a method that is no text', { method: ['usage.cost'] }, 'invalid_parameter'],
    ['an unknown member', { method: 'usage.cost', id: 1 }, 'unknown_parameter'],
    ['a list as deep as it is long', '['.repeat(16_000), 'malformed_request'],
  ])('that is none is a problem: %s', async (_what, body, code) => {
    const { status, headers, json } = await post(body);
    expect([status, json.code, headers['content-type']]).toEqual([
      400,
      code,
      'application/problem+json; charset=utf-8',
    ]);
  });

  test('may have 16 KiB', async () => {
    const { status, json } = await post({ method: 'usage.cost', params: { x: 'x'.repeat(17_000) } });
    expect([status, json.code]).toEqual([413, 'body_too_large']);
  });

  test.each(['GET', 'PUT'])('is a POST, and no %s', async (method) => {
    const { status, headers } = await ask(port, '/rpc', { method });
    expect([status, headers.allow]).toEqual([405, 'POST']);
  });

  test('is abandoned when its client leaves', async () => {
    const asked = new Promise<RpcCaller>((resolve) => {
      service.respond = (_method, _params, caller) => {
        resolve(caller);
        return new Promise<RpcAnswer>(() => {});
      };
    });
    const leaving = new AbortController();
    const { signal } = leaving;
    const body = '{"method":"usage.cost"}';
    const headers = { 'content-type': 'application/json' };
    const reply = fetch(`http://127.0.0.1:${port}/rpc`, { method: 'POST', headers, body, signal });
    const caller = await asked;
    leaving.abort();
    await expect(reply).rejects.toThrow('aborted');
    await expect.poll(() => caller.signal.aborted, patient).toBe(true);
  });
});

describe('who may call', () => {
  const token = 'a-token-of-the-service';

  test('is who may ask for anything', async () => {
    await start({ token });
    const call = { method: 'usage.cost' };
    expect((await post(call)).status).toBe(401);
    expect((await post(call, { authorization: `Bearer ${token}.` })).status).toBe(401);
    expect((await post(call, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await post(call, { authorization: `Bearer ${token}`, origin: 'https://evil.example' })).status).toBe(403);
  });

  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])('sees conversations if there is a token (%j) and they may be shown (%j): %j', async (asks, transcripts, sees) => {
    await start({ token: asks ? token : null, transcripts });
    service.respond = async (_method, _params, caller) => ({
      ok: true,
      payload: [Buffer.from(String(caller.transcripts))],
    });
    const { json } = await post({ method: 'sessions.usage.logs' }, { authorization: `Bearer ${token}` });
    expect(json.payload).toBe(sees);
  });
});
