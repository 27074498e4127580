/**
 * The sum of all digests by UTC quarter hour and combination of dimensions. Every figure is an exact integer that can be
 * taken out again, so a digest replaces its older self and the order of changes leaves no trace.
 *
 * Rows lie encoded, by UTC day. A day is the sum of its parts: changes are gathered in a table, which becomes one more
 * part of the days concerned when it is full, and parts are put together when they are of about the same size.
 */
import { type Digest, UNDATED } from '../compute/digest.ts';
import type { Bytes, QuarterHour } from '../units.ts';
import { BlockBuffer } from './block-buffer.ts';
import { combinations, names } from './dimensions.ts';
import type { Reach, RollupBlock } from './rollup-block.ts';
import { mergedRows, type Row, type RowSource } from './rollup-row.ts';
import { type EncodedRows, RowReader, RowWriter } from './row-codec.ts';
import { MAX_COMBINATIONS, RowTable } from './row-table.ts';

/** What a transcript's figures are filed under. */
export interface Filing {
  readonly agent: string;
  readonly channel: string;
  readonly kind: string;
}

const QUARTERS_A_DAY = 96;
const UNDATED_DAY = Math.floor(UNDATED / QUARTERS_A_DAY);
/** Rows of changes that wait to be encoded, a power of two. Twice as many take no less time, and 0.3 MB more. */
const GATHERED_ROWS = 1024;
/** Rows of changes that are kept for takeChanges(), a power of two. */
const CHANGED_ROWS = 2048;
/** Rows of a block that is handed out. */
const BLOCK_ROWS = 1024;
/** A part joins the one before it unless that is so many times as large: so a row is written anew only as often as a day doubles. */
const PART_RATIO = 2;
/** What a part costs beyond its bytes: the objects around them. */
const PART_OVERHEAD: Bytes = 256;

export class Rollup {
  readonly combinations = combinations();
  readonly tools = names();
  /** The parts, from old to new, by UTC day since the epoch; undated records fall on a day that no date has. */
  readonly #days = new Map<number, EncodedRows[]>();
  /** Differences that are in no part yet. */
  readonly #gathered: RowTable;
  /** Differences since the last takeChanges(), as long as they are kept. */
  readonly #changes = new RowTable(CHANGED_ROWS);
  #changesKept = false;
  readonly #writer = new RowWriter();
  readonly #block = new BlockBuffer(BLOCK_ROWS);

  /** @param gathered rows of changes that wait to be encoded, a power of two */
  constructor(gathered = GATHERED_ROWS) {
    this.#gathered = new RowTable(gathered);
  }

  /** Adds a digest (sign 1) or takes it out again (sign -1). */
  apply(digest: Digest, filing: Filing, sign: 1 | -1): void {
    const { agent, channel, kind } = filing;
    const numbers = digest.models.map(({ role, provider, model }) =>
      this.combinations.numberOf({ agent, channel, kind, role, provider, model }),
    );
    if (this.combinations.items.length > MAX_COMBINATIONS) throw new RangeError('too many combinations of dimensions');
    const tools = digest.tools.map((name) => this.tools.numberOf(name));
    for (const [quarter, models] of digest.cells) {
      for (const [model, cell] of models) {
        const combination = numbers[model] as number;
        if (this.#gathered.full) this.#encode();
        this.#gathered.add(quarter, combination, cell, tools, sign);
        if (!this.#changesKept) continue;
        this.#changes.add(quarter, combination, cell, tools, sign);
        this.#changesKept = !this.#changes.full;
      }
    }
  }

  /**
   * Calls back with blocks that together hold at least every row within reach, each (quarter, combination) at most once.
   * A block may hold rows out of reach. It is the same object each time; nothing may be asked of the rollup meanwhile.
   */
  forEachBlock(reach: Reach, callback: (block: RollupBlock) => void): void {
    this.#encode();
    const block = this.#block;
    // The callback may have thrown the last time.
    block.clear();
    for (const [day, parts] of this.#days) {
      if (!isWithin(day, reach)) continue;
      const rows = rowsOf(parts);
      while (rows.next()) {
        block.push(rows.row);
        if (block.full) handOut();
      }
    }
    if (block.rows > 0) handOut();

    function handOut(): void {
      callback(block);
      block.clear();
    }
  }

  /** Every row within reach, and some out of it, in the order of time, undated ones last; as they are now, whatever changes later. */
  rowsWithin(reach: Reach): Iterable<Row> {
    this.#encode();
    const days = [...this.#days].filter(([day]) => isWithin(day, reach)).sort(([a], [b]) => orderOf(a) - orderOf(b));
    // Parts are replaced, never changed.
    return rowsOfDays(days.map(([, parts]) => parts.slice()));
  }

  /**
   * What apply() changed since the last call, as differences, one row for each (quarter, combination); null when that was
   * too much to keep, and the first time: then everything is to be added up anew.
   */
  takeChanges(): RollupBlock | null {
    const block = this.#changesKept ? blockOf(this.#changes) : null;
    this.#changes.clear();
    this.#changesKept = true;
    return block;
  }

  /** Rows held; one that changed of late may count once in each part that has a share of it. */
  get rows(): number {
    let rows = this.#gathered.rows;
    for (const parts of this.#days.values()) for (const part of parts) rows += part.rows;
    return rows;
  }

  /** Bytes of all arrays and tables. */
  get bytes(): Bytes {
    let bytes = this.#gathered.bytes + this.#changes.bytes + this.#writer.bytes + this.#block.bytes;
    for (const parts of this.#days.values()) for (const part of parts) bytes += part.bytes.length + PART_OVERHEAD;
    return bytes;
  }

  /** Makes what was gathered a part of the days that it belongs to. */
  #encode(): void {
    if (this.#gathered.rows === 0) return;
    const rows = this.#gathered.sorted();
    let more = rows.next();
    while (more) {
      const day = dayOf(rows.row.quarter);
      for (; more && dayOf(rows.row.quarter) === day; more = rows.next()) this.#writer.write(rows.row);
      this.#join(day, this.#writer.finish());
    }
    this.#gathered.clear();
  }

  #join(day: number, part: EncodedRows): void {
    const parts = this.#days.get(day) ?? [];
    parts.push(part);
    // How many of the last parts are to become one.
    let count = 1;
    let bytes = part.bytes.length;
    for (; count < parts.length; count++) {
      const before = (parts[parts.length - count - 1] as EncodedRows).bytes.length;
      if (before >= PART_RATIO * bytes) break;
      bytes += before;
    }
    if (count > 1) {
      const rows = rowsOf(parts.splice(-count));
      while (rows.next()) this.#writer.write(rows.row);
      const joined = this.#writer.finish();
      if (joined.rows > 0) parts.push(joined);
    }
    if (parts.length > 0) this.#days.set(day, parts);
    else this.#days.delete(day);
  }
}

function rowsOf(parts: readonly EncodedRows[]): RowSource {
  return mergedRows(parts.map((part) => new RowReader(part)));
}

function* rowsOfDays(days: readonly (readonly EncodedRows[])[]): Generator<Row> {
  for (const parts of days) {
    const rows = rowsOf(parts);
    while (rows.next()) yield rows.row;
  }
}

function orderOf(day: number): number {
  return day === UNDATED_DAY ? Number.POSITIVE_INFINITY : day;
}

function blockOf(table: RowTable): RollupBlock {
  const block = new BlockBuffer(table.rows);
  const rows = table.sorted();
  while (rows.next()) block.push(rows.row);
  return block;
}

function dayOf(quarter: QuarterHour): number {
  return Math.floor(quarter / QUARTERS_A_DAY);
}

function isWithin(day: number, { start, end, undated }: Reach): boolean {
  if (day === UNDATED_DAY) return undated;
  return day * QUARTERS_A_DAY < end && (day + 1) * QUARTERS_A_DAY > start;
}
