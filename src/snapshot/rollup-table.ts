/**
 * Rows of the rollup in columnar typed arrays. Every figure is an exact integer, so what was added can be taken out again.
 *
 *   row r: quarters[r] combinations[r] figures[r * VIEW_COLUMNS ...]     found by (quarter, combination)
 *   tools: (row, tool) -> calls        latencies: (row, milliseconds) -> count
 */
import type { Cell } from '../compute/digest.ts';
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Bytes, QuarterHour } from '../units.ts';
import { NumberTable } from './number-table.ts';
import type { RollupBlock } from './rollup-block.ts';

/** Combinations that the row keys leave room for: quarters reach 1e10, and 1e10 * 2^19 stays below 2^53. */
export const MAX_COMBINATIONS = 2 ** 19;
/** Tools and latencies share their table keys with row numbers below 2^27. */
const MAX_TOOL_NAMES = 2 ** 24;
const MAX_LATENCY = 2 ** 26;

export class RollupTable implements RollupBlock {
  rows = 0;
  quarters: Float64Array;
  combinations: Int32Array;
  figures: Float64Array;
  readonly #tools = new NumberTable();
  readonly #latencies = new NumberTable();
  /** Row number + 1 by key. */
  readonly #rowOf = new NumberTable();

  /** @param capacity rows that it first has room for */
  constructor(capacity: number) {
    this.quarters = new Float64Array(capacity);
    this.combinations = new Int32Array(capacity);
    this.figures = new Float64Array(capacity * VIEW_COLUMNS);
  }

  /** Adds a cell (sign 1) or takes it out again (sign -1); `tools` are the numbers of the cell's tools. */
  add(quarter: QuarterHour, combination: number, cell: Cell, tools: readonly number[], sign: 1 | -1): void {
    const row = this.#row(quarter, combination);
    const base = row * VIEW_COLUMNS;
    for (let at = 0; at < VIEW_COLUMNS; at++) {
      this.figures[base + at] = (this.figures[base + at] as number) + sign * (cell.figures[at] as number);
    }
    for (const [tool, calls] of cell.tools) {
      this.#tools.add(row * MAX_TOOL_NAMES + (tools[tool] as number), sign * calls);
    }
    for (const [latency, count] of cell.latencies) this.#latencies.add(row * MAX_LATENCY + latency, sign * count);
  }

  forEachTool(callback: (row: number, tool: number, calls: number) => void): void {
    this.#tools.forEach((key, calls) => {
      callback(Math.floor(key / MAX_TOOL_NAMES), key % MAX_TOOL_NAMES, calls);
    });
  }

  forEachLatency(callback: (row: number, latency: number, count: number) => void): void {
    this.#latencies.forEach((key, count) => {
      callback(Math.floor(key / MAX_LATENCY), key % MAX_LATENCY, count);
    });
  }

  /** Bytes of the arrays and tables. */
  get bytes(): Bytes {
    const { quarters, combinations, figures } = this;
    const tables = this.#tools.bytes + this.#latencies.bytes + this.#rowOf.bytes;
    return quarters.byteLength + combinations.byteLength + figures.byteLength + tables;
  }

  #row(quarter: QuarterHour, combination: number): number {
    const key = quarter * MAX_COMBINATIONS + combination;
    const known = this.#rowOf.get(key);
    if (known !== undefined) return known - 1;
    const row = this.rows++;
    if (row === this.quarters.length) this.#grow();
    this.quarters[row] = quarter;
    this.combinations[row] = combination;
    this.#rowOf.set(key, row + 1);
    return row;
  }

  /** Grows by half: doubling would cost the memory cap more than the copies cost time. */
  #grow(): void {
    const capacity = Math.ceil(this.quarters.length * 1.5);
    const quarters = new Float64Array(capacity);
    quarters.set(this.quarters);
    this.quarters = quarters;
    const combinations = new Int32Array(capacity);
    combinations.set(this.combinations);
    this.combinations = combinations;
    const figures = new Float64Array(capacity * VIEW_COLUMNS);
    figures.set(this.figures);
    this.figures = figures;
  }
}
