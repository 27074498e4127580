/**
 * Differences to rows of the rollup while they are gathered: columnar arrays of a fixed number of rows, found by
 * (quarter, combination). Given out as rows in order.
 *
 *   row r: keys[r] figures[r * VIEW_COLUMNS ...]     tools: (row, tool) -> calls     latencies: (row, milliseconds) -> count
 */
import type { Cell } from '../compute/digest.ts';
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Bytes, QuarterHour } from '../units.ts';
import { NumberTable } from './number-table.ts';
import { type Counts, Row, type RowSource } from './rollup-row.ts';

/** Combinations that the keys leave room for: quarters reach 1e10, and 1e10 * 2^19 stays below 2^53. */
export const MAX_COMBINATIONS = 2 ** 19;
/** Tools and latencies share their table keys with row numbers; both stay below this. */
const PER_ROW = 2 ** 26;
/** Different tools and latencies for each row that there is room for. */
const DETAILS = 8;

export class RowTable {
  readonly #capacity: number;
  readonly #keys: Float64Array;
  readonly #figures: Float64Array;
  readonly #tools = new NumberTable();
  readonly #latencies = new NumberTable();
  /** Row number + 1 by key. */
  readonly #rowOf: NumberTable;
  #rows = 0;

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#keys = new Float64Array(capacity);
    this.#figures = new Float64Array(capacity * VIEW_COLUMNS);
    this.#rowOf = new NumberTable(capacity * 2);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether the next cell may find no room. */
  get full(): boolean {
    const details = Math.max(this.#tools.size, this.#latencies.size);
    return this.#rows === this.#capacity || details >= this.#capacity * DETAILS;
  }

  /** Bytes of the arrays and tables. */
  get bytes(): Bytes {
    const tables = this.#tools.bytes + this.#latencies.bytes + this.#rowOf.bytes;
    return this.#keys.byteLength + this.#figures.byteLength + tables;
  }

  /** Adds a cell (sign 1) or takes it away; `tools` are the rollup's numbers of the digest's tools. Not while full. */
  add(quarter: QuarterHour, combination: number, cell: Cell, tools: readonly number[], sign: 1 | -1): void {
    const row = this.#row(quarter * MAX_COMBINATIONS + combination);
    const base = row * VIEW_COLUMNS;
    for (let at = 0; at < VIEW_COLUMNS; at++) {
      this.#figures[base + at] = (this.#figures[base + at] as number) + sign * (cell.figures[at] as number);
    }
    for (const [tool, calls] of cell.tools) this.#tools.add(row * PER_ROW + (tools[tool] as number), sign * calls);
    for (const [latency, count] of cell.latencies) this.#latencies.add(row * PER_ROW + latency, sign * count);
  }

  clear(): void {
    this.#rows = 0;
    this.#rowOf.clear();
    this.#tools.clear();
    this.#latencies.clear();
  }

  /** The rows, those left out that came back to nothing. Not to be changed meanwhile. */
  sorted(): RowSource {
    return new SortedRows(
      this.#keys.slice(0, this.#rows).sort(),
      (key) => (this.#rowOf.get(key) as number) - 1,
      this.#figures,
      new SortedDetails(this.#tools, this.#rows),
      new SortedDetails(this.#latencies, this.#rows),
    );
  }

  #row(key: number): number {
    const known = this.#rowOf.get(key);
    if (known !== undefined) return known - 1;
    const row = this.#rows++;
    this.#keys[row] = key;
    this.#figures.fill(0, row * VIEW_COLUMNS, (row + 1) * VIEW_COLUMNS);
    this.#rowOf.set(key, row + 1);
    return row;
  }
}

class SortedRows implements RowSource {
  readonly row = new Row();
  readonly #keys: Float64Array;
  readonly #rowOf: (key: number) => number;
  readonly #figures: Float64Array;
  readonly #tools: SortedDetails;
  readonly #latencies: SortedDetails;
  #at = 0;

  constructor(
    keys: Float64Array,
    rowOf: (key: number) => number,
    figures: Float64Array,
    tools: SortedDetails,
    latencies: SortedDetails,
  ) {
    this.#keys = keys;
    this.#rowOf = rowOf;
    this.#figures = figures;
    this.#tools = tools;
    this.#latencies = latencies;
  }

  next(): boolean {
    const { row } = this;
    while (this.#at < this.#keys.length) {
      const key = this.#keys[this.#at++] as number;
      const number = this.#rowOf(key);
      row.quarter = Math.floor(key / MAX_COMBINATIONS);
      row.combination = key - row.quarter * MAX_COMBINATIONS;
      const base = number * VIEW_COLUMNS;
      for (let at = 0; at < VIEW_COLUMNS; at++) row.figures[at] = this.#figures[base + at] as number;
      this.#tools.read(number, row.tools);
      this.#latencies.read(number, row.latencies);
      if (!row.isNothing) return true;
    }
    return false;
  }
}

/** The entries of a table whose keys are row * PER_ROW + number, by row. */
class SortedDetails {
  readonly #keys: Float64Array;
  readonly #table: NumberTable;
  /** Where the keys of a row begin; one more than there are rows. */
  readonly #starts: Int32Array;

  constructor(table: NumberTable, rows: number) {
    const keys = new Float64Array(table.size);
    let count = 0;
    table.forEach((key) => {
      keys[count++] = key;
    });
    this.#keys = keys.subarray(0, count).sort();
    this.#table = table;
    this.#starts = new Int32Array(rows + 1);
    let row = 0;
    for (let at = 0; at < count; at++) {
      while (row * PER_ROW <= (this.#keys[at] as number)) this.#starts[row++] = at;
    }
    this.#starts.fill(count, row);
  }

  read(row: number, into: Counts): void {
    into.clear();
    const end = this.#starts[row + 1] as number;
    for (let at = this.#starts[row] as number; at < end; at++) {
      const key = this.#keys[at] as number;
      into.push(key - row * PER_ROW, this.#table.get(key) as number);
    }
  }
}
