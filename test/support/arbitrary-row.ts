/** Arbitrary rows of the rollup, for tests of what they pass through. */
import fc from 'fast-check';
import { UNDATED } from '../../src/compute/digest.ts';
import { VIEW_COLUMNS } from '../../src/compute/figures.ts';
import { Row, type RowSource } from '../../src/snapshot/rollup-row.ts';
import { QUARTER_MS } from '../../src/units.ts';

/** A row as plain values. */
export interface PlainRow {
  readonly quarter: number;
  readonly combination: number;
  /** By column. */
  readonly figures: readonly number[];
  /** By tool and by millisecond, in ascending order. */
  readonly tools: readonly (readonly [number, number])[];
  readonly latencies: readonly (readonly [number, number])[];
}

/** Few days that are met again, the farthest that a Date can name, the turn of 1970, and none. */
export const quarter = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 20_780 * 96, max: 20_783 * 96 }) },
  fc.constantFrom(-8.64e15 / QUARTER_MS, 8.64e15 / QUARTER_MS, -1, 0, Date.UTC(9999, 11, 31) / QUARTER_MS, UNDATED),
);

/** Mostly small; amounts of either sign whose sums of some thousand stay exact. */
export const amount = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  fc.integer({ min: -3, max: 100 }),
  fc.integer({ min: -1e9, max: 1e9 }),
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
);

export function counts(key: fc.Arbitrary<number>): fc.Arbitrary<[number, number][]> {
  const count = fc.oneof(fc.constant(1), fc.integer({ min: -3, max: 300 })).filter((value) => value !== 0);
  return fc
    .uniqueArray(fc.tuple(key, count), { selector: ([value]) => value, maxLength: 12 })
    .map((list) => list.sort((a, b) => a[0] - b[0]));
}

export const tool = fc.nat(20);
export const latency = fc.oneof(fc.nat(5), fc.nat(12 * 3_600_000));

export function plainRow(figure: fc.Arbitrary<number>): fc.Arbitrary<PlainRow> {
  return fc.record({
    quarter,
    combination: fc.oneof(fc.nat(5), fc.nat(2 ** 19 - 1)),
    figures: fc.array(figure, { minLength: VIEW_COLUMNS, maxLength: VIEW_COLUMNS }),
    tools: counts(tool),
    latencies: counts(latency),
  });
}

/** Some rows in order, each (quarter, combination) once, none of which is nothing. */
export function plainRows(figure: fc.Arbitrary<number>): fc.Arbitrary<PlainRow[]> {
  return fc
    .uniqueArray(
      plainRow(figure).filter((row) => !isNothing(row)),
      { selector: keyOf, maxLength: 30 },
    )
    .map((rows) => rows.sort((a, b) => a.quarter - b.quarter || a.combination - b.combination));
}

export function keyOf({ quarter, combination }: PlainRow): string {
  return `${quarter} ${combination}`;
}

export function isNothing({ figures, tools, latencies }: PlainRow): boolean {
  return tools.length === 0 && latencies.length === 0 && figures.every((figure) => figure === 0);
}

export function rowOf({ quarter, combination, figures, tools, latencies }: PlainRow): Row {
  const row = new Row();
  row.quarter = quarter;
  row.combination = combination;
  row.figures.set(figures);
  for (const [key, count] of tools) row.tools.push(key, count);
  for (const [key, count] of latencies) row.latencies.push(key, count);
  return row;
}

export function sourceOf(rows: readonly PlainRow[]): RowSource {
  let at = 0;
  const source = {
    row: new Row(),
    next(): boolean {
      if (at === rows.length) return false;
      source.row = rowOf(rows[at++] as PlainRow);
      return true;
    },
  };
  return source;
}

export function allOf(source: RowSource): PlainRow[] {
  const rows: PlainRow[] = [];
  const listed = ({ size, keys, counts }: Row['tools']) =>
    Array.from({ length: size }, (_, at) => [keys[at] as number, counts[at] as number] as const);
  while (source.next()) {
    const { quarter, combination, figures, tools, latencies } = source.row;
    rows.push({ quarter, combination, figures: [...figures], tools: listed(tools), latencies: listed(latencies) });
  }
  return rows;
}
