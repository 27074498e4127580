import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActivitySpan } from '../../src/snapshot/activity-span.ts';

test('after any changes, the span is that of all transcripts there are', () => {
  const moment = fc.option(fc.integer({ min: 0, max: 20 }));
  const change = fc.record({ transcript: fc.integer({ min: 0, max: 4 }), a: moment, b: moment });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const none = { first: null, last: null };
      const all = Array.from({ length: 5 }, () => none as { first: number | null; last: number | null });
      const span = new ActivitySpan(() => all);
      for (const { transcript, a, b } of changes) {
        const after = a === null || b === null ? none : { first: Math.min(a, b), last: Math.max(a, b) };
        const before = all[transcript] ?? none;
        all[transcript] = after;
        span.replace(before, after);
        const firsts = all.flatMap(({ first }) => first ?? []);
        const lasts = all.flatMap(({ last }) => last ?? []);
        const expected = firsts.length === 0 ? none : { first: Math.min(...firsts), last: Math.max(...lasts) };
        expect(span.get()).toEqual(expected);
      }
    }),
  );
});

test('a transcript that goes on is no reason to look at all others', () => {
  let looked = 0;
  const span = new ActivitySpan(() => {
    looked++;
    return [];
  });
  span.replace({ first: null, last: null }, { first: 1, last: 5 });
  span.replace({ first: 1, last: 5 }, { first: 1, last: 9 });
  expect([span.get(), looked]).toEqual([{ first: 1, last: 9 }, 0]);
});
