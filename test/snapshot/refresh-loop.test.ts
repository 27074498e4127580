import { describe, expect, test } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import type { RefreshOutcome } from '../../src/snapshot/refresh.ts';
import { RefreshLoop, type RefreshLoopOptions } from '../../src/snapshot/refresh-loop.ts';
import type { RefreshRecord } from '../../src/snapshot/refresh-record.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const INTERVAL = 10_000;
const DEADLINE = 60_000;

interface Running {
  readonly record: RefreshRecord;
  readonly signal: AbortSignal;
  readonly resolve: (outcome: RefreshOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** A loop whose refreshes end when told to. */
class Loop {
  readonly clock: ManualClock;
  readonly loop: RefreshLoop;
  readonly running: Running[] = [];
  readonly ended: { record: RefreshRecord; outcome: RefreshOutcome | null }[] = [];
  started = 0;

  constructor(options: Partial<RefreshLoopOptions> & { now?: number } = {}) {
    this.clock = new ManualClock(options.now ?? NOON);
    this.loop = new RefreshLoop({
      clock: this.clock,
      interval: INTERVAL,
      deadline: DEADLINE,
      timeZones: ['UTC'],
      refresh: (record, signal) => {
        this.started++;
        return new Promise((resolve, reject) => {
          this.running.push({ record, signal, resolve, reject });
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
      ended: (record, outcome) => this.ended.push({ record, outcome }),
      ...options,
    });
  }

  /** The refresh that runs ends well. */
  async end(nextRetry: number | null = null): Promise<void> {
    this.running.shift()?.resolve({ report: { nextRetry }, problems: [] } as unknown as RefreshOutcome);
    await settled();
  }

  async fail(error = new Error('the disk is gone')): Promise<void> {
    this.running.shift()?.reject(error);
    await settled();
  }

  /** Milliseconds from now until another refresh starts, at most a day. */
  async untilNext(): Promise<number> {
    const [from, started] = [this.clock.monotonic(), this.started];
    for (const step of [...this.clock.pending, 86_400_000]) {
      if (this.started > started || this.clock.monotonic() - from >= step) break;
      await this.clock.advance(step - (this.clock.monotonic() - from));
    }
    return this.clock.monotonic() - from;
  }
}

describe('refreshes', () => {
  test('run one at a time, the next one an interval after the last ended', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    expect(it.loop.refreshing).toBe(true);
    await it.clock.advance(25_000);
    expect(it.started).toBe(1);
    await it.end();
    expect(it.loop.refreshing).toBe(false);
    expect(await it.untilNext()).toBe(INTERVAL);
    await it.end();
    expect(it.ended.map(({ record }) => [record.trigger, record.ended, record.startedAt, record.duration])).toEqual([
      ['start', 'ok', NOON, 25_000],
      ['timer', 'ok', NOON + 35_000, 0],
    ]);
    expect(it.ended[0]?.outcome).not.toBeNull();
  });

  test('that are asked for while one runs are one more after it', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    for (let times = 0; times < 3; times++) it.loop.trigger('request');
    expect(it.started).toBe(1);
    await it.end();
    expect(it.started).toBe(2);
    expect(it.loop.records[0]?.trigger).toBe('request');
    await it.end();
    expect(it.started).toBe(2);
    expect(await it.untilNext()).toBe(INTERVAL);
  });

  test('that are asked for while none runs start at once, in place of the one that was due', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.end();
    await it.clock.advance(4000);
    it.loop.trigger('request');
    expect(it.started).toBe(2);
    await it.end();
    expect(await it.untilNext()).toBe(INTERVAL);
  });

  test('are remembered, the latest first, twenty of them', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    for (let times = 0; times < 30; times++) {
      await it.end();
      await it.untilNext();
    }
    expect(it.loop.records).toHaveLength(20);
    const starts = it.loop.records.map(({ startedAt }) => startedAt);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
    expect(it.loop.records.map(({ ended }) => ended).slice(0, 2)).toEqual([null, 'ok']);
  });

  test('begin at the next midnight of a zone, if that comes first', async () => {
    const now = Date.parse('2026-11-22T22:59:57Z');
    const it = new Loop({ now, timeZones: ['UTC', 'Europe/Paris', 'Asia/Tokyo'] });
    it.loop.trigger('start');
    await it.end();
    expect(await it.untilNext()).toBe(3000);
    await it.end();
    expect(await it.untilNext()).toBe(INTERVAL);
  });

  test('begin when a transcript that was set aside may be tried again, if that comes first', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.end(NOON + 700);
    expect(await it.untilNext()).toBe(700);
    await it.end(NOON + 700 + 90_000);
    expect(await it.untilNext()).toBe(INTERVAL);
  });

  test('do not hurry for one that could have been tried and was not', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.end(NOON - 5);
    expect(await it.untilNext()).toBe(INTERVAL);
  });
});

describe('a refresh that fails', () => {
  test('is said with its reason, and the ones after it come at growing intervals until one ends well', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    const waits: number[] = [];
    for (let times = 0; times < 8; times++) {
      await it.fail(new ClawgaugeError('task_crashed', 'gone'));
      expect(it.loop.failures).toBe(times + 1);
      waits.push(await it.untilNext());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 32, 32].map((times) => times * INTERVAL));
    expect(it.ended[0]).toMatchObject({
      record: { ended: 'failed', error: { code: 'task_crashed', detail: 'gone' } },
      outcome: null,
    });
    await it.end();
    expect(it.loop.failures).toBe(0);
    expect(await it.untilNext()).toBe(INTERVAL);
  });

  test('of an unknown cause is internal', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.fail();
    expect(it.ended[0]?.record.error).toEqual({ code: 'internal', detail: 'the disk is gone' });
  });

  test('does not run at once again for those who asked meanwhile, but does when somebody asks then', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    it.loop.trigger('request');
    await it.fail();
    expect(it.started).toBe(1);
    it.loop.trigger('request');
    expect(it.started).toBe(2);
  });

  test('by taking too long is ended, and says so', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.clock.advance(DEADLINE - 1);
    expect(it.running[0]?.signal.aborted).toBe(false);
    await it.clock.advance(1);
    expect(it.ended[0]?.record).toMatchObject({
      ended: 'failed',
      duration: DEADLINE,
      error: { code: 'refresh_overran', detail: `expected an end within ${DEADLINE} ms` },
    });
    expect(it.loop.refreshing).toBe(false);
  });

  test('leaves no deadline behind when it ends in time', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.end();
    expect(it.clock.pending).toEqual([INTERVAL]);
  });
});

describe('a refresh that failed', () => {
  test('is told to end whatever of it still runs', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    const signal = it.running[0]?.signal;
    await it.fail();
    expect(signal?.aborted).toBe(true);
    expect(it.ended[0]?.record.error?.detail).toBe('the disk is gone');
  });
});

describe('a hint that something changed', () => {
  test('brings the next refresh forward, one for all that come together', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.end();
    await it.clock.advance(3000);
    for (let times = 0; times < 5; times++) it.loop.hint();
    const wait = await it.untilNext();
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThan(500);
    expect(it.loop.records[0]?.trigger).toBe('change');
    await it.end();
    expect(await it.untilNext()).toBe(INTERVAL);
  });

  test('while a refresh runs leads to another one, not sooner than a second after that began', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    it.loop.hint();
    await it.end();
    expect(await it.untilNext()).toBe(1000);
  });

  test('leaves four fifths of the time to others', async () => {
    const it = new Loop({ interval: 3_600_000 });
    it.loop.trigger('request');
    await it.clock.advance(2000);
    it.loop.hint();
    await it.end();
    expect(await it.untilNext()).toBe(8000);
  });

  test('is not held up by how long the first refresh of all took', async () => {
    const it = new Loop({ interval: 3_600_000 });
    it.loop.trigger('start');
    await it.clock.advance(2000);
    it.loop.hint();
    await it.end();
    expect(await it.untilNext()).toBeLessThan(500);
  });

  test('does not shorten the wait after a failure', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.fail();
    it.loop.hint();
    expect(await it.untilNext()).toBe(INTERVAL);
  });
});

describe('a loop that is stopped', () => {
  test('ends the refresh that runs, and begins no other', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.loop.stop();
    expect(it.ended[0]?.record).toMatchObject({ ended: 'failed', error: { detail: 'the service is stopping' } });
    it.loop.trigger('request');
    it.loop.hint();
    expect(await it.untilNext()).toBe(86_400_000);
    expect(it.started).toBe(1);
  });

  test('while none runs forgets the next one', async () => {
    const it = new Loop();
    it.loop.trigger('start');
    await it.end();
    await it.loop.stop();
    expect(it.clock.pending).toEqual([]);
  });
});
