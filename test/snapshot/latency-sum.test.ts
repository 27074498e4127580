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

test('a quantile that is asked for again and again follows what is added and taken out', () => {
  const step = fc.record({ value: fc.oneof(fc.integer({ min: 0, max: 8 }), latency), times, out: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const sum = new LatencySum();
      let values: number[] = [];
      for (const { value, times, out } of steps) {
        const gone = values.at(-1);
        if (out && gone !== undefined) {
          const count = values.filter((it) => it === gone).length;
          sum.add(gone, -count);
          values = values.filter((it) => it !== gone);
        } else {
          sum.add(value, times);
          values = [...values, ...Array.from({ length: times }, () => value)];
        }
        const sorted = [...values].sort((a, b) => a - b);
        if (sorted.length === 0) continue;
        for (const q of [0, 0.5, 0.95, 1])
          expect(sum.quantile(q)).toBe(sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]);
      }
    }),
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
