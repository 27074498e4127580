/** WebSocket /rpc as a client sees it: opening, connecting, calling, and how it ends. */
import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RpcAnswer, RpcCaller } from '../../../src/routes/service.ts';
import { ask, listening } from '../client.ts';
import { appOver, MemoryService, NOON } from '../memory-service.ts';
import { operator, patient, rawSocket, SocketClient, wireFrame } from './socket-client.ts';

const TOKEN = 'a-token-of-the-service';

let service: MemoryService;
let app: FastifyInstance;
let port: number;

async function start(options: Parameters<typeof appOver>[1] = {}): Promise<void> {
  app = appOver(service, options);
  port = await listening(app);
}

beforeEach(() => {
  service = new MemoryService();
});
afterEach(() => app.close());

/** The status and body of an upgrade that is refused. */
async function refused(options: ConstructorParameters<typeof SocketClient>[1] = {}): Promise<[number, unknown]> {
  const { socket } = new SocketClient(port, options);
  const [, response] = await once(socket, 'unexpected-response');
  const chunks = await response.toArray();
  return [response.statusCode, JSON.parse(Buffer.concat(chunks).toString())];
}

const payload = (value: unknown): RpcAnswer => ({ ok: true, payload: [Buffer.from(JSON.stringify(value))] });

describe('opening', () => {
  beforeEach(() => start({ allowedHosts: ['gauge.example'] }));

  test.each([
    ['no origin', {}],
    ['its own origin', { origin: 'http://gauge.example' }],
  ])('is for those of an allowed host, with %s', async (_what, headers) => {
    const client = new SocketClient(port, { headers: { host: 'gauge.example', ...headers } });
    expect(await client.next()).toEqual({
      type: 'event',
      event: 'connect.challenge',
      payload: { nonce: expect.stringMatching(/^[0-9a-f-]{36}$/), ts: NOON },
    });
    client.socket.terminate();
  });

  test.each([
    ['a foreign host', { host: 'rebound.example' }, 'host_not_allowed'],
    ['a foreign origin', { origin: 'https://evil.example' }, 'origin_not_allowed'],
    ['no origin that has a name', { origin: 'null' }, 'origin_not_allowed'],
  ])('is refused to %s', async (_what, headers, code) => {
    expect(await refused({ headers })).toEqual([403, expect.objectContaining({ code })]);
  });

  test('is refused to what is no WebSocket handshake', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    const { status, body } = await ask(port, '/rpc', { headers });
    expect([status, JSON.parse(body.toString())]).toEqual([
      400,
      expect.objectContaining({ code: 'malformed_request' }),
    ]);
  });

  test('is for /rpc alone: elsewhere the wish for a WebSocket is not heard', async () => {
    const [status, body] = await refused({ path: '/v1/status' });
    expect([status, body]).toEqual([200, { state: 'fresh' }]);
    expect((await refused({ path: '/rpc/x' }))[0]).toBe(404);
  });

  test('never compresses', async () => {
    const { socket } = new SocketClient(port, { perMessageDeflate: true });
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  test('is for so many at a time, and for fewer that have not connected', async () => {
    const idle = Array.from({ length: 32 }, () => new SocketClient(port));
    await Promise.all(idle.map((client) => client.next()));
    expect(await refused()).toEqual([429, expect.objectContaining({ code: 'too_many_requests' })]);
    await Promise.all(idle.map((client) => client.call('connect', operator)));
    for (let open = 32; open < 128; open++) idle.push(await SocketClient.connected(port));
    expect((await refused())[0]).toBe(429);
    idle[0]?.socket.terminate();
    await idle[0]?.closed;
    await expect
      .poll(
        () =>
          SocketClient.connected(port).then(
            () => true,
            () => false,
          ),
        patient,
      )
      .toBe(true);
    for (const { socket } of idle) socket.terminate();
  });
});

describe('connecting', () => {
  test('tells what there is', async () => {
    await start();
    service.era = '2026.9';
    const client = new SocketClient(port);
    await client.next();
    const { payload } = await client.call('connect', { ...operator, scopes: ['operator.read', 'x'] });
    expect(payload).toEqual({
      type: 'hello-ok',
      protocol: 4,
      server: { version: '2026.9.6+clawgauge.1.2.3', connId: expect.any(String) },
      features: {
        methods: ['usage.cost', 'sessions.usage', 'sessions.usage.timeseries', 'sessions.usage.logs'],
        events: ['connect.challenge', 'tick', 'shutdown'],
      },
      snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: expect.any(Number) },
      auth: { role: 'operator', scopes: ['operator.read', 'x'] },
      policy: { maxPayload: 65_536, maxBufferedBytes: 16_777_216, tickIntervalMs: 25_000 },
    });
    client.socket.terminate();
  });

  test.each([
    ['in connect', { auth: { token: TOKEN } }, {}],
    ['with the request', {}, { headers: { authorization: `Bearer ${TOKEN}` } }],
  ])('works with the token %s', async (_where, params, options) => {
    await start({ token: TOKEN });
    const client = await SocketClient.connected(port, params, options);
    expect(await client.call('usage.cost', {})).toMatchObject({ ok: true });
    client.socket.terminate();
  });

  test.each([
    ['none', {}, {}],
    ['another', { auth: { token: `${TOKEN}.` } }, {}],
    ['another in the request', {}, { headers: { authorization: 'Bearer other' } }],
    ['a text that is none', { auth: { token: 5 } }, {}],
    ['its digest', { auth: { password: TOKEN } }, {}],
  ])('without the token ends the socket: %s', async (_what, params, options) => {
    await start({ token: TOKEN });
    const client = new SocketClient(port, options);
    await client.next();
    expect(await client.call('connect', { ...operator, ...params })).toMatchObject({ ok: false });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  test('comes first, also where calls follow it at once', async () => {
    await start();
    const client = new SocketClient(port);
    await once(client.socket, 'open');
    const frames = [
      { type: 'req', id: 'a', method: 'connect', params: { ...operator, scopes: ['operator.read'] } },
      { type: 'req', id: 'b', method: 'usage.cost', params: { days: 1 } },
    ];
    for (const frame of frames) client.send(frame);
    await client.next();
    expect(await client.next()).toMatchObject({ id: 'a', payload: { type: 'hello-ok' } });
    expect(await client.next()).toMatchObject({ id: 'b', payload: { method: 'usage.cost', params: { days: 1 } } });
    client.socket.terminate();
  });
});

describe('a call', () => {
  beforeEach(() => start());

  test('is answered with the bytes of its payload, whatever its id', async () => {
    const client = await SocketClient.connected(port);
    const id = '"}\u2028 \u{1f99e}\\';
    client.send({ type: 'req', id, method: 'sessions.usage', params: { key: 'ü' } });
    const answer = { type: 'res', id, ok: true, payload: { method: 'sessions.usage', params: { key: 'ü' } } };
    expect(await client.next()).toEqual(answer);
    client.socket.terminate();
  });

  test('may have fragments, and a ping between them', async () => {
    const client = await SocketClient.connected(port);
    const text = JSON.stringify({ type: 'req', id: '1', method: 'usage.cost' });
    client.socket.send(text.slice(0, 5), { fin: false });
    client.socket.ping();
    client.socket.send(text.slice(5, 9), { fin: false });
    client.socket.send(text.slice(9), { fin: true });
    expect(await client.next()).toMatchObject({ id: '1', ok: true });
    client.socket.terminate();
  });

  test('comes in one WebSocket frame, up to 64 KiB', async () => {
    const client = await SocketClient.connected(port);
    service.respond = async () => payload('x'.repeat(60_000));
    const [bytes] = await Promise.all([once(client.socket, 'message'), client.call('usage.cost')]);
    expect(bytes[0].byteLength).toBeGreaterThan(60_000);
    service.respond = async () => payload('x'.repeat(5_000_000));
    expect((await client.call('usage.cost')).payload).toHaveLength(5_000_000);
    client.socket.terminate();
  });

  test('is answered when its answer is there, not in turn', async () => {
    let answerFirst = (_answer: RpcAnswer) => {};
    service.respond = (method) =>
      method === 'usage.cost'
        ? new Promise((resolve) => {
            answerFirst = resolve;
          })
        : Promise.resolve(payload(2));
    const client = await SocketClient.connected(port);
    client.send({ type: 'req', id: 'first', method: 'usage.cost' });
    client.send({ type: 'req', id: 'second', method: 'sessions.usage' });
    expect(await client.next()).toMatchObject({ id: 'second', payload: 2 });
    answerFirst(payload(1));
    expect(await client.next()).toMatchObject({ id: 'first', payload: 1 });
    client.socket.terminate();
  });

  test('beyond the eighth of a socket waits, and so do those of everybody beyond the sixty-fourth be told', async () => {
    const answers: (() => void)[] = [];
    service.respond = () => new Promise((resolve) => answers.push(() => resolve(payload(0))));
    const clients = await Promise.all(Array.from({ length: 9 }, () => SocketClient.connected(port)));
    for (const client of clients.slice(0, 8)) {
      for (let id = 0; id < 10; id++) client.send({ type: 'req', id: `${id}`, method: 'usage.cost' });
    }
    await expect.poll(() => answers.length, patient).toBe(64);
    expect(await clients[8]?.call('usage.cost')).toMatchObject({
      ok: false,
      error: { code: 'UNAVAILABLE', retryable: true, retryAfterMs: 500 },
    });
    for (let answered = 0; answered < 80; answered++) {
      await expect.poll(() => answers.length, patient).toBeGreaterThan(0);
      answers.shift()?.();
    }
    for (const client of clients.slice(0, 8)) {
      for (let id = 0; id < 10; id++) expect(await client.next()).toMatchObject({ ok: true });
    }
    for (const { socket } of clients) socket.terminate();
  });

  test('is abandoned when its client leaves', async () => {
    const asked = new Promise<RpcCaller>((resolve) => {
      service.respond = (_method, _params, caller) => {
        resolve(caller);
        return new Promise(() => {});
      };
    });
    const client = await SocketClient.connected(port);
    client.send({ type: 'req', id: '1', method: 'usage.cost' });
    const { signal } = await asked;
    expect(signal.aborted).toBe(false);
    client.socket.terminate();
    await expect.poll(() => signal.aborted, patient).toBe(true);
  });
});

describe('what conversations say', () => {
  test.each([
    ['with the token, where they may be shown', { token: TOKEN, transcripts: true }, true],
    ['where they may not be shown', { token: TOKEN, transcripts: false }, false],
    ['where no token is asked for', { transcripts: true }, false],
  ])('is told %s: %j is %j', async (_who, options, told) => {
    await start(options);
    service.respond = async (_method, _params, { transcripts }) => payload({ transcripts });
    const client = await SocketClient.connected(port, { auth: { token: TOKEN } });
    expect((await client.call('sessions.usage.logs')).payload).toEqual({ transcripts: told });
    client.socket.terminate();
  });
});

describe('what breaks the protocol', () => {
  beforeEach(() => start());

  test.each([
    ['text that is no UTF-8', wireFrame(Buffer.from([0x22, 0xff, 0x22])), 1007],
    ['a frame of 100 MB', Buffer.from([0x81, 0xff, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ['an unknown kind of frame', wireFrame('', { opcode: 5 }), 1002],
    ['a fragment of nothing', wireFrame('x', { opcode: 0 }), 1002],
    ['a ping in fragments', wireFrame('x', { opcode: 9, fin: false }), 1002],
  ])('is closed clearly: %s', async (_what, bytes, code) => {
    const socket = await rawSocket(port);
    socket.write(bytes);
    const all = Buffer.concat(await socket.toArray());
    // The last frame is the close: its head, and its code.
    expect(all.subarray(-4)).toEqual(Buffer.from([0x88, 2, code >> 8, code & 0xff]));
  });

  test('is closed clearly: a message of more than 64 KiB in fragments', async () => {
    const client = await SocketClient.connected(port);
    for (let fragment = 0; fragment < 3; fragment++) client.socket.send('x'.repeat(30_000), { fin: false });
    expect(await client.closed).toEqual({ code: 1009, reason: '' });
  });

  test('is closed clearly: a message of very many fragments', async () => {
    const client = await SocketClient.connected(port);
    for (let fragment = 0; fragment < 300; fragment++) client.socket.send('x', { fin: false });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });
});

test('closing the application says so to every client, and waits for none', async () => {
  await start();
  const client = await SocketClient.connected(port);
  const deaf = await rawSocket(port);
  await once(deaf, 'data');
  deaf.pause();
  const closed = app.close();
  expect(await client.next()).toEqual({
    type: 'event',
    event: 'shutdown',
    payload: { reason: 'service stopping' },
    seq: 1,
  });
  expect(await client.closed).toEqual({ code: 1012, reason: 'service restart' });
  await closed;
});
