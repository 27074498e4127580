import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latestFirst } from '../../../src/snapshot/rpc/latest-first.ts';

/** The order, and how often it rested. */
function sorted(times: readonly number[]): { order: number[]; pauses: number } {
  const steps = latestFirst(times);
  for (let pauses = 0; ; pauses++) {
    const { done, value } = steps.next();
    if (done) return { order: [...value], pauses };
  }
}

test('the latest come first, and equal ones stay in their order', () => {
  const lists = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 5000, size: 'max' });
  fc.assert(
    fc.property(lists, (times) => {
      const places = [...times.keys()].sort((a, b) => (times[b] as number) - (times[a] as number));
      expect(sorted(times).order).toEqual(places);
    }),
    { numRuns: 50 },
  );
});

test('it rests after at most some thousand places', () => {
  const count = 100_000;
  const { pauses } = sorted(Array.from({ length: count }, (_, at) => (at * 48_271) % 65_537));
  expect(pauses).toBeGreaterThanOrEqual(count / 1024);
});
