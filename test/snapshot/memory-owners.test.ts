import { expect, test } from 'vitest';
import { leastMemoryCap, shareOut, sumOf } from '../../src/cache/memory-budget.ts';
import { memoryOwners } from '../../src/snapshot/memory-owners.ts';
import { MIB } from '../../src/units.ts';

const budget = shareOut(leastMemoryCap() + 200 * MIB, 3);
const thread = (heap: number, buffers: number) => ({ heap: heap * MIB, buffers: buffers * MIB });
const held = {
  rss: 200 * MIB,
  main: thread(20, 4),
  scan: [thread(11, 1), thread(12, 2)],
  keeper: [thread(30, 10)],
  digestCache: 3 * MIB,
  rollup: 2 * MIB,
  renderedViews: MIB,
};

test('the owners may hold the cap together, and hold the resident memory together', () => {
  const owners = memoryOwners(budget, held);
  expect(owners.reduce((sum, owner) => sum + owner.budget, 0)).toBe(budget.cap);
  expect(sumOf(budget)).toBe(budget.cap);
  expect(owners.reduce((sum, { used }) => sum + used, 0)).toBe(held.rss);
  expect(new Set(owners.map(({ owner }) => owner)).size).toBe(owners.length);
});

test('each owner is told what is its own', () => {
  const used = Object.fromEntries(memoryOwners(budget, held).map((it) => [it.owner, it.used / MIB]));
  expect(used).toEqual({
    runtime: 200 - 20 - 30 - 11 - 12 - 17 - 3,
    mainHeap: 20,
    keeperHeap: 30,
    scanHeap1: 11,
    scanHeap2: 12,
    scanHeap3: 0,
    buffers: 17 - 3,
    digestCache: 3,
    rollup: 2,
    renderedViews: 1,
  });
});

test('threads that are not there hold nothing', () => {
  const owners = memoryOwners(budget, { ...held, scan: [], keeper: [] });
  const used = Object.fromEntries(owners.map((it) => [it.owner, it.used]));
  expect(used).toMatchObject({ keeperHeap: 0, scanHeap1: 0, scanHeap2: 0, scanHeap3: 0 });
});
