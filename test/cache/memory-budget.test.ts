import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastMemoryCap, shareOut, sumOf } from '../../src/cache/memory-budget.ts';
import { MIB } from '../../src/units.ts';

const majors = fc.constantFrom(20, 22, 24, 26);
const cores = fc.integer({ min: 1, max: 64 });
/** Caps from the least on, and the major version of Node. */
const capOf = majors.chain((major) =>
  fc.record({ major: fc.constant(major), cap: fc.integer({ min: leastMemoryCap(major), max: 2 ** 40 }) }),
);

describe('the shares of the memory cap', () => {
  test('add up to it', () => {
    fc.assert(
      fc.property(capOf, cores, ({ cap, major }, available) => {
        const budget = shareOut(cap, available, major);
        expect(budget.cap).toBe(cap);
        expect(sumOf(budget)).toBe(cap);
        for (const share of Object.values(budget)) expect(Number.isInteger(share) && share > 0).toBe(true);
      }),
    );
  });

  test('never shrink when the cap grows and the threads stay as many', () => {
    fc.assert(
      fc.property(capOf, cores, fc.nat(512 * MIB), ({ cap, major }, available, more) => {
        const [before, after] = [shareOut(cap, available, major), shareOut(cap + more, available, major)];
        expect(after.scanThreads).toBeGreaterThanOrEqual(before.scanThreads);
        if (after.scanThreads !== before.scanThreads) return;
        for (const [owner, share] of Object.entries(before)) {
          // The runtime's holds what rounding left.
          expect(after[owner as keyof typeof after] + 16).toBeGreaterThanOrEqual(share);
        }
      }),
    );
  });

  test.each([20, 22, 24])('leave room for two scan threads under the default cap on two cores (Node %d)', (major) => {
    expect(shareOut(256 * MIB, 2, major).scanThreads).toBe(2);
  });

  test('hold no more scan threads than cores, and one under the least cap', () => {
    expect(shareOut(2 ** 40, 4, 20).scanThreads).toBe(4);
    expect(shareOut(leastMemoryCap(20), 16, 20)).toMatchObject({
      scanThreads: 1,
      scanHeap: 24 * MIB,
      keeperHeap: 24 * MIB,
    });
  });
});
