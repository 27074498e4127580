/** Calls before anything is known, while figures change, and again and again: who waits, for how long, and what is built. */
import { beforeEach, describe, expect, test } from 'vitest';
import { pack } from '../../../src/compute/envelope.ts';
import { AskedViews } from '../../../src/snapshot/asked-views.ts';
import { CallDesk, type DeskSettings, type DeskState } from '../../../src/snapshot/rpc/call-desk.ts';
import type { CallStep } from '../../../src/snapshot/rpc/call-jobs.ts';
import type { RpcQuery } from '../../../src/snapshot/rpc/rpc-query.ts';
import { MIB } from '../../../src/units.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SECOND = 1_000;
const VIEW_DEADLINE = 250;

const context = {
  roster: { configured: ['main'], defaultAgent: 'main', impliedOwner: 'main' },
  eras: { main: '2026.5' },
} as const;
const head = {
  id: 's1',
  builtAt: NOW,
  verifiedAt: NOW,
  staleAt: NOW + 30 * SECOND,
  state: 'fresh',
  refreshing: false,
  coverage: { transcripts: 3, pending: 0, failed: 0, retained: 0, bytes: 9 },
} as const;

let clock: ManualClock;
let state: DeskState | null;
/** What the keeper was asked to build, and how it answers. */
let built: RpcQuery[];
let answer: (query: RpcQuery) => Promise<CallStep>;
let desk: CallDesk;

beforeEach(() => {
  clock = new ManualClock(NOW);
  state = { context, head, generation: 'g1' };
  built = [];
  answer = async () => rendering(`"days":${built.length}`);
  const ask = (_name: string, { query }: { query: RpcQuery }) => {
    built.push(query);
    return answer(query);
  };
  const threads = { ask, step: ask, details: () => Promise.reject(new Error('nothing asks for details')) };
  desk = new CallDesk({
    clock,
    threads: threads as unknown as DeskSettings['threads'],
    asked: new AskedViews(clock, VIEW_DEADLINE, MIB),
    read: () => Promise.resolve({ kind: 'pending' }),
    gatewayZone: 'UTC',
    state: () => state,
  });
});

const rendering = (members: string): CallStep => ({
  kind: 'rendering',
  rendering: pack('', [Buffer.from(members), Buffer.alloc(0)]),
});

const call = async (params: object = {}, signal = new AbortController().signal) => {
  const said = await desk.call('usage.cost', params, { signal, transcripts: false });
  return said.ok ? (JSON.parse(Buffer.concat(said.payload).toString('utf8')) as object) : said.error;
};

describe('a call', () => {
  test('is answered with how fresh it is', async () => {
    expect(await call()).toEqual({
      updatedAt: NOW,
      days: 1,
      cacheStatus: { status: 'fresh', cachedFiles: 3, pendingFiles: 0, staleFiles: 0, refreshedAt: NOW },
    });
  });

  test('shares what is built with equal ones, whatever words they use', async () => {
    const zone = { mode: 'specific', utcOffset: 'UTC+0' };
    await Promise.all([call(), call({ range: '30d' }), call({ days: 30, ...zone })]);
    await call({ startDate: '2026-10-24', endDate: '2026-11-22' });
    expect(built).toHaveLength(1);
  });

  test('waits until figures are complete', async () => {
    answer = async () => ({ kind: 'unavailable' });
    const waiting = call();
    await settled();
    answer = async () => rendering('"days":7');
    desk.changed();
    expect(await waiting).toMatchObject({ days: 7 });
  });

  test('waits for eight seconds, then is told to try again: it never gets zeros', async () => {
    state = null;
    const waiting = call();
    await clock.advance(7 * SECOND);
    desk.changed();
    await clock.advance(SECOND);
    expect(await waiting).toEqual({
      code: 'UNAVAILABLE',
      message: 'usage is still being read; try again',
      retryable: true,
      retryAfterMs: SECOND,
    });
    expect(built).toEqual([]);
  });

  test('whose caller left is not waited with', async () => {
    state = null;
    const leaving = new AbortController();
    const waiting = call({}, leaving.signal);
    await settled();
    leaving.abort();
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('gets the earlier figures while new ones take long, and is told that they are', async () => {
    await call();
    state = { context, head: { ...head, verifiedAt: NOW + SECOND }, generation: 'g2' };
    answer = () => new Promise(() => {});
    const waiting = call();
    await clock.advance(VIEW_DEADLINE);
    expect(await waiting).toMatchObject({ updatedAt: NOW, days: 1, cacheStatus: { status: 'refreshing' } });
  });

  test('is refused where the keeper refuses it', async () => {
    answer = async () => ({ kind: 'refused', message: 'too much' });
    expect(await call()).toEqual({ code: 'INVALID_REQUEST', message: 'too much' });
  });

  test('of an unknown method is refused as the gateway does', async () => {
    const said = await desk.call('sessions.nothing', {}, { signal: new AbortController().signal, transcripts: true });
    expect(said).toEqual({
      ok: false,
      error: { code: 'INVALID_REQUEST', message: 'unknown method: sessions.nothing' },
    });
  });

  test('for conversations needs the right to see them', async () => {
    const caller = { signal: new AbortController().signal, transcripts: false };
    const said = await desk.call('sessions.usage.logs', { key: 'agent:main:main' }, caller);
    expect(said).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } });
  });
});

describe('what is built before anybody asks', () => {
  const methods = () => built.map(({ method }) => method);

  test('is what the Control UI asks for when it opens, as long as nobody called', async () => {
    desk.changed();
    await settled();
    expect(methods()).toEqual(['sessions.usage', 'usage.cost']);
    expect(built[0]).toMatchObject({ window: { startDate: '2026-11-22', endDate: '2026-11-22' }, limit: 1000 });
  });

  test('is what was called lately, with its dates moved to the day', async () => {
    await call({ startDate: '2026-11-20', endDate: '2026-11-22' });
    await clock.advance(13 * 3600 * SECOND);
    built = [];
    state = { context, head, generation: 'g2' };
    desk.changed();
    await settled();
    expect(methods()).toEqual(['usage.cost']);
    expect(built[0]).toMatchObject({ window: { startDate: '2026-11-21', endDate: '2026-11-23' } });
  });

  test('rests a hundred times as long as it took', async () => {
    await call();
    built = [];
    answer = async () => {
      await clock.advance(50);
      return rendering('"days":1');
    };
    const publish = async (generation: string) => {
      state = { context, head, generation };
      desk.changed();
      await settled();
    };
    await publish('g2');
    await publish('g3');
    expect(built).toHaveLength(1);
    await clock.advance(6 * SECOND);
    await publish('g4');
    expect(built).toHaveLength(2);
  });
});
