import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MESSAGES, VIEW_COLUMNS } from '../../src/compute/figures.ts';
import { RowReader, RowWriter } from '../../src/snapshot/row-codec.ts';
import { allOf, amount, type PlainRow, plainRows, rowOf } from '../support/arbitrary-row.ts';

function encoded(rows: readonly PlainRow[], writer = new RowWriter()) {
  for (const row of rows) writer.write(rowOf(row));
  return writer.finish();
}

const nothing = { figures: new Array<number>(VIEW_COLUMNS).fill(0), tools: [], latencies: [] };

describe('rows as bytes', () => {
  test('come back as they were written, whatever the writer wrote before', () => {
    fc.assert(
      fc.property(fc.array(plainRows(amount), { maxLength: 3 }), (lists) => {
        const writer = new RowWriter();
        const parts = lists.map((rows) => encoded(rows, writer));
        expect(parts.map((part) => allOf(new RowReader(part)))).toEqual(lists);
        expect(parts.map(({ rows }) => rows)).toEqual(lists.map(({ length }) => length));
      }),
    );
  });

  test('come back where numbers are too large to add up, or are none', () => {
    const figure = fc.oneof(
      fc.constant(0),
      fc.maxSafeInteger(),
      fc.double().map((value) => value + 0),
    );
    fc.assert(
      fc.property(plainRows(figure), (rows) => {
        expect(allOf(new RowReader(encoded(rows)))).toEqual(rows);
      }),
    );
  });

  test('take three bytes for a message of a user, after the first in the quarter hour', () => {
    const figures = nothing.figures.with(MESSAGES, 1);
    const row = (combination: number) => ({ ...nothing, quarter: 2e6, combination, figures });
    const size = (rows: readonly PlainRow[]) => encoded(rows).bytes.length;
    expect(size([row(0), row(1)]) - size([row(0)])).toBe(3);
  });
});
