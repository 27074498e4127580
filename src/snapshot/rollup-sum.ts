/** Sums of rollup rows: made from all of them once, and kept up to date by what changes. */
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { CombinationFilter } from './combination-filter.ts';
import type { Rollup } from './rollup.ts';
import type { Reach, RollupBlock } from './rollup-block.ts';
import { addCell } from './session-sum.ts';

export interface RollupSum {
  /** The rows that count. */
  readonly reach: Reach;
  /** Adds the rows of a block that lie within reach. Figures that come back to 0 leave no trace in any answer. */
  add(block: RollupBlock): void;
}

/** Where a view gets its sums from. */
export interface RollupSums {
  /** The sum of everything that the rollup holds. `key` says what is made: equal keys are equal sums. */
  of<Sum extends RollupSum>(key: string, make: () => Sum): Sum;
}

/** Adds up every sum anew. */
export class FreshSums implements RollupSums {
  readonly #rollup: Rollup;

  constructor(rollup: Rollup) {
    this.#rollup = rollup;
  }

  of<Sum extends RollupSum>(_key: string, make: () => Sum): Sum {
    const sum = make();
    this.#rollup.forEachBlock(sum.reach, (block) => sum.add(block));
    return sum;
  }
}

/** The figures of a whole span, by nothing. */
export class SpanSum implements RollupSum {
  readonly figures = new Float64Array(VIEW_COLUMNS);
  readonly reach: Reach;
  readonly #filter: CombinationFilter;

  constructor(reach: Reach, filter: CombinationFilter) {
    this.reach = reach;
    this.#filter = filter;
  }

  add({ rows, quarters, combinations, figures }: RollupBlock): void {
    const { start, end } = this.reach;
    for (let row = 0; row < rows; row++) {
      const quarter = quarters[row] as number;
      if (quarter < start || quarter >= end) continue;
      const share = this.#filter.shareOf(combinations[row] as number);
      if (share !== 'none') addCell(this.figures, 0, figures, row * VIEW_COLUMNS, share === 'usage');
    }
  }
}
