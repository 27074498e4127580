/** The service as a whole when memory is short: what it sheds, that it goes on answering, and that it comes back. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type MemoryBudget, shareOut } from '../../src/cache/memory-budget.ts';
import { loadOptions } from '../../src/config.ts';
import type { Shedding } from '../../src/snapshot/governor.ts';
import { usageQuery, viewKey } from '../../src/snapshot/query.ts';
import { limitsAt } from '../../src/snapshot/shedding.ts';
import { SnapshotService } from '../../src/snapshot/usage-service.ts';
import { MIB } from '../../src/units.ts';
import { eventually } from '../e2e/eventually.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { smallStore, storeNow, temporaryStateDir } from '../support/stores.ts';

const SECOND = 1_000;
const CAP = 1024 * MIB;
const UTC = { timeZone: 'UTC' };
const READY = viewKey(usageQuery(UTC));

const clock = new ManualClock(storeNow);
const told: Shedding[] = [];
let service: SnapshotService;
let budget: MemoryBudget;
/** What the process is made to believe that it holds, of its cap. */
let share = 0.5;

beforeAll(async () => {
  vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => share * CAP);
  const flags = { stateDir: smallStore(5).directory, dataDir: temporaryStateDir(), timeZone: 'UTC', memoryCap: '1gb' };
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const options = loadOptions({ flags, env: {}, homedir: temporaryStateDir(), readFile });
  service = new SnapshotService({ ...options, version: '1.2.3' }, { shed: (shedding) => told.push(shedding) }, clock);
  budget = shareOut(CAP, 2);
  service.start();
  await eventually(() => expect(service.head()?.state).toBe('fresh'));
  await eventually(() => expect(service.status().refreshing).toBe(false));
});

afterAll(async () => {
  await service.close();
  vi.restoreAllMocks();
});

/** A second at some share of the cap. */
async function hold(held: number): Promise<void> {
  share = held;
  await clock.advance(SECOND);
}

/** Asks for a view that nobody precomputed. */
const ask = (agent: string) => service.ask(usageQuery(UTC, { agent: [agent] }));

const digestCap = async () => (await service.cache()).digests?.cap;

describe('a service that nears its memory cap', () => {
  test('begins with everything', async () => {
    expect(await ask('a')).toMatchObject({ kind: 'ready', outdated: false });
    const { views, memory } = await service.cache();
    // With what the Control UI asks for when it opens, as soon as that is ready.
    expect(views.asked.entries).toBeGreaterThanOrEqual(1);
    expect(views.asked.cap).toBe(limitsAt(0, budget).askedViews);
    expect(memory).toMatchObject({ cap: CAP, rss: 0.5 * CAP });
    expect(await digestCap()).toBe(budget.digestCache);
  });

  test('lets views go that were asked for, and says so', async () => {
    await hold(0.91);
    expect(service.status().shedding).toMatchObject({ level: 1, since: clock.now() });
    expect(service.head()?.state).toBe('degraded');
    expect(told.map(({ level }) => level)).toEqual([1]);
    expect(await ask('a')).toMatchObject({ kind: 'ready', outdated: false });
    expect((await service.cache()).views.asked).toMatchObject({ entries: 0, bytes: 0, cap: 0 });
  });

  test('shrinks the digest cache, then does without', async () => {
    await hold(0.93);
    await eventually(async () => expect(await digestCap()).toBe(Math.floor(budget.digestCache / 4)));
    await hold(0.95);
    await eventually(async () => expect(await digestCap()).toBe(0));
    expect(await ask('b')).toMatchObject({ kind: 'ready', outdated: false });
  });

  test('ends scan threads that have nothing to do', async () => {
    service.refresh();
    await eventually(async () => expect((await service.cache()).threads.scan).toBeGreaterThan(0));
    await eventually(() => expect(service.status().refreshing).toBe(false));
    await hold(0.97);
    await eventually(async () => expect((await service.cache()).threads.scan).toBe(0));
  });

  test('starts the keeper anew at last, and serves what it has meanwhile', async () => {
    const { id } = service.head()!;
    const before = service.ready(READY);
    await hold(0.99);
    expect(service.status().shedding).toMatchObject({ level: 5, steps: { up: 5, down: 0 } });
    expect(service.ready(READY)).toBe(before);
    expect(service.head()).toMatchObject({ id, state: 'degraded' });
    await eventually(async () => {
      await clock.advance(SECOND);
      const answer = await ask('c');
      expect(answer).toMatchObject({ kind: 'ready', outdated: false });
    });
    expect(service.ready(READY)?.etag).toBe(before?.etag);
    expect(service.status()).toMatchObject({ failures: 0, shedding: { level: 5 } });
  });

  test('comes back, step by step, and keeps what it is asked for again', async () => {
    share = 0.6;
    for (let level = 4; level >= 0; level--) {
      await clock.advance(31 * SECOND);
      expect(service.status().shedding.level).toBe(level);
    }
    await eventually(() => expect(service.head()?.state).toBe('fresh'));
    await ask('a');
    expect((await service.cache()).views.asked).toMatchObject({ cap: limitsAt(0, budget).askedViews });
    expect((await service.cache()).views.asked.entries).toBeGreaterThanOrEqual(1);
    await eventually(async () => expect(await digestCap()).toBe(budget.digestCache));
    expect(told.at(-1)).toMatchObject({ level: 0, reason: null, steps: { up: 5, down: 5 } });
  });
});
