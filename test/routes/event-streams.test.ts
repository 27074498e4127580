import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventStreams } from '../../src/routes/event-streams.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ask, listening } from './client.ts';
import { appOver, headAt, MemoryService, NOON } from './memory-service.ts';

/** What a client was sent, as events. */
class Listener extends EventEmitter {
  text = '';
  status = 0;
  ended = false;
  destroyed = false;
  writableLength = 0;

  writeHead(status: number): this {
    this.status = status;
    return this;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }

  /** The names of the events since the last time. */
  take(): string[] {
    const names = [...this.text.matchAll(/^event: (\w+)$/gm)].map(([, name = '']) => name);
    this.text = '';
    return names;
  }
}

let clock: ManualClock;
let service: MemoryService;
let streams: EventStreams;

beforeEach(() => {
  clock = new ManualClock(NOON);
  service = new MemoryService();
  streams = new EventStreams(service, clock);
});

function listen(lastEventId?: string): Listener {
  const listener = new Listener();
  streams.open(listener as unknown as ServerResponse, lastEventId);
  return listener;
}

describe('a stream', () => {
  test('begins with the snapshot as it is, named by its id and state', () => {
    const listener = listen();
    expect(listener.status).toBe(200);
    expect(listener.text).toBe(
      `retry: 2000\n\nid: s1/fresh\nevent: snapshot\ndata: ${JSON.stringify(service.current)}\n\n`,
    );
  });

  test('says to who knows that snapshot already that it still is the one', () => {
    expect(listen('s1/fresh').take()).toEqual(['verified']);
    expect(listen('s0/fresh').take()).toEqual(['snapshot']);
  });

  test('tells of each published snapshot and each change of the state within 200 ms, once', async () => {
    const listener = listen();
    listener.take();
    service.current = headAt(NOON, { id: 's2' });
    await clock.advance(200);
    expect(listener.take()).toEqual(['snapshot']);
    service.current = headAt(NOON, { id: 's2', state: 'stale' });
    await clock.advance(200);
    expect(listener.take()).toEqual(['state']);
    service.current = headAt(NOON, { id: 's2', state: 'stale', refreshing: true });
    await clock.advance(2_000);
    expect(listener.take()).toEqual([]);
  });

  test('is not silent for more than 10 s', async () => {
    const listener = listen();
    listener.take();
    await clock.advance(10_000);
    expect(listener.take()).toEqual(['verified']);
    service.current = null;
    await clock.advance(10_000);
    expect(listener.text).toBe(': nothing yet\n\n');
  });

  test('says that figures were verified before who listens would take them for stale', async () => {
    service.current = headAt(NOON, { staleAt: NOON + 3_000 });
    const listener = listen();
    listener.take();
    service.current = headAt(NOON + 1_000, { staleAt: NOON + 4_000 });
    await clock.advance(1_400);
    expect(listener.take()).toEqual([]);
    await clock.advance(400);
    expect(listener.take()).toEqual(['verified']);
  });

  test('waits for the first snapshot', async () => {
    service.current = null;
    const listener = listen();
    expect(listener.take()).toEqual([]);
    service.current = headAt(NOON);
    await clock.advance(200);
    expect(listener.take()).toEqual(['snapshot']);
  });

  test('of a client that takes nothing is ended', async () => {
    const [slow, quick] = [listen(), listen()];
    slow.writableLength = 100_000;
    service.current = headAt(NOON, { id: 's2' });
    await clock.advance(200);
    expect([slow.destroyed, quick.destroyed, streams.size]).toEqual([true, false, 1]);
  });
});

test('there are at most 64 streams at a time', () => {
  const [first] = Array.from({ length: 64 }, () => listen());
  expect(() => listen()).toThrow(expect.objectContaining({ code: 'too_many_requests' }));
  first?.emit('close');
  expect(() => listen()).not.toThrow();
});

test('nothing is looked at while nobody listens', () => {
  const listener = listen();
  expect(clock.pending).toHaveLength(1);
  listener.emit('close');
  expect(clock.pending).toEqual([]);
});

test('closing ends all streams, and those that come later', () => {
  const before = listen();
  streams.close();
  expect([before.ended, listen().ended, streams.size]).toEqual([true, true, 0]);
  expect(clock.pending).toEqual([]);
});

describe('/v1/events', () => {
  const app = () => appOver(service, { token: 't' });
  let running: ReturnType<typeof app>;

  beforeEach(() => {
    running = app();
  });
  afterEach(() => running.close());

  test('streams to who has the token, and ends with the application', async () => {
    const port = await listening(running);
    expect((await ask(port, '/v1/events')).status).toBe(401);
    const reply = ask(port, '/v1/events', { headers: { authorization: 'Bearer t', 'last-event-id': 's1/fresh' } });
    await expect
      .poll(() => new Promise((resolve) => running.server.getConnections((_, count) => resolve(count))))
      .toBe(1);
    await running.close();
    const { status, headers, body } = await reply;
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    expect(body.toString()).toContain('event: verified');
  });
});
