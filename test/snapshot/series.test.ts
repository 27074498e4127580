import { describe, expect, test } from 'vitest';
import { UNDATED } from '../../src/compute/digest.ts';
import { INPUT, MESSAGES, noFigures, RECORDS } from '../../src/compute/figures.ts';
import { OUTSIDE, SeriesSum, UNDATED_BUCKET, userMessagesOf } from '../../src/snapshot/series.ts';
import { type Granularity, resolveWindow } from '../../src/snapshot/window.ts';
import { quarterOf } from '../../src/units.ts';

const NOW = Date.parse('2026-11-22T12:34:56Z');

function seriesOf(startDate: string, endDate: string, granularity: Granularity = 'day'): SeriesSum {
  const query = { range: null, startDate, endDate, timeZone: 'Europe/Paris', granularity };
  return new SeriesSum(resolveWindow(query, NOW, { first: null, last: null }));
}

/** A cell of one message with a usage of some input. */
function cell(input: number, records = 1, messages = 1): Float64Array {
  const figures = noFigures();
  figures[INPUT] = input;
  figures[RECORDS] = records;
  figures[MESSAGES] = messages;
  return figures;
}

const quarter = (time: string) => quarterOf(Date.parse(time));

describe('a series', () => {
  test('knows the bucket of a quarter hour, or that there is none', () => {
    const series = seriesOf('2026-10-24', '2026-10-26');
    expect(series.indexOf(quarter('2026-10-23T21:45:00Z'))).toBe(OUTSIDE);
    expect(series.indexOf(quarter('2026-10-23T22:00:00Z'))).toBe(0);
    expect(series.indexOf(quarter('2026-10-25T22:45:00Z'))).toBe(1);
    expect(series.indexOf(quarter('2026-10-25T23:00:00Z'))).toBe(2);
    expect(series.indexOf(UNDATED)).toBe(OUTSIDE);
  });

  test('sums up the earliest days in the first row where there are more than anyone can look at', () => {
    const series = seriesOf('1980-01-01', '2026-11-22');
    const first = quarterOf(Date.parse('1980-01-01T12:00:00Z'));
    for (let day = 0; day < 11_000; day++) series.add(series.indexOf(first + day * 96), cell(1), 0, false, 1);
    const rows = series.rows(false);
    expect(rows).toHaveLength(10_000);
    expect(rows.reduce((sum, { totals }) => sum + totals.input, 0)).toBe(11_000);
    expect(rows[0]).toMatchObject({ totals: { input: 1_001 }, messages: { user: 1_001 } });
    expect(rows[1]).toMatchObject({ totals: { input: 1 }, messages: { user: 1 } });
    const layout = series.layout();
    expect(layout.first).toBe(1_000);
    expect(layout.indices).toEqual(Array.from({ length: 10_000 }, (_, at) => 1_000 + at));
  });

  test('sets undated records apart where the window counts them', () => {
    const all = { range: 'all', startDate: null, endDate: null, timeZone: 'UTC', granularity: 'day' } as const;
    const series = new SeriesSum(resolveWindow(all, NOW, { first: NOW, last: NOW }));
    expect(series.indexOf(UNDATED)).toBe(UNDATED_BUCKET);
  });

  test('of up to 366 days has a row for each, of more only for those on which something counted', () => {
    const year = seriesOf('2024-01-01', '2024-12-31');
    expect(year.rows(false)).toHaveLength(366);
    const longer = seriesOf('2024-01-01', '2025-01-01');
    expect(longer.rows(false)).toEqual([]);
    longer.add(366, cell(5), 0, false, 0);
    longer.add(2, cell(7), 0, false, 1);
    longer.add(3, cell(0, 0, 0), 0, false, 0);
    longer.add(4, cell(0, 0, 1), 0, true, 0);
    expect(longer.rows(false).map(({ date, totals, messages }) => [date, totals.input, messages.user])).toEqual([
      ['2024-01-03', 7, 1],
      ['2025-01-01', 5, 0],
    ]);
  });

  test('forgets a bucket of which everything was taken out again', () => {
    const longer = seriesOf('2024-01-01', '2025-01-01');
    longer.add(2, cell(7), 0, false, 1);
    longer.add(2, cell(-7, 0, 0), 0, false, 0);
    expect(longer.layout().indices).toEqual([2]);
    longer.add(2, cell(0, -1, -1), 0, false, -1);
    expect(longer.layout().indices).toEqual([]);
    expect(longer.rows(false)).toEqual([]);
  });

  test('has every hour of a day of 25', () => {
    const rows = seriesOf('2026-10-25', '2026-10-25', 'hour').rows(false);
    expect(rows).toHaveLength(25);
    expect(new Set(rows.map(({ date }) => date))).toEqual(new Set(['2026-10-25']));
  });

  test('adds up, from any place in the figures, with messages or for usage alone', () => {
    const series = seriesOf('2026-01-01', '2026-01-02');
    const two = new Float64Array([...cell(1), ...cell(2)]);
    series.add(0, two, cell(0).length, false, 1);
    series.add(0, two, 0, true, 0);
    const [first, second] = series.rows(false);
    expect(first?.totals).toMatchObject({ input: 3, records: 2 });
    expect(first?.messages).toMatchObject({ total: 1, user: 1, assistant: 0 });
    expect(second?.totals).toMatchObject({ input: 0, records: 0 });
  });

  test('knows no user messages under a model filter', () => {
    expect(seriesOf('2026-01-01', '2026-01-01').rows(true)[0]?.messages.user).toBeNull();
  });
});

test('the messages of a cell are of its role', () => {
  expect(userMessagesOf('user', cell(1, 1, 3), 0)).toBe(3);
  expect(userMessagesOf('assistant', cell(1, 1, 3), 0)).toBe(0);
});
