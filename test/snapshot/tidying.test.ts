import { expect, test } from 'vitest';
import { Tidying } from '../../src/snapshot/tidying.ts';

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
    own.tidy(false);
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
  own.tidy(false);
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
  own.tidy(true);
  own.tidy(true);
  expect([heap.collections, heap.ofKeeper]).toEqual([1, 1]);
  heap.now = 20_000;
  own.tidy(true);
  expect([heap.collections, heap.ofKeeper]).toEqual([2, 2]);
});
