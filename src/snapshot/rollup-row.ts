/** One row of the rollup while it passes from one form into another, and rows that come in order of quarter hour and combination. */
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Bytes, QuarterHour } from '../units.ts';

/** Rows in ascending order of (quarter, combination), each of which differs from nothing. */
export interface RowSource {
  /** The row that the last call of `next` reached. Whoever has it may change it until the next call. */
  readonly row: Row;
  next(): boolean;
}

export class Row {
  quarter: QuarterHour = 0;
  combination = 0;
  readonly figures = new Float64Array(VIEW_COLUMNS);
  /** Tool number to calls. */
  readonly tools = new Counts();
  /** Milliseconds to count. */
  readonly latencies = new Counts();

  get isNothing(): boolean {
    if (this.tools.size > 0 || this.latencies.size > 0) return false;
    for (let at = 0; at < VIEW_COLUMNS; at++) if (this.figures[at] !== 0) return false;
    return true;
  }

  /** Adds the figures of another row of the same quarter and combination. */
  add(other: Row): void {
    for (let at = 0; at < VIEW_COLUMNS; at++) {
      this.figures[at] = (this.figures[at] as number) + (other.figures[at] as number);
    }
    this.tools.add(other.tools);
    this.latencies.add(other.latencies);
  }
}

/** Numbers with their counts, in ascending order; those whose count is 0 are left out. */
export class Counts {
  size = 0;
  keys = new Float64Array(8);
  counts = new Float64Array(8);

  /** The sum of the counts. */
  get total(): number {
    let total = 0;
    for (let at = 0; at < this.size; at++) total += this.counts[at] as number;
    return total;
  }

  /** The sum of the keys, each as often as it counts. */
  get weighted(): number {
    let sum = 0;
    for (let at = 0; at < this.size; at++) sum += (this.keys[at] as number) * (this.counts[at] as number);
    return sum;
  }

  get bytes(): Bytes {
    return this.keys.byteLength + this.counts.byteLength;
  }

  clear(): void {
    this.size = 0;
  }

  /** Enters a key above all others. */
  push(key: number, count: number): void {
    if (count === 0) return;
    if (this.size === this.keys.length) {
      this.keys = twice(this.keys);
      this.counts = twice(this.counts);
    }
    this.keys[this.size] = key;
    this.counts[this.size++] = count;
  }

  add(other: Counts): void {
    if (other.size === 0) return;
    const sum = new Counts();
    let at = 0;
    for (let from = 0; from < other.size; from++) {
      const key = other.keys[from] as number;
      while (at < this.size && (this.keys[at] as number) < key)
        sum.push(this.keys[at] as number, this.counts[at++] as number);
      const same = at < this.size && this.keys[at] === key ? (this.counts[at++] as number) : 0;
      sum.push(key, (other.counts[from] as number) + same);
    }
    while (at < this.size) sum.push(this.keys[at] as number, this.counts[at++] as number);
    this.size = sum.size;
    this.keys = sum.keys;
    this.counts = sum.counts;
  }
}

/** The sums of several sources, row by row. */
export function mergedRows(sources: readonly RowSource[]): RowSource {
  // The last ones first: they are the small ones, and their rows would else be compared at every step.
  return sources.reduceRight((merged, source) => new MergedRows(source, merged));
}

class MergedRows implements RowSource {
  row: Row;
  readonly #a: RowSource;
  readonly #b: RowSource;
  #hasA: boolean;
  #hasB: boolean;
  /** Below 0: the row last given was of `a` alone; above 0, of `b` alone; 0, of both. */
  #order = 0;

  constructor(a: RowSource, b: RowSource) {
    this.#a = a;
    this.#b = b;
    this.row = a.row;
    this.#hasA = true;
    this.#hasB = true;
  }

  next(): boolean {
    do {
      if (this.#hasA && this.#order <= 0) this.#hasA = this.#a.next();
      if (this.#hasB && this.#order >= 0) this.#hasB = this.#b.next();
      if (!this.#hasA && !this.#hasB) return false;
      this.#order = !this.#hasB ? -1 : !this.#hasA ? 1 : compareRows(this.#a.row, this.#b.row);
      this.row = this.#order > 0 ? this.#b.row : this.#a.row;
      if (this.#order === 0) this.row.add(this.#b.row);
    } while (this.#order === 0 && this.row.isNothing);
    return true;
  }
}

function compareRows(a: Row, b: Row): number {
  return a.quarter - b.quarter || a.combination - b.combination;
}

function twice(values: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(values.length * 2);
  grown.set(values);
  return grown;
}
