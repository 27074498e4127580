/** The series of an answer: figures summed into the buckets of a window. */

import { UNDATED } from '../compute/digest.ts';
import { MESSAGES, RECORDS, VIEW_COLUMNS } from '../compute/figures.ts';
import type { QuarterHour } from '../units.ts';
import { addCell } from './session-sum.ts';
import type { UsageFigures } from './shapes.ts';
import { messagesOf, totalsOf } from './totals.ts';
import { type Buckets, bucketsOf, type Window } from './window.ts';

/** Day series longer than this hold only the days on which something counted. */
const MAX_ZERO_FILLED = 366;

/**
 * Rows of such a series. Only a store of broken dates has more: its earliest days are summed up in the first row, for a
 * view that grows without bound would end the keeper.
 */
const MAX_SPARSE = 10_000;

/** Where a quarter hour lies that is in no bucket: outside the window, or undated in a window that counts those too. */
export const OUTSIDE = -1;
export const UNDATED_BUCKET = -2;

type SeriesRow = UsageFigures['series'][number];

interface Bucket {
  readonly figures: Float64Array;
  userMessages: number;
  /** Messages and usage records that count; a bucket without any is as good as none. */
  counted: number;
}

/** Which buckets have a row, in order. The figures of buckets before the first one stand in its row. */
export interface Layout {
  readonly indices: readonly number[];
  readonly first: number;
}

/** Quarter hours whose bucket is remembered: ten days, for rows lie close together in time. */
const REMEMBERED = 1024;

/** Finds the bucket of quarter hours. */
export class BucketIndex {
  readonly #window: Window;
  readonly #buckets: Buckets;
  readonly #quarters = new Float64Array(REMEMBERED).fill(Number.NaN);
  readonly #indices = new Float64Array(REMEMBERED);

  constructor(window: Window, buckets = bucketsOf(window)) {
    this.#window = window;
    this.#buckets = buckets;
  }

  /** The bucket of a quarter hour, OUTSIDE or UNDATED_BUCKET. */
  of(quarter: QuarterHour): number {
    const slot = quarter & (REMEMBERED - 1);
    if (this.#quarters[slot] !== quarter) {
      this.#quarters[slot] = quarter;
      this.#indices[slot] = this.#find(quarter);
    }
    return this.#indices[slot] as number;
  }

  #find(quarter: QuarterHour): number {
    if (quarter === UNDATED) return this.#window.range === 'all' ? UNDATED_BUCKET : OUTSIDE;
    return this.#buckets.indexOfQuarter(quarter);
  }
}

export class SeriesSum {
  readonly #window: Window;
  readonly #buckets: Buckets;
  readonly #index: BucketIndex;
  readonly #sums = new Map<number, Bucket>();
  /** Rows as they were last given, of buckets that are as they were then. */
  readonly #rows = new Map<number, SeriesRow>();
  /** The row that holds what was before it too, while nothing of that changed. */
  #first: { readonly index: number; readonly row: SeriesRow } | null = null;

  constructor(window: Window) {
    this.#window = window;
    this.#buckets = bucketsOf(window);
    this.#index = new BucketIndex(window, this.#buckets);
  }

  /** The bucket of a quarter hour, OUTSIDE or UNDATED_BUCKET. */
  indexOf(quarter: QuarterHour): number {
    return this.#index.of(quarter);
  }

  /** Adds a cell's figures, or differences, to a bucket; `userMessages` of its messages are the user's. */
  add(index: number, source: Float64Array, base: number, usageOnly: boolean, userMessages: number): void {
    let sum = this.#sums.get(index);
    if (sum === undefined) {
      sum = nothing();
      this.#sums.set(index, sum);
    }
    this.#rows.delete(index);
    if (this.#first !== null && index <= this.#first.index) this.#first = null;
    addCell(sum.figures, 0, source, base, usageOnly);
    sum.userMessages += userMessages;
    sum.counted += source[base + (usageOnly ? RECORDS : MESSAGES)] as number;
  }

  layout(): Layout {
    const { count } = this.#buckets;
    if (this.#window.granularity !== 'day' || count <= MAX_ZERO_FILLED) {
      return { indices: Array.from({ length: count }, (_, index) => index), first: 0 };
    }
    const counted = [...this.#sums].filter(([, sum]) => sum.counted > 0).map(([index]) => index);
    const indices = counted.sort((a, b) => a - b).slice(-MAX_SPARSE);
    return { indices, first: indices[0] ?? 0 };
  }

  /** The rows; under a model filter (`userless`) user messages have no meaning and are null. */
  rows(userless: boolean): UsageFigures['series'] {
    const { indices, first } = this.layout();
    return indices.map((index) => {
      if (index === first) return this.#firstRow(index, userless);
      let row = this.#rows.get(index);
      if (row === undefined) {
        row = this.#row(index, this.#sums.get(index) ?? NOTHING, userless);
        this.#rows.set(index, row);
      }
      return row;
    });
  }

  #firstRow(index: number, userless: boolean): SeriesRow {
    if (this.#first?.index !== index) this.#first = { index, row: this.#row(index, this.#upTo(index), userless) };
    return this.#first.row;
  }

  #row(index: number, { figures, userMessages }: Bucket, userless: boolean): SeriesRow {
    return {
      start: this.#buckets.startOf(index),
      date: this.#buckets.dateOf(index),
      totals: totalsOf(figures),
      messages: messagesOf(figures, userless ? null : userMessages),
    };
  }

  #upTo(first: number): Bucket {
    const all = nothing();
    for (const [index, { figures, userMessages }] of this.#sums) {
      if (index > first) continue;
      addCell(all.figures, 0, figures, 0, false);
      all.userMessages += userMessages;
    }
    return all;
  }
}

function nothing(): Bucket {
  return { figures: new Float64Array(VIEW_COLUMNS), userMessages: 0, counted: 0 };
}

const NOTHING = nothing();

/** How many of a cell's messages are the user's. */
export function userMessagesOf(role: 'user' | 'assistant', source: Float64Array, base: number): number {
  return role === 'user' ? (source[base + MESSAGES] as number) : 0;
}
