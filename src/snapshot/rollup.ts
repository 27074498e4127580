/**
 * The sum of all digests by UTC quarter hour and combination of dimensions, in columnar typed arrays. Every figure is an
 * exact integer that can be taken out again, so a digest replaces its older self and the order of changes leaves no trace.
 *
 *   row r: quarter[r] combination[r] figures[r * VIEW_COLUMNS ...]     found by (quarter, combination)
 *   tools: (row, tool) -> calls        latencies: (row, milliseconds) -> count
 */
import type { Digest } from '../compute/digest.ts';
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Bytes, QuarterHour } from '../units.ts';
import { combinations, names } from './dimensions.ts';
import { NumberTable } from './number-table.ts';

/** What a transcript's figures are filed under. */
export interface Filing {
  readonly agent: string;
  readonly channel: string;
  readonly kind: string;
}

/** Combinations that the row keys leave room for: quarters reach 1e10, and 1e10 * 2^19 stays below 2^53. */
const MAX_COMBINATIONS = 2 ** 19;
/** Tools and latencies share their table keys with row numbers below 2^27. */
const MAX_TOOL_NAMES = 2 ** 24;
const MAX_LATENCY = 2 ** 26;

export class Rollup {
  readonly combinations = combinations();
  readonly tools = names();
  quarters: Float64Array = new Float64Array(1024);
  rowCombinations: Int32Array = new Int32Array(1024);
  figures: Float64Array = new Float64Array(1024 * VIEW_COLUMNS);
  rows = 0;
  readonly toolCalls = new NumberTable();
  readonly latencies = new NumberTable();
  /** Row number + 1 by key. */
  readonly #rowOf = new NumberTable(2048);

  /** Adds a digest (sign 1) or takes it out again (sign -1). */
  apply(digest: Digest, filing: Filing, sign: 1 | -1): void {
    const numbers = digest.models.map(({ role, provider, model }) =>
      this.combinations.numberOf({ ...filing, role, provider, model }),
    );
    if (this.combinations.items.length > MAX_COMBINATIONS) throw new RangeError('too many combinations of dimensions');
    const tools = digest.tools.map((name) => this.tools.numberOf(name));
    for (const [quarter, models] of digest.cells) {
      for (const [model, cell] of models) {
        const row = this.#row(quarter, numbers[model] as number);
        const base = row * VIEW_COLUMNS;
        for (let at = 0; at < VIEW_COLUMNS; at++) {
          this.figures[base + at] = (this.figures[base + at] as number) + sign * (cell.figures[at] as number);
        }
        for (const [tool, calls] of cell.tools) this.toolCalls.add(toolKey(row, tools[tool] as number), sign * calls);
        for (const [latency, count] of cell.latencies) this.latencies.add(latencyKey(row, latency), sign * count);
      }
    }
  }

  /** Bytes of the arrays and tables. */
  get bytes(): Bytes {
    const { quarters, rowCombinations, figures, toolCalls, latencies } = this;
    return (
      quarters.byteLength +
      rowCombinations.byteLength +
      figures.byteLength +
      toolCalls.bytes +
      latencies.bytes +
      this.#rowOf.bytes
    );
  }

  /** Calls back with (row, tool number, calls). */
  forEachTool(callback: (row: number, tool: number, calls: number) => void): void {
    this.toolCalls.forEach((key, calls) => {
      callback(Math.floor(key / MAX_TOOL_NAMES), key % MAX_TOOL_NAMES, calls);
    });
  }

  /** Calls back with (row, milliseconds, count). */
  forEachLatency(callback: (row: number, latency: number, count: number) => void): void {
    this.latencies.forEach((key, count) => {
      callback(Math.floor(key / MAX_LATENCY), key % MAX_LATENCY, count);
    });
  }

  #row(quarter: QuarterHour, combination: number): number {
    const key = quarter * MAX_COMBINATIONS + combination;
    const known = this.#rowOf.get(key);
    if (known !== undefined) return known - 1;
    const row = this.rows++;
    if (row === this.quarters.length) this.#grow();
    this.quarters[row] = quarter;
    this.rowCombinations[row] = combination;
    this.#rowOf.set(key, row + 1);
    return row;
  }

  /** Grows by half: doubling would cost the memory cap more than the copies cost time. */
  #grow(): void {
    const capacity = Math.ceil(this.quarters.length * 1.5);
    const quarters = new Float64Array(capacity);
    quarters.set(this.quarters);
    this.quarters = quarters;
    const rowCombinations = new Int32Array(capacity);
    rowCombinations.set(this.rowCombinations);
    this.rowCombinations = rowCombinations;
    const figures = new Float64Array(capacity * VIEW_COLUMNS);
    figures.set(this.figures);
    this.figures = figures;
  }
}

function toolKey(row: number, tool: number): number {
  return row * MAX_TOOL_NAMES + tool;
}

function latencyKey(row: number, latency: number): number {
  return row * MAX_LATENCY + latency;
}
