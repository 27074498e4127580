/** What takes time on a socket: the deadline of `connect`, the beat, and clients that are silent or do not read. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RpcCalls } from '../../../src/routes/rpc/calls.ts';
import { rpcLimits } from '../../../src/routes/rpc/limits.ts';
import { Outgoing } from '../../../src/routes/rpc/outgoing.ts';
import { RpcSockets } from '../../../src/routes/rpc/sockets.ts';
import { Gate } from '../../../src/routes/security.ts';
import { MIB } from '../../../src/units.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryService, NOON } from '../memory-service.ts';
import { operator, patient, rawSocket, SocketClient, wireFrame } from './socket-client.ts';

let service: MemoryService;
let clock: ManualClock;
let sockets: RpcSockets;
let server: Server;
let port: number;

beforeEach(async () => {
  service = new MemoryService();
  clock = new ManualClock(NOON);
  const gate = new Gate({ token: null, allowedHosts: [] });
  const calls = new RpcCalls(service);
  const outgoing = new Outgoing(rpcLimits.outgoing);
  const startedAt = clock.monotonic();
  sockets = new RpcSockets({ service, calls, outgoing, gate, version: '1.2.3', startedAt, transcripts: false }, clock);
  server = createServer().on('upgrade', (request, socket, head) => sockets.open(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as { port: number });
});
afterEach(async () => {
  sockets.close();
  await clock.advance(rpcLimits.closing);
  server.close();
});

const connect = JSON.stringify({
  type: 'req',
  id: '1',
  method: 'connect',
  params: { ...operator, scopes: ['operator.read'] },
});
const call = JSON.stringify({ type: 'req', id: '2', method: 'usage.cost' });

/** How many sockets are open, on our side of them. */
function open(): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

/** A client that connected and from now on reads nothing. */
async function deaf(): Promise<Socket> {
  const socket = await rawSocket(port);
  socket.write(wireFrame(connect));
  await new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      if (data.includes('hello-ok')) resolve();
    });
  });
  socket.removeAllListeners('data');
  socket.pause();
  return socket;
}

describe('a client that has not connected', () => {
  test('is let go at the deadline, and not before', async () => {
    const client = new SocketClient(port);
    await client.next();
    await clock.advance(rpcLimits.handshake - 1);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await clock.advance(1);
    expect(await client.closed).toEqual({ code: 1008, reason: 'connect was expected in time' });
  });

  test('does not live on by sending pings', async () => {
    const client = new SocketClient(port);
    await client.next();
    client.socket.ping();
    await once(client.socket, 'pong');
    await clock.advance(rpcLimits.handshake);
    expect((await client.closed).code).toBe(1008);
  });
});

describe('the beat', () => {
  test('brings a ping and a numbered tick to every client that connected', async () => {
    const [first, second] = [await SocketClient.connected(port), await SocketClient.connected(port)];
    for (let seq = 1; seq < 5; seq++) {
      const pings = [first, second].map(({ socket }) => once(socket, 'ping'));
      await clock.advance(rpcLimits.beat);
      await Promise.all(pings);
      const tick = { type: 'event', event: 'tick', payload: { ts: service.now() }, seq };
      expect([await first.next(), await second.next()]).toEqual([tick, tick]);
      // Whose pong arrived before the next beat, is alive.
      await Promise.all([first.call('usage.cost'), second.call('usage.cost')]);
    }
    for (const { socket } of [first, second]) socket.terminate();
  });

  test('ends when the last client left', async () => {
    const client = await SocketClient.connected(port);
    client.socket.terminate();
    await client.closed;
    await expect
      .poll(async () => {
        await clock.advance(rpcLimits.beat);
        return clock.pending;
      }, patient)
      .toEqual([]);
  });

  test('lets go of a client that answers no ping, and cuts it off if it does not answer that either', async () => {
    await deaf();
    await clock.advance(3 * rpcLimits.beat);
    expect(await open()).toBe(1);
    await clock.advance(rpcLimits.closing);
    await expect.poll(open, patient).toBe(0);
  });
});

describe('a client that never reads', () => {
  /** Answers of 4 MiB, that come once they are let. */
  let answers: (() => void)[];

  beforeEach(() => {
    answers = [];
    service.respond = () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ ok: true, payload: [Buffer.alloc(4 * MIB, 0x31)] }));
      });
  });

  test('is asked no further, and let go of after a while; others go on', async () => {
    const socket = await deaf();
    for (let index = 0; index < 1000; index++) socket.write(wireFrame(call));
    await expect.poll(() => answers.length, patient).toBe(rpcLimits.callsOfSocket);
    for (const answer of answers) answer();
    const other = await SocketClient.connected(port);
    service.respond = async () => ({ ok: true, payload: [Buffer.from('1')] });
    // At the third beat; later if the machine took an answer off our hands meanwhile.
    await expect
      .poll(async () => {
        await clock.advance(rpcLimits.beat);
        expect(await other.next()).toMatchObject({ event: 'tick' });
        expect(await other.call('usage.cost')).toMatchObject({ payload: 1 });
        return open();
      }, patient)
      .toBe(1);
    expect(answers).toHaveLength(rpcLimits.callsOfSocket);
    other.socket.terminate();
  });

  test('and others like it share one bound, until they are gone', async () => {
    const never = await Promise.all(Array.from({ length: 4 }, deaf));
    for (const socket of never) for (let id = 0; id < 8; id++) socket.write(wireFrame(call));
    await expect.poll(() => answers.length, patient).toBe(32);
    for (const answer of answers) answer();
    const other = await SocketClient.connected(port);
    service.respond = async () => ({ ok: true, payload: [Buffer.alloc(28 * MIB, 0x31)] });
    expect((await other.call('usage.cost')).error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    for (const socket of never) socket.destroy();
    await expect.poll(async () => (await other.call('usage.cost')).ok, patient).toBe(true);
    other.socket.terminate();
  });
});
