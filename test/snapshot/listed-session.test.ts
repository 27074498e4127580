import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COST, TOTAL_TOKENS, VIEW_COLUMNS } from '../../src/compute/figures.ts';
import { ListedSession, placeOf, sortSessions } from '../../src/snapshot/listed-session.ts';
import { SessionSum } from '../../src/snapshot/session-sum.ts';
import { Folder, RowIndex } from '../../src/snapshot/store-rows.ts';
import { TranscriptRow } from '../../src/snapshot/transcript-row.ts';

const folder = new Folder(new RowIndex().open('main', '/sessions'), '/sessions', '');
const rowOf = (id: number) => new TranscriptRow(folder, `s${id}.jsonl`, '1:1:0:0:0@');
const sumOf = (figures: readonly number[], activity: readonly number[], userMessages: number, counted: boolean) => {
  const [first = null, length = 0] = activity;
  const sum = Object.assign(new SessionSum(), { userMessages, counted, first, last: first && first + length });
  sum.figures.set(figures);
  return sum;
};
const sum = fc
  .tuple(
    fc.array(fc.oneof(fc.constant(0), fc.maxSafeInteger()), { maxLength: VIEW_COLUMNS }),
    fc.oneof(fc.constant([]), fc.tuple(fc.integer(), fc.nat())),
    fc.nat(),
    fc.boolean(),
  )
  .map(([figures, activity, userMessages, counted]) => sumOf(figures, activity, userMessages, counted));

test('a listed session gives back what it was made of', () => {
  const rows = [rowOf(1), rowOf(2)];
  fc.assert(
    fc.property(fc.subarray(rows, { minLength: 1 }), sum, fc.double({ noNaN: true }), (rows, sum, updatedAt) => {
      const session = new ListedSession(rows, sum, updatedAt);
      expect(session.rows).toEqual(rows);
      expect(session.lead).toBe(rows[0]);
      expect(session.sum).toEqual(sum);
      for (const [column, figure] of sum.figures.entries()) expect(session.figure(column)).toBe(figure);
      expect(session.updatedAt).toBe(updatedAt);
    }),
  );
});

test('lists are sorted by what is asked for and then by session, and a session finds its place in them', () => {
  const few = fc.integer({ min: -2, max: 2 });
  const ids = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 1 });
  fc.assert(
    fc.property(ids, fc.array(fc.tuple(few, few, few), { minLength: 9, maxLength: 9 }), (ids, values) => {
      const sessions = ids.map((id) => {
        const [cost, tokens, updatedAt] = values[id - 1] as [number, number, number];
        const sum = new SessionSum();
        sum.figures[COST] = cost;
        sum.figures[TOTAL_TOKENS] = tokens;
        return new ListedSession([rowOf(id)], sum, updatedAt);
      });
      for (const [at, sort] of (['cost', 'tokens', 'updated'] as const).entries()) {
        const sorted = sortSessions(sessions, sort);
        const order = sorted.map(({ lead }) => Number(lead.sessionId.slice(1)));
        const value = (id: number) => values[id - 1]?.[at] as number;
        expect(order).toEqual([...ids].sort((a, b) => value(b) - value(a) || a - b));
        const [session, ...others] = sessions as [ListedSession, ...ListedSession[]];
        expect(placeOf(session, sortSessions(others, sort), sort)).toBe(sorted.indexOf(session));
      }
    }),
  );
});
