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

interface Bucket {
  readonly figures: Float64Array;
  userMessages: number;
}

export class SeriesSum {
  readonly #window: Window;
  readonly #buckets: Buckets;
  readonly #indexOf = new Map<QuarterHour, number>();
  readonly #sums = new Map<number, Bucket>();
  /** The first bucket that has a row of its own; what comes before it counts there. */
  #first = 0;

  constructor(window: Window) {
    this.#window = window;
    this.#buckets = bucketsOf(window);
  }

  /** The bucket of a quarter hour, OUTSIDE or UNDATED_BUCKET. */
  indexOf(quarter: QuarterHour): number {
    let index = this.#indexOf.get(quarter);
    if (index === undefined) {
      if (quarter === UNDATED) index = this.#window.range === 'all' ? UNDATED_BUCKET : OUTSIDE;
      else index = this.#buckets.indexOfQuarter(quarter);
      this.#indexOf.set(quarter, index);
    }
    return index;
  }

  /** Adds a cell's figures to a bucket; `userMessages` of its messages are the user's. Nothing counted makes no bucket. */
  add(index: number, source: Float64Array, base: number, usageOnly: boolean, userMessages: number): void {
    if (source[base + (usageOnly ? RECORDS : MESSAGES)] === 0) return;
    let sum = this.#sums.get(index);
    if (sum === undefined) {
      sum = { figures: new Float64Array(VIEW_COLUMNS), userMessages: 0 };
      this.#sums.set(index, sum);
    }
    addCell(sum.figures, 0, source, base, usageOnly);
    sum.userMessages += userMessages;
  }

  /** The buckets that have a row, in order; to be asked when everything was added. */
  indices(): number[] {
    const { count } = this.#buckets;
    if (this.#window.granularity === 'day' && count > MAX_ZERO_FILLED) {
      const sorted = [...this.#sums.keys()].sort((a, b) => a - b);
      return sorted.length > MAX_SPARSE ? this.#condensed(sorted) : sorted;
    }
    return Array.from({ length: count }, (_, index) => index);
  }

  /** The bucket under whose row the figures of another one stand. */
  rowOf(index: number): number {
    return index < 0 ? index : Math.max(index, this.#first);
  }

  #condensed(sorted: readonly number[]): number[] {
    const kept = sorted.slice(-MAX_SPARSE);
    this.#first = kept[0] as number;
    const target = this.#sums.get(this.#first) as Bucket;
    for (const index of sorted.slice(0, -MAX_SPARSE)) {
      const { figures, userMessages } = this.#sums.get(index) as Bucket;
      addCell(target.figures, 0, figures, 0, false);
      target.userMessages += userMessages;
      this.#sums.delete(index);
    }
    return kept;
  }

  /** The rows; under a model filter (`userless`) user messages have no meaning and are null. */
  rows(userless: boolean): UsageFigures['series'] {
    const nothing: Bucket = { figures: new Float64Array(VIEW_COLUMNS), userMessages: 0 };
    return this.indices().map((index) => {
      const { figures, userMessages } = this.#sums.get(index) ?? nothing;
      return {
        start: this.#buckets.startOf(index),
        date: this.#buckets.dateOf(index),
        totals: totalsOf(figures),
        messages: messagesOf(figures, userless ? null : userMessages),
      };
    });
  }
}

/** How many of a cell's messages are the user's. */
export function userMessagesOf(role: 'user' | 'assistant', source: Float64Array, base: number): number {
  return role === 'user' ? (source[base + MESSAGES] as number) : 0;
}
