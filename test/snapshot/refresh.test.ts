import { describe, expect, test } from 'vitest';
import { BATCHES_AT_ONCE } from '../../src/snapshot/keeper-calls.ts';
import type { PublishedSnapshot } from '../../src/snapshot/published.ts';
import { type RefreshOutcome, refresh } from '../../src/snapshot/refresh.ts';
import { newRecord } from '../../src/snapshot/refresh-record.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { ThreadsDouble } from '../support/threads-double.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

/** A first refresh of so many batches over so many lanes, up to where the first of them are scanned. */
async function firstRefresh(batches: number, lanes: number, inventoryTasks = 1, isNew = false) {
  const double = new ThreadsDouble(batches, lanes, inventoryTasks);
  double.isNew = isNew;
  const clock = new ManualClock(NOON);
  const published: PublishedSnapshot[] = [];
  const record = newRecord('start', NOON);
  const context = {
    threads: double.threads,
    clock,
    signal: new AbortController().signal,
    complete: false,
    reason: { everything: false, changes: [] },
    usedZones: [],
    snapshot: () => published.at(-1) ?? null,
    publish: (snapshot: PublishedSnapshot) => published.push(snapshot),
    lookedInto: () => {},
    progress: () => {},
  };
  const ended: Promise<RefreshOutcome> = refresh(context, record);
  ended.catch(() => {});
  await settled();
  return { double, clock, published, record, ended };
}

describe('an inventory', () => {
  test('is all there is to a refresh when it leaves nothing to do', async () => {
    const { double, ended, record } = await firstRefresh(0, 1);
    await ended;
    expect(double.steps).toEqual(['begin', 'inventory', 'takeInventory']);
    expect(record).toMatchObject({ sessions: 1, looked: 1 });
  });

  test('goes on until the keeper has no more tasks for it', async () => {
    const { double } = await firstRefresh(1, 1, 3);
    const looks = ['inventory', 'takeInventory'];
    expect(double.steps).toEqual(['begin', ...looks, ...looks, ...looks, 'restore', 'plan']);
  });
});

describe('a second scan thread', () => {
  test('is up when the first fold of all begins', async () => {
    const { double } = await firstRefresh(1, 2, 3, true);
    expect(double.prepared).toBe(2);
  });

  test('waits for work where digests are at hand, or memory is short', async () => {
    expect((await firstRefresh(1, 2, 3, false)).double.prepared).toBe(1);
    expect((await firstRefresh(1, 1, 3, true)).double.prepared).toBe(1);
  });
});

describe('the batches of a long plan', () => {
  test('are planned on while the last ones are scanned', async () => {
    const { double } = await firstRefresh(BATCHES_AT_ONCE + 1, 2);
    expect(double.waiting).toEqual(['scan', 'scan', 'planMore']);
  });

  test('end with a plan that has no more', async () => {
    const { double, record } = await firstRefresh(BATCHES_AT_ONCE, 1);
    await double.answer('planMore');
    for (let batch = 0; batch < BATCHES_AT_ONCE; batch++) {
      await double.answer('scan');
      await double.answer('accept');
    }
    expect(double.waiting).toEqual(['publish']);
    expect(record.folded).toBe(BATCHES_AT_ONCE);
  });
});

describe('the lanes of a scan', () => {
  test('go on to the next batch while the keeper takes over the last one', async () => {
    const { double } = await firstRefresh(3, 1);
    await double.answer('scan');
    expect(double.waiting).toEqual(['scan', 'accept']);
  });

  test('wait with a second result until the keeper has taken over the first', async () => {
    const { double } = await firstRefresh(6, 2);
    for (let batch = 0; batch < 4; batch++) await double.answer('scan');
    // One result of each lane is with the keeper or waits its turn, and one more of each is scanned.
    expect(double.waiting).toEqual(['accept']);
    await double.answer('accept');
    expect(double.waiting).toEqual(['accept', 'scan']);
    await double.answer('accept');
    expect(double.waiting).toEqual(['scan', 'accept', 'scan']);
  });

  test('end with the last result taken over', async () => {
    const { double, record, ended } = await firstRefresh(2, 2);
    await double.answer('scan');
    await double.answer('scan');
    await double.answer('accept');
    await double.answer('accept');
    expect(double.waiting).toEqual(['publish']);
    // The first views, then all of them.
    await double.answer('publish');
    await double.answer('publish');
    await ended;
    expect(record.folded).toBe(2);
  });

  test('of a first fold end with their threads, before any view is built', async () => {
    const { double } = await firstRefresh(1, 1);
    await double.answer('scan');
    expect(double.steps).not.toContain('endIdleScans');
    await double.answer('accept');
    expect(double.steps.slice(-2)).toEqual(['endIdleScans', 'publish']);
  });

  test('end the refresh when the keeper fails, also while they scan', async () => {
    const { double, ended } = await firstRefresh(3, 1);
    await double.answer('scan');
    await double.fail('accept', new Error('the keeper is gone'));
    await double.answer('scan');
    await expect(ended).rejects.toThrow('the keeper is gone');
    expect(double.waiting).toEqual([]);
  });
});

describe('lanes that are closed while they scan', () => {
  test('end with the batch that they have, and leave the others to the first one', async () => {
    const { double, ended, record } = await firstRefresh(4, 2);
    expect(double.waiting).toEqual(['scan', 'scan']);
    double.lanes = 1;
    await double.answer('scan');
    await double.answer('scan');
    expect(double.waiting.sort()).toEqual(['accept', 'scan']);
    await double.answer('accept');
    await double.answer('accept');
    expect(double.waiting).toEqual(['scan']);
    await double.answer('scan');
    expect(double.waiting.sort()).toEqual(['accept', 'scan']);
    await double.answer('accept');
    await double.answer('scan');
    await double.answer('accept');
    await double.answer('publish');
    await double.answer('publish');
    await ended;
    expect(record.folded).toBe(4);
  });
});

describe('a first fold that takes long', () => {
  test('fails for what ended the keeper, and not for what the next one does not know', async () => {
    const { double, clock, ended } = await firstRefresh(1, 1);
    await double.answer('scan');
    await clock.advance(1_000);
    await double.fail('accept', new Error('out of memory'));
    await expect(ended).rejects.toThrow('out of memory');
  });

  test('publishes what it has after one second, then at growing distances of at most eight', async () => {
    const { double, clock, published } = await firstRefresh(1, 1);
    const times: number[] = [];
    while (clock.monotonic() < 40_000) {
      await clock.advance(500);
      if (!double.waiting.includes('publish')) continue;
      times.push(clock.monotonic() / 1_000);
      await double.answer('publish');
    }
    expect(times).toEqual([1, 3, 7, 15, 23, 31, 39]);
    expect(published).toHaveLength(times.length);
  });

  test('puts a publication off for two seconds, once, when it is expected to end by then', async () => {
    const { double, clock } = await firstRefresh(2, 1);
    await double.answer('scan');
    await double.answer('accept');
    await clock.advance(1_000);
    expect(double.waiting).toEqual(['scan']);
    await clock.advance(1_500);
    expect(double.waiting).toEqual(['scan']);
    await clock.advance(500);
    expect(double.waiting.sort()).toEqual(['publish', 'scan']);
  });

  test('lets no digest in between the views of one snapshot', async () => {
    const { double, clock } = await firstRefresh(2, 1);
    await clock.advance(1_000);
    await double.answer('scan');
    expect(double.waiting).toEqual(['publish', 'scan']);
    await double.answer('publish');
    expect(double.waiting).toEqual(['scan', 'accept']);
  });
});
