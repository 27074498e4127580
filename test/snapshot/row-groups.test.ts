import fc from 'fast-check';
import { expect, test } from 'vitest';
import { archiveTime } from '../../src/demo/session-plan.ts';
import { RowGroups } from '../../src/snapshot/row-groups.ts';
import { Folder, RowIndex } from '../../src/snapshot/store-rows.ts';
import { TranscriptRow } from '../../src/snapshot/transcript-row.ts';

const folder = new Folder(new RowIndex().open('main', '/sessions'), '/sessions', '');
const session = ({ sessionId }: TranscriptRow) => sessionId;
/** Several transcripts of each of many sessions. */
const rows = Array.from({ length: 400 }, (_, at) => {
  const archived = `.reset.${archiveTime(at)}`;
  return new TranscriptRow(folder, `s${at % 150}.jsonl${at < 150 ? '' : archived}`, '1:1:0:0:0@');
});

test('groups hold the rows that share something, however they come and go', () => {
  fc.assert(
    fc.property(fc.nat(rows.length), fc.array(fc.nat(rows.length - 1), { maxLength: 1000 }), (first, steps) => {
      const inside = new Set(rows.slice(0, first));
      const groups = new RowGroups(
        session,
        [...inside].map((row) => [row, session(row)]),
      );
      for (const step of steps) {
        const row = rows[step] as TranscriptRow;
        const held = groups.at(groups.numberOf(row) ?? -1);
        const before = [...held];
        const number = inside.has(row) ? groups.leave(row) : groups.enter(row);
        if (!inside.delete(row)) inside.add(row);
        expect(groups.numberOf(row) ?? number).toBe(number);
        expect(held).toEqual(before);
      }
      const expected = new Map([...inside].map((row) => [session(row), new Set<TranscriptRow>()]));
      for (const row of inside) expected.get(session(row))?.add(row);
      const found = new Map([...groups.all()].map((group) => [session(group[0] as TranscriptRow), new Set(group)]));
      expect(found).toEqual(expected);
      for (const row of rows) {
        const number = groups.numberOf(row);
        if (number !== undefined) expect(number).toBeLessThan(groups.end);
        expect(new Set(groups.at(number ?? -1))).toEqual(expected.get(session(row)) ?? new Set());
      }
    }),
    { numRuns: 50 },
  );
});
