import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Governor, SHED_STEPS, type ShedLevel } from '../../src/snapshot/governor.ts';
import { ManualClock } from '../support/manual-clock.ts';

const SECOND = 1_000;
const START = 1_800_000_000_000;

/** A governor of a process that holds as many of a thousand bytes as the test says. */
function governed() {
  const clock = new ManualClock(START);
  const applied: ShedLevel[] = [];
  const process = { rss: 0 };
  const governor = new Governor({
    clock,
    cap: 1000,
    tidy: () => {},
    rss: () => process.rss,
    apply: (level) => applied.push(level),
  });
  governor.start();
  return {
    governor,
    applied,
    level: () => governor.shedding.level,
    /** So many seconds at some size. */
    hold: async (rss: number, seconds: number) => {
      process.rss = rss;
      await clock.advance(seconds * SECOND);
    },
    now: () => clock.now(),
    pending: () => clock.pending,
  };
}

describe('the governor', () => {
  test('leaves everything alone below nine tenths of the cap', async () => {
    const { governor, applied, hold } = governed();
    await hold(899, 600);
    expect(applied).toEqual([]);
    expect(governor.shedding).toEqual({ level: 0, since: START, reason: null, steps: { up: 0, down: 0 } });
  });

  test.each([
    [900, 1],
    [920, 2],
    [940, 3],
    [960, 4],
    [980, 5],
    [2000, 5],
  ])('at %d thousandths takes one step a second, and %d of them', async (rss, steps) => {
    const { applied, hold } = governed();
    await hold(rss, 20);
    expect(applied).toEqual(Array.from({ length: steps }, (_, at) => at + 1));
  });

  test('says what it did, why and since when', async () => {
    const { governor, hold, now } = governed();
    await hold(931, 2);
    const since = now();
    await hold(905, 5);
    expect(governor.shedding).toEqual({
      level: 2,
      since,
      reason: '93 % of the memory cap: the digest cache is a quarter of its size',
      steps: { up: 2, down: 0 },
    });
  });

  test('comes back one step at a time, each after half a minute with room', async () => {
    const { governor, level, hold, applied } = governed();
    await hold(945, 3);
    expect(level()).toBe(3);
    await hold(700, 30);
    expect(level()).toBe(3);
    await hold(700, 1);
    expect(level()).toBe(2);
    await hold(700, 60);
    expect(applied).toEqual([1, 2, 3, 2, 1, 0]);
    expect(governor.shedding).toMatchObject({ level: 0, reason: null, steps: { up: 3, down: 3 } });
  });

  test('stays where it is between room and shortage, and waits anew after a moment without room', async () => {
    const { level, hold } = governed();
    await hold(905, 1);
    await hold(870, 300);
    expect(level()).toBe(1);
    await hold(700, 29);
    await hold(860, 1);
    await hold(700, 30);
    expect(level()).toBe(1);
    await hold(700, 1);
    expect(level()).toBe(0);
  });

  test('starts the keeper anew again while nothing helps, at growing intervals up to an hour', async () => {
    const { applied, hold } = governed();
    const restarts = () => applied.filter((level) => level === 5).length;
    await hold(990, 5);
    expect(restarts()).toBe(1);
    await hold(990, 60);
    expect(restarts()).toBe(2);
    await hold(990, 119);
    expect(restarts()).toBe(2);
    await hold(990, 1);
    expect(restarts()).toBe(3);
    await hold(990, 24 * 3600);
    expect(restarts()).toBeLessThan(35);
  });

  test('looks also when it is told to, and no more once it is stopped', async () => {
    const { governor, level, hold, pending } = governed();
    await hold(950, 0);
    governor.sample();
    expect(level()).toBe(1);
    governor.stop();
    await hold(950, 60);
    expect(level()).toBe(1);
    expect(pending()).toEqual([]);
  });

  test('moves by one step at most, and takes nothing up again that it would shed at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 1, max: 90 }))),
        async (holds) => {
          const { applied, hold, level } = governed();
          for (const [rss, seconds] of holds) {
            const before = level();
            await hold(rss, seconds);
            if (rss >= 850) expect(level()).toBeGreaterThanOrEqual(before);
            if (rss < 900) expect(level()).toBeLessThanOrEqual(before);
          }
          let last = 0;
          for (const next of applied) {
            expect(Math.abs(next - last) === 1 || (next === SHED_STEPS.length && last === next)).toBe(true);
            last = next;
          }
        },
      ),
    );
  });
});
