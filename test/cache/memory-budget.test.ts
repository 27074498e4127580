import { describe, expect, test } from 'vitest';
import { shareOut } from '../../src/cache/memory-budget.ts';
import { MIB } from '../../src/units.ts';

describe('the shares of the memory cap', () => {
  test('of 256 MiB', () => {
    expect(shareOut(256 * MIB)).toEqual({
      cap: 256 * MIB,
      digestCache: 32 * MIB,
      renderedViews: 16 * MIB,
      keeperHeap: 64 * MIB,
      scanHeap: 32 * MIB,
    });
  });

  test.each([64, 100, 128, 256, 1024, 16_384])('of %d MiB leave a part of it to the main thread', (mib) => {
    const { cap, digestCache, renderedViews, keeperHeap, scanHeap } = shareOut(mib * MIB);
    expect(digestCache + renderedViews + keeperHeap + scanHeap).toBeLessThanOrEqual(cap * 0.9);
    expect(scanHeap).toBeGreaterThanOrEqual(24 * MIB);
  });
});
