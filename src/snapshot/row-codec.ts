/**
 * Rows of the rollup as bytes, in ascending order of (quarter, combination); about a tenth of what they take in arrays.
 *
 *   row      head | mask | a figure for each column in the mask | tools | latencies
 *   head     steps of combination since the row before * 2, or combination * 2 + 1 and the steps of quarter
 *   figures  the difference from what the rest of the row makes likely, which is mostly none: a total is the sum of its parts
 *   tools, latencies  how many, then for each the step * 2 and, where the count is not 1, + 1 and the count
 *
 * A row that holds a number beyond 2^53 (a store of broken amounts) is written as doubles.
 */
import {
  CACHE_READ,
  CACHE_READ_COST,
  CACHE_WRITE,
  CACHE_WRITE_COST,
  COST,
  ESTIMATED,
  INPUT,
  INPUT_COST,
  LATENCY_COUNT,
  LATENCY_SUM,
  MESSAGES,
  OUTPUT,
  OUTPUT_COST,
  RECORDS,
  SAVED,
  SAVED_RECORDS,
  TOOL_CALLS,
  TOTAL_TOKENS,
  VIEW_COLUMNS,
} from '../compute/figures.ts';
import { ByteReader, ByteWriter } from '../compute/varint.ts';
import type { Bytes } from '../units.ts';
import { type Counts, Row, type RowSource } from './rollup-row.ts';

/** Bits of the mask; the columns follow (28 at most), those first that are seldom 0, so that the mask is short. */
const TOOLS = 1;
const LATENCIES = 2;
const FIRST_COLUMN = 2;
const AS_DOUBLES = 2 ** 30;

// biome-ignore format: in the order of how often they are there
const LIKELY = [
  MESSAGES, RECORDS, INPUT, OUTPUT, CACHE_READ,
  INPUT_COST, OUTPUT_COST, CACHE_READ_COST, SAVED, SAVED_RECORDS, CACHE_WRITE, CACHE_WRITE_COST,
  ESTIMATED,
];
const ALL = Array.from({ length: VIEW_COLUMNS }, (_, column) => column);
const ORDER = Uint8Array.from([...LIKELY, ...ALL.filter((column) => !LIKELY.includes(column))]);

/** Rows that were written. */
export interface EncodedRows {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

export class RowWriter {
  readonly #writer = new ByteWriter();
  /** The figures of a row without what is likely. */
  readonly #rest = new Float64Array(VIEW_COLUMNS);
  #rows = 0;
  #quarter = 0;
  #combination = 0;

  /** Enters a row behind all others. */
  write(row: Row): void {
    const { quarter, combination, tools, latencies } = row;
    if (quarter === this.#quarter && this.#rows > 0) {
      this.#writer.unsigned((combination - this.#combination) * 2);
    } else {
      this.#writer.unsigned(combination * 2 + 1);
      this.#writer.signed(quarter - this.#quarter);
    }
    this.#quarter = quarter;
    this.#combination = combination;
    this.#rows++;
    const lists = (tools.size > 0 ? TOOLS : 0) | (latencies.size > 0 ? LATENCIES : 0);
    this.#writeFigures(row, lists);
    if (tools.size > 0) writeCounts(this.#writer, tools);
    if (latencies.size > 0) writeCounts(this.#writer, latencies);
  }

  /** What was written since the last call. */
  finish(): EncodedRows {
    const encoded = { rows: this.#rows, bytes: this.#writer.finish() };
    this.#rows = 0;
    this.#quarter = 0;
    return encoded;
  }

  /** Bytes of the buffer that rows are written into. */
  get bytes(): Bytes {
    return this.#writer.capacity;
  }

  #writeFigures(row: Row, lists: number): void {
    const rest = this.#rest;
    rest.set(row.figures);
    addLikely(rest, row, -1);
    let mask = lists;
    let exact = true;
    for (let at = 0; at < VIEW_COLUMNS; at++) {
      const column = ORDER[at] as number;
      const value = rest[column] as number;
      if (value === 0) continue;
      mask |= 1 << (FIRST_COLUMN + at);
      exact &&= Number.isSafeInteger(value) && Number.isSafeInteger(row.figures[column]);
    }
    if (!exact) {
      this.#writer.unsigned(lists + AS_DOUBLES);
      this.#writer.bytes(new Uint8Array(row.figures.buffer));
      return;
    }
    this.#writer.unsigned(mask);
    for (let left = mask >>> FIRST_COLUMN; left !== 0; left &= left - 1) {
      this.#writer.signed(rest[lowestColumn(left)] as number);
    }
  }
}

/** Reads what a RowWriter wrote. */
export class RowReader implements RowSource {
  readonly row = new Row();
  readonly #reader: ByteReader;

  constructor({ bytes }: EncodedRows) {
    this.#reader = new ByteReader(bytes);
  }

  next(): boolean {
    const reader = this.#reader;
    if (reader.done) return false;
    const { row } = this;
    const head = reader.unsigned();
    const step = head >>> 1;
    if ((head & 1) === 0) {
      row.combination += step;
    } else {
      row.combination = step;
      row.quarter += reader.signed();
    }
    this.#readFigures();
    return true;
  }

  #readFigures(): void {
    const { row } = this;
    const reader = this.#reader;
    const mask = reader.unsigned();
    if (mask < AS_DOUBLES) {
      row.figures.fill(0);
      for (let left = mask >>> FIRST_COLUMN; left !== 0; left &= left - 1) {
        row.figures[lowestColumn(left)] = reader.signed();
      }
    } else {
      new Uint8Array(row.figures.buffer).set(reader.bytes(row.figures.byteLength));
    }
    row.tools.clear();
    row.latencies.clear();
    if ((mask & TOOLS) !== 0) readCounts(reader, row.tools);
    if ((mask & LATENCIES) !== 0) readCounts(reader, row.latencies);
    if (mask < AS_DOUBLES) addLikely(row.figures, row, 1);
  }
}

/** The column of the lowest bit of a mask that begins with the first column. */
function lowestColumn(mask: number): number {
  return ORDER[31 - Math.clz32(mask & -mask)] as number;
}

/**
 * Adds (sign 1) or takes off (sign -1) what a row's other columns, its tools and latencies make likely. No column that is
 * changed tells of another, so that the one undoes the other; exactly, where all numbers stay below 2^53.
 */
function addLikely(figures: Float64Array, { tools, latencies }: Row, sign: 1 | -1): void {
  const tokens = sum4(figures, INPUT, OUTPUT, CACHE_READ, CACHE_WRITE);
  const cost = sum4(figures, INPUT_COST, OUTPUT_COST, CACHE_READ_COST, CACHE_WRITE_COST);
  figures[TOTAL_TOKENS] = (figures[TOTAL_TOKENS] as number) + sign * tokens;
  figures[COST] = (figures[COST] as number) + sign * cost;
  figures[MESSAGES] = (figures[MESSAGES] as number) + sign * (figures[RECORDS] as number);
  if (tools.size > 0) figures[TOOL_CALLS] = (figures[TOOL_CALLS] as number) + sign * tools.total;
  if (latencies.size === 0) return;
  figures[LATENCY_COUNT] = (figures[LATENCY_COUNT] as number) + sign * latencies.total;
  figures[LATENCY_SUM] = (figures[LATENCY_SUM] as number) + sign * latencies.weighted;
}

function sum4(figures: Float64Array, a: number, b: number, c: number, d: number): number {
  return (figures[a] as number) + (figures[b] as number) + (figures[c] as number) + (figures[d] as number);
}

function writeCounts(writer: ByteWriter, { size, keys, counts }: Counts): void {
  writer.unsigned(size);
  let before = 0;
  for (let at = 0; at < size; at++) {
    const key = keys[at] as number;
    const count = counts[at] as number;
    writer.unsigned((key - before) * 2 + (count === 1 ? 0 : 1));
    if (count !== 1) writer.signed(count);
    before = key;
  }
}

function readCounts(reader: ByteReader, counts: Counts): void {
  let key = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    const step = reader.unsigned();
    key += step >>> 1;
    counts.push(key, (step & 1) === 0 ? 1 : reader.signed());
  }
}
