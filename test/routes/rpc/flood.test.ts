/** Frames at random, very many of them, and very long ones: memory stays bounded, closes are clear, others are not affected. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MIB } from '../../../src/units.ts';
import { listening } from '../client.ts';
import { appOver, MemoryService } from '../memory-service.ts';
import { operator, rawSocket, SocketClient, wireFrame } from './socket-client.ts';

let app: FastifyInstance;
let port: number;
/** Somebody who behaves, all the while. */
let other: SocketClient;

beforeAll(async () => {
  app = appOver(new MemoryService());
  port = await listening(app);
});
beforeEach(async () => {
  other = await SocketClient.connected(port);
});
afterEach(async () => {
  expect(await other.call('usage.cost')).toMatchObject({ ok: true });
  other.socket.terminate();
});
afterAll(() => app.close());

const connect = { type: 'req', id: 'c', method: 'connect', params: { ...operator, scopes: ['operator.read'] } };

/** Writes all of it, at the pace of the other side; stops where that ends. */
async function write(socket: Socket, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed || !socket.writable) return;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
}

/** Collects what comes, and drops the ends of it: only the last bytes of each piece matter. */
function lastBytes(socket: Socket): () => Buffer {
  let last = Buffer.alloc(0);
  socket
    .on('error', () => {})
    .on('data', (data: Buffer) => {
      last = Buffer.concat([last, data]).subarray(-200);
    });
  return () => last;
}

/** The code of the close that bytes from the server end with, 1005 if it has none; null where they end otherwise. */
function closeCode(bytes: Buffer): number | null {
  for (let length = 0; length <= 125 && length + 2 <= bytes.length; length++) {
    const frame = bytes.subarray(-length - 2);
    if (frame[0] === 0x88 && frame[1] === length) return length < 2 ? 1005 : frame.readUInt16BE(2);
  }
  return null;
}

describe('frames at random', () => {
  const text = fc.string({ maxLength: 20 });
  const member = fc.oneof(
    fc.constantFrom('req', 'res', 'usage.cost', 'connect', '1', ''),
    text,
    fc.integer(),
    fc.jsonValue(),
  );
  const frame = fc.oneof(
    fc.record({ type: member, id: member, method: member, params: fc.jsonValue() }, { requiredKeys: [] }),
    fc.constant(connect),
    fc.record({ type: fc.constant('req'), id: text, method: fc.constant('usage.cost'), params: fc.jsonValue() }),
    fc.jsonValue(),
  );
  const message = fc.oneof(
    { weight: 6, arbitrary: frame.map((value) => wireFrame(JSON.stringify(value) ?? '')) },
    { weight: 2, arbitrary: frame.map((value) => wireFrame(JSON.stringify(value) ?? '', { opcode: 2 })) },
    { weight: 1, arbitrary: fc.string().map((value) => wireFrame(value)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => wireFrame(Buffer.from(bytes))) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat({ max: 15 }), fc.boolean(), fc.uint8Array({ maxLength: 130 }))
        .map(([opcode, fin, bytes]) => wireFrame(Buffer.from(bytes), { opcode, fin })),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
  );

  test('end in answers or a clear close, however they are cut', async () => {
    const conversation = fc.record({
      connects: fc.boolean(),
      messages: fc.array(message, { maxLength: 12 }),
      cut: fc.nat({ max: 200 }),
    });
    let closes = 0;
    await fc.assert(
      fc.asyncProperty(conversation, async ({ connects, messages, cut }) => {
        const socket = await rawSocket(port);
        const last = lastBytes(socket);
        const bytes = Buffer.concat([...(connects ? [wireFrame(JSON.stringify(connect))] : []), ...messages]);
        await write(socket, [bytes.subarray(0, cut), bytes.subarray(cut)]);
        // A close of our own: if nothing ended the socket before, this does, unless a frame before it swallows it.
        await write(socket, [wireFrame(Buffer.from([0x03, 0xe8]), { opcode: 8 })]);
        for (let call = 0; call < 30 && !socket.closed; call++) await other.call('usage.cost');
        if (socket.closed) {
          closes++;
          expect(closeCode(last())).not.toBe(null);
        }
        socket.destroy();
      }),
      { numRuns: 300 },
    );
    expect(closes).toBeGreaterThan(0);
  });
});

describe('very many frames', () => {
  test.each([
    ['calls', JSON.stringify({ type: 'req', id: 'x', method: 'usage.cost' }), '"ok":true'],
    ['frames that are none', '{}', 'must have required property'],
  ])('are all answered, in bounded memory: %s', async (_what, frame, answer) => {
    const COUNT = 100_000;
    const socket = await rawSocket(port);
    let answers = 0;
    let rest = '';
    const all = new Promise<void>((resolve) => {
      socket.on('data', (data: Buffer) => {
        const parts = (rest + data.toString('latin1')).split(answer);
        answers += parts.length - 1;
        rest = (parts.at(-1) as string).slice(-answer.length);
        // The answer to connect says ok, too.
        if (answers >= COUNT) resolve();
      });
    });
    const before = process.memoryUsage().rss;
    let peak = before;
    const many = Buffer.concat(Array.from({ length: 1000 }, () => wireFrame(frame)));
    function* frames() {
      yield wireFrame(JSON.stringify(connect));
      for (let sent = 0; sent < COUNT; sent += 1000) {
        peak = Math.max(peak, process.memoryUsage().rss);
        yield many;
      }
    }
    await write(socket, frames());
    await all;
    expect(peak - before).toBeLessThan(150 * MIB);
    socket.destroy();
  });

  test('of an unread client are left where they are', async () => {
    const socket = await rawSocket(port);
    await once(socket, 'data');
    socket.pause();
    const before = process.memoryUsage().rss;
    socket.write(wireFrame(JSON.stringify(connect)));
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => wireFrame('{}')));
    // Until nothing is taken any more: it then waits in the kernel, and here.
    let taken = true;
    while (taken) {
      taken = socket.write(many) || (await drainedSoon(socket));
    }
    expect(await other.call('usage.cost')).toMatchObject({ ok: true });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
    socket.destroy();
  });
});

/** Whether a socket drains while somebody else is answered a few hundred times. */
async function drainedSoon(socket: Socket): Promise<boolean> {
  let drained = false;
  const note = () => {
    drained = true;
  };
  socket.once('drain', note);
  for (let call = 0; call < 300 && !drained; call++) await other.call('usage.cost');
  socket.off('drain', note);
  return drained;
}

describe('very long frames', () => {
  test.each([
    ['one of 100 MB', 1],
    ['one of 100 MB in fragments of 1 MB', 100],
  ])('are refused before they are held: %s', async (_what, count) => {
    const socket = await rawSocket(port);
    const last = lastBytes(socket);
    const part = Buffer.alloc(MIB);
    function* pieces() {
      for (let index = 0; index < count; index++) {
        const length = (100 / count) * MIB;
        const head = Buffer.alloc(14);
        head[0] = (index === count - 1 ? 0x80 : 0) | (index === 0 ? 1 : 0);
        head[1] = 0xff;
        head.writeBigUInt64BE(BigInt(length), 2);
        yield head;
        for (let sent = 0; sent < length; sent += MIB) yield part;
      }
    }
    const before = process.memoryUsage().rss;
    const closed = once(socket, 'close');
    await write(socket, pieces());
    socket.end();
    await closed;
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MIB);
    expect(closeCode(last())).toBe(1009);
  });
});
