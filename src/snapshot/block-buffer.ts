/** A block of rows in arrays that are used again for the next one. */
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Bytes } from '../units.ts';
import type { RollupBlock } from './rollup-block.ts';
import { Counts, type Row } from './rollup-row.ts';

export class BlockBuffer implements RollupBlock {
  readonly quarters: Float64Array;
  readonly combinations: Int32Array;
  readonly figures: Float64Array;
  rows = 0;
  readonly #tools: Details;
  readonly #latencies: Details;

  /** `capacity` is the number of rows that there is room for. */
  constructor(capacity: number) {
    this.quarters = new Float64Array(capacity);
    this.combinations = new Int32Array(capacity);
    this.figures = new Float64Array(capacity * VIEW_COLUMNS);
    this.#tools = new Details(capacity);
    this.#latencies = new Details(capacity);
  }

  get full(): boolean {
    return this.rows === this.quarters.length;
  }

  get bytes(): Bytes {
    const { quarters, combinations, figures } = this;
    return (
      quarters.byteLength + combinations.byteLength + figures.byteLength + this.#tools.bytes + this.#latencies.bytes
    );
  }

  /** Not while full. */
  push({ quarter, combination, figures, tools, latencies }: Row): void {
    const row = this.rows++;
    this.quarters[row] = quarter;
    this.combinations[row] = combination;
    this.figures.set(figures, row * VIEW_COLUMNS);
    this.#tools.push(row, tools);
    this.#latencies.push(row, latencies);
  }

  clear(): void {
    this.rows = 0;
    this.#tools.clear();
    this.#latencies.clear();
  }

  forEachTool(callback: (row: number, tool: number, calls: number) => void): void {
    this.#tools.forEach(callback);
  }

  forEachLatency(callback: (row: number, latency: number, count: number) => void): void {
    this.#latencies.forEach(callback);
  }
}

/** The counts of several rows, one behind the other. */
class Details {
  readonly #all = new Counts();
  /** Where the counts of a row end. */
  readonly #ends: Int32Array;
  #rows = 0;

  constructor(capacity: number) {
    this.#ends = new Int32Array(capacity);
  }

  get bytes(): Bytes {
    return this.#all.bytes + this.#ends.byteLength;
  }

  push(row: number, counts: Counts): void {
    for (let at = 0; at < counts.size; at++) this.#all.push(counts.keys[at] as number, counts.counts[at] as number);
    this.#ends[row] = this.#all.size;
    this.#rows = row + 1;
  }

  clear(): void {
    this.#all.clear();
    this.#rows = 0;
  }

  forEach(callback: (row: number, key: number, count: number) => void): void {
    const { keys, counts } = this.#all;
    let at = 0;
    for (let row = 0; row < this.#rows; row++) {
      for (const end = this.#ends[row] as number; at < end; at++) {
        callback(row, keys[at] as number, counts[at] as number);
      }
    }
  }
}
