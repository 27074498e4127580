import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantised } from '../../src/compute/latency.ts';

const HOURS_12 = 43_200_000;
const latency = fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: HOURS_12 }));

/** The buckets by their definition: b(0) = 0, b(i+1) = max(b(i) + 1, floor(b(i) * 51 / 50)). */
function* buckets(): Generator<{ from: number; to: number }> {
  for (let from = 0; from <= HOURS_12; ) {
    const to = Math.max(from + 1, Math.floor((from * 51) / 50));
    yield { from, to };
    from = to;
  }
}

describe('a quantised latency', () => {
  it('is the middle of its bucket, rounded down, from its first to its last value', () => {
    for (const { from, to } of buckets()) {
      const middle = Math.floor((from + to - 1) / 2);
      expect([from, middle, to - 1].map(quantised)).toEqual([middle, middle, middle]);
    }
  });

  it('is exact below 100, and the first of two from there', () => {
    for (let value = 0; value < 100; value++) expect(quantised(value)).toBe(value);
    expect([100, 101, 102, 103].map(quantised)).toEqual([100, 100, 102, 102]);
  });

  it('is at most 1 % off, never above twelve hours by more, and does not change again', () => {
    fc.assert(
      fc.property(latency, (value) => {
        expect(Math.abs(quantised(value) - value)).toBeLessThanOrEqual(0.01 * value);
        expect(quantised(quantised(value))).toBe(quantised(value));
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps the order', () => {
    fc.assert(
      fc.property(latency, latency, (a, b) => {
        expect(quantised(Math.min(a, b))).toBeLessThanOrEqual(quantised(Math.max(a, b)));
      }),
    );
  });

  it('has few values: twelve hours in less than 800', () => {
    expect([...buckets()].length).toBeLessThan(800);
  });
});
