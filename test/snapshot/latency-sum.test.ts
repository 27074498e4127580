import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencySum } from '../../src/snapshot/latency-sum.ts';

const HOURS_12 = 43_200_000;
const latency = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: HOURS_12 }));
const times = fc.integer({ min: 1, max: 5 });

test('a quantile is sorted[ceil(q * n) - 1] of the latencies that were added and not taken out, in any order', () => {
  const some = fc.array(fc.tuple(latency, times), { maxLength: 60 });
  const added = fc.array(fc.tuple(latency, times), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(added, some, fc.constantFrom(0.5, 0.95, 0.99, 1, 0.001), (kept, gone, q) => {
      const sum = new LatencySum();
      for (const [value, count] of [...gone, ...kept]) sum.add(value, count);
      for (const [value, count] of gone) sum.add(value, -count);
      const values = kept.flatMap(([value, count]) => Array.from({ length: count }, () => value));
      values.sort((a, b) => a - b);
      expect(sum.quantile(q)).toBe(values[Math.ceil(q * values.length) - 1]);
      expect(sum.quantile(0)).toBe(values[0]);
    }),
    { numRuns: 1000 },
  );
});

test('every latency up to above twelve hours is found again', () => {
  const bounds = Array.from({ length: 27 }, (_, power) => 2 ** power).flatMap((bound) => [bound - 1, bound, bound + 1]);
  for (const value of bounds.slice(0, -1)) {
    const sum = new LatencySum();
    sum.add(value, 1);
    expect(sum.quantile(0.5)).toBe(value);
  }
});
