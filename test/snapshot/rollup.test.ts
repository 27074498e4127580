import { describe, expect, test } from 'vitest';
import { type Digest, MAX_MODELS, UNDATED } from '../../src/compute/digest.ts';
import { INPUT, RECORDS } from '../../src/compute/figures.ts';
import { type Filing, Rollup } from '../../src/snapshot/rollup.ts';
import type { RollupBlock } from '../../src/snapshot/rollup-block.ts';
import { digestOf } from '../support/fold-text.ts';
import { below, pick, type Random, seededRandom } from '../support/random.ts';
import { randomRecords, randomSpan } from '../support/random-store.ts';
import { dumpBlock, dumpRollup } from '../support/rollup-dump.ts';

const FILINGS: readonly Filing[] = [
  { agent: 'main', channel: 'none', kind: 'main' },
  { agent: 'main', channel: 'telegram', kind: 'direct' },
  { agent: 'ops', channel: 'none', kind: 'orphan' },
];

interface Kept {
  digest: Digest;
  filing: Filing;
  records: unknown[];
}

/** A rollup that never held anything but these. */
function freshRollup(kept: Iterable<Kept>): Rollup {
  const rollup = new Rollup();
  for (const { digest, filing } of kept) rollup.apply(digest, filing, 1);
  return rollup;
}

describe('a rollup', () => {
  test.each([1, 2, 3, 4, 5, 6])('leaves no trace of what was replaced, refiled or taken out (script %d)', (seed) => {
    const rnd = seededRandom(seed);
    const rollup = new Rollup();
    const kept = new Map<number, Kept>();
    for (let step = 0; step < 60; step++) {
      const id = below(8, rnd);
      const before = kept.get(id);
      if (before !== undefined) rollup.apply(before.digest, before.filing, -1);
      const next = nextOf(before, rnd);
      if (next === null) {
        kept.delete(id);
      } else {
        kept.set(id, next);
        rollup.apply(next.digest, next.filing, 1);
      }
      if (step % 5 === 4) expect(dumpRollup(rollup)).toEqual(dumpRollup(freshRollup(kept.values())));
    }
    for (const { digest, filing } of kept.values()) rollup.apply(digest, filing, -1);
    expect(dumpRollup(rollup)).toEqual({ rows: [], tools: [], latencies: [] });
  });

  /** A new transcript, its newer self, the same one under another filing, or nothing any more. */
  function nextOf(before: Kept | undefined, rnd: Random): Kept | null {
    const more = randomRecords(randomSpan(rnd), 40, rnd);
    if (before === undefined) return { digest: digestOf(more), filing: pick(FILINGS, rnd), records: more };
    const dice = rnd();
    if (dice < 0.2) return null;
    if (dice < 0.4) return { ...before, filing: pick(FILINGS, rnd) };
    const records = dice < 0.9 ? [...before.records, ...more] : more;
    return { ...before, digest: digestOf(records), records };
  }

  test('does not depend on the order in which digests come', () => {
    const rnd = seededRandom(9);
    const kept = Array.from({ length: 12 }, () => nextOf(undefined, rnd) as Kept);
    expect(dumpRollup(freshRollup(kept.toReversed()))).toEqual(dumpRollup(freshRollup(kept)));
  });

  test('holds more rows than it gathers, in few bytes each, and says how many', () => {
    const start = Date.parse('2026-01-01T00:00:00Z');
    const records = Array.from({ length: 20_000 }, (_, at) => ({
      timestamp: new Date(start + at * 900_000).toISOString(),
      message: { role: 'assistant', model: `m${at % MAX_MODELS}`, usage: { input: at } },
    }));
    const rollup = new Rollup();
    const { bytes } = rollup;
    rollup.apply(digestOf(records), FILINGS[0] as Filing, 1);
    expect(rollup.rows).toBe(20_000);
    const figures = dumpRollup(rollup).rows.map((row) => Number(row.split(' ')[2]));
    expect(figures.sort((a, b) => a - b)).toEqual(records.map((_, at) => at));
    expect(rollup.bytes - bytes).toBeGreaterThan(20_000 * 5);
    expect(rollup.bytes - bytes).toBeLessThan(20_000 * 20);
  });

  test('hands out the days within reach and no others; undated records are on a day of their own', () => {
    const dates = [
      '-271821-04-20T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
      '1970-01-01',
      '+275760-09-13T00:00:00.000Z',
    ];
    const records = [undefined, ...dates].map((timestamp) => ({
      timestamp,
      message: { role: 'assistant', usage: { input: 1 } },
    }));
    const rollup = new Rollup();
    rollup.apply(digestOf(records), FILINGS[0] as Filing, 1);
    const quartersIn = (start: number, end: number, undated: boolean) => {
      const quarters: number[] = [];
      rollup.forEachBlock({ start, end, undated }, (block) => {
        for (let row = 0; row < block.rows; row++) quarters.push(block.quarters[row] as number);
      });
      return quarters.sort((a, b) => a - b);
    };
    const farthest = 8.64e15 / 900_000;
    expect(quartersIn(-Infinity, Infinity, true)).toEqual([UNDATED, -farthest, -1, 0, farthest]);
    expect(quartersIn(-Infinity, Infinity, false)).toEqual([-farthest, -1, 0, farthest]);
    expect(quartersIn(0, 1, true)).toEqual([UNDATED, 0]);
    expect(quartersIn(-5, 0, false)).toEqual([-1]);
    expect(quartersIn(-96, 1, false)).toEqual([-1, 0]);
    expect(quartersIn(96, 200, false)).toEqual([]);
  });
});

describe('the changes since they were last taken', () => {
  const records = (...inputs: number[]) =>
    inputs.map((input) => ({
      timestamp: '2026-11-22T10:00:00Z',
      message: { role: 'assistant', toolName: 'read', durationMs: input, usage: { input } },
    }));
  const [filing] = FILINGS as [Filing];

  test('are the differences of all figures, tools and latencies, one row a quarter hour and combination', () => {
    const rollup = new Rollup();
    rollup.apply(digestOf(records(5, 7)), filing, 1);
    rollup.takeChanges();
    rollup.apply(digestOf(records(5, 7)), filing, -1);
    rollup.apply(digestOf(records(5, 9)), filing, 1);
    const block = rollup.takeChanges() as RollupBlock;
    expect(block.rows).toBe(1);
    expect(block.figures[INPUT]).toBe(2);
    expect(block.figures[RECORDS]).toBe(0);
    const { tools, latencies } = dumpBlock(rollup, block);
    expect(tools).toEqual([]);
    expect(latencies.map((line) => line.split(' ').slice(-2).join(' '))).toEqual(['7 -1', '9 1']);
  });

  test('are none when nothing was applied', () => {
    const rollup = new Rollup();
    rollup.takeChanges();
    expect(rollup.takeChanges()).toMatchObject({ rows: 0 });
    rollup.apply(digestOf(records(5)), filing, 1);
    expect(rollup.takeChanges()).toMatchObject({ rows: 1 });
    expect(rollup.takeChanges()).toMatchObject({ rows: 0 });
  });

  test('are not known at first, nor when they are too many, and are kept again from then on', () => {
    const rollup = new Rollup();
    expect(rollup.takeChanges()).toBeNull();
    const many = Array.from({ length: 5000 }, (_, at) => ({
      timestamp: new Date(Date.UTC(2026, 0) + at * 900_000).toISOString(),
      message: { role: 'assistant', usage: { input: 1 } },
    }));
    rollup.apply(digestOf(many), filing, 1);
    expect(rollup.takeChanges()).toBeNull();
    rollup.apply(digestOf(records(5)), filing, 1);
    expect(rollup.takeChanges()).toMatchObject({ rows: 1 });
  });
});
