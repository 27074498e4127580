/** Cost and tokens by bucket of a window and by one dimension: the series of a split. */
import { COST, TOTAL_TOKENS, VIEW_COLUMNS } from '../compute/figures.ts';
import type { CombinationFilter } from './combination-filter.ts';
import { type Combination, names } from './dimensions.ts';
import { NumberTable } from './number-table.ts';
import type { SplitBy } from './query.ts';
import type { Rollup } from './rollup.ts';
import type { Reach, RollupBlock } from './rollup-block.ts';
import type { RollupSum } from './rollup-sum.ts';
import { BucketIndex, type Layout } from './series.ts';
import { spanOf } from './session-sum.ts';
import type { UsageFigures } from './shapes.ts';
import { dollars } from './totals.ts';
import type { Window } from './window.ts';

/** Series of a split that stand by themselves; the rest is one more. */
const SPLIT_SERIES = 12;
/** Names share their table keys with bucket numbers below 2^33; there are no more than combinations. */
const MAX_NAMES = 2 ** 19;

export class SplitSum implements RollupSum {
  readonly reach: Reach;
  readonly #by: SplitBy;
  readonly #combinations: readonly Combination[];
  readonly #filter: CombinationFilter;
  readonly #buckets: BucketIndex;
  readonly #names = names();
  /** (bucket, name) to nano-dollars and to tokens. */
  readonly #cost = new NumberTable();
  readonly #tokens = new NumberTable();

  constructor({ combinations }: Rollup, filter: CombinationFilter, window: Window, by: SplitBy) {
    this.reach = spanOf(window);
    this.#by = by;
    this.#combinations = combinations.items;
    this.#filter = filter;
    this.#buckets = new BucketIndex(window);
  }

  add({ rows, quarters, combinations, figures }: RollupBlock): void {
    for (let row = 0; row < rows; row++) {
      const combination = combinations[row] as number;
      if (this.#filter.shareOf(combination) === 'none') continue;
      const bucket = this.#buckets.of(quarters[row] as number);
      // OUTSIDE, or undated, for which a series has no place.
      if (bucket < 0) continue;
      const key = bucket * MAX_NAMES + this.#nameNumber(combination);
      this.#cost.add(key, figures[row * VIEW_COLUMNS + COST] as number);
      this.#tokens.add(key, figures[row * VIEW_COLUMNS + TOTAL_TOKENS] as number);
    }
  }

  /** Rows aligned with a series: those of the first ones of `ordered`, and of all others together. */
  rows(ordered: readonly (string | null)[], { indices, first }: Layout): NonNullable<UsageFigures['split']> {
    const shown = ordered.slice(0, SPLIT_SERIES);
    const blank = () => new Array<number>(indices.length).fill(0);
    const series = shown.map((name) => ({ name, nano: blank(), totalTokens: blank() }));
    const rest = { name: null, nano: blank(), totalTokens: blank() };
    const place = new Map(shown.map((name, at) => [name, at]));
    const target = this.#names.items.map((name) => series[place.get(name) ?? -1] ?? rest);
    const column = new Map(indices.map((index, at) => [index, at]));
    const add = (to: 'nano' | 'totalTokens') => (key: number, value: number) => {
      const row = (target[key % MAX_NAMES] as typeof rest)[to];
      const at = column.get(Math.max(Math.floor(key / MAX_NAMES), first)) as number;
      row[at] = (row[at] as number) + value;
    };
    this.#cost.forEach(add('nano'));
    this.#tokens.forEach(add('totalTokens'));
    const rows = ordered.length > SPLIT_SERIES ? [...series, rest] : series;
    return {
      by: this.#by,
      rows: rows.map(({ name, nano, totalTokens }) => ({ name, cost: nano.map(dollars), totalTokens })),
    };
  }

  #nameNumber(combination: number): number {
    return this.#names.numberOf(splitName(this.#by, this.#combinations[combination] as Combination));
  }
}

/** What a split by `by` calls a combination. */
export function splitName(by: SplitBy, { provider, model, ...filing }: Combination): string {
  if (by === 'model') return provider && model ? `${provider}/${model}` : (model ?? provider ?? 'none');
  if (by === 'provider') return provider ?? 'none';
  return filing[by];
}
