import { describe, expect, test } from 'vitest';
import { Tidying } from '../../src/snapshot/tidying.ts';
import { MIB } from '../../src/units.ts';

function heapOf(share: number) {
  const heap = { held: 0, live: 0, collections: 0, ofKeeper: 0, now: 0 };
  const own = new Tidying({
    clock: { monotonic: () => heap.now },
    share,
    held: () => heap.held,
    collect: () => {
      heap.held = heap.live;
      heap.collections++;
    },
    collectKeeper: () => {
      heap.ofKeeper++;
    },
  });
  /** A look ten seconds later, at so much garbage. */
  const look = (garbage: number) => {
    heap.now += 10_000;
    heap.held += garbage;
    own.tidy(0, false);
    return heap.collections;
  };
  return { heap, own, look };
}

test('the garbage of a heap that outgrew its share is collected', () => {
  const { look } = heapOf(100);
  expect(look(100)).toBe(0);
  expect(look(1)).toBe(1);
  expect(look(100)).toBe(1);
  expect(look(1)).toBe(2);
});

test('not more often than every ten seconds', () => {
  const { heap, own, look } = heapOf(100);
  expect(look(101)).toBe(1);
  heap.now += 9_999;
  heap.held = 1_000;
  own.tidy(0, false);
  expect(heap.collections).toBe(1);
});

test('a heap that is larger than its share by what lives in it is collected only when it grew by half', () => {
  const { heap, look } = heapOf(100);
  heap.live = 200;
  heap.held = 200;
  expect(look(0)).toBe(1);
  expect(look(100)).toBe(1);
  expect(look(1)).toBe(2);
});

test('when the process nears its cap, all threads are collected', () => {
  const { heap, own } = heapOf(100);
  heap.now = 10_000;
  own.tidy(100 * MIB, true);
  own.tidy(100 * MIB, true);
  expect([heap.collections, heap.ofKeeper]).toEqual([1, 1]);
  own.tidy(92 * MIB, true);
  heap.now = 20_000;
  own.tidy(92 * MIB, true);
  expect([heap.collections, heap.ofKeeper]).toEqual([2, 2]);
});

describe('a collection of all threads that freed less than 8 MiB', () => {
  /** The seconds at which all threads are collected, looked at every second. */
  function collectedAt(rss: (second: number) => number, seconds: number): number[] {
    const { heap, own } = heapOf(100);
    const at: number[] = [];
    for (let second = 10; second < seconds; second++) {
      const before = heap.ofKeeper;
      heap.now = second * 1_000;
      own.tidy(rss(second), true);
      if (heap.ofKeeper > before) at.push(second);
    }
    return at;
  }

  test('puts the next one off for twice as long, up to ten minutes', () => {
    expect(collectedAt(() => 100 * MIB, 3_000)).toEqual([10, 20, 40, 80, 160, 320, 640, 1_240, 1_840, 2_440]);
  });

  test('does not put it off any more once memory grew by as much', () => {
    const rss = (second: number) => (second < 100 ? 100 * MIB : 108 * MIB);
    expect(collectedAt(rss, 150)).toEqual([10, 20, 40, 80, 100, 110, 130]);
  });
});
