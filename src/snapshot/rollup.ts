/**
 * The sum of all digests by UTC quarter hour and combination of dimensions. Every figure is an exact integer that can be
 * taken out again, so a digest replaces its older self and the order of changes leaves no trace.
 */
import type { Digest } from '../compute/digest.ts';
import type { Bytes } from '../units.ts';
import { combinations, names } from './dimensions.ts';
import type { Reach, RollupBlock } from './rollup-block.ts';
import { MAX_COMBINATIONS, RollupTable } from './rollup-table.ts';

/** What a transcript's figures are filed under. */
export interface Filing {
  readonly agent: string;
  readonly channel: string;
  readonly kind: string;
}

const FIRST_ROWS = 1024;
/** Rows of changes that are kept for takeChanges(). */
const MAX_CHANGES = 2048;
const FIRST_CHANGES = 32;

export class Rollup {
  readonly combinations = combinations();
  readonly tools = names();
  readonly #table = new RollupTable(FIRST_ROWS);
  /** What changed since it was last asked; null when that was too much, or was never asked. */
  #changes: RollupTable | null = null;

  /** Adds a digest (sign 1) or takes it out again (sign -1). */
  apply(digest: Digest, filing: Filing, sign: 1 | -1): void {
    const numbers = digest.models.map(({ role, provider, model }) =>
      this.combinations.numberOf({ ...filing, role, provider, model }),
    );
    if (this.combinations.items.length > MAX_COMBINATIONS) throw new RangeError('too many combinations of dimensions');
    const tools = digest.tools.map((name) => this.tools.numberOf(name));
    for (const [quarter, models] of digest.cells) {
      for (const [model, cell] of models) {
        const combination = numbers[model] as number;
        this.#table.add(quarter, combination, cell, tools, sign);
        this.#changes?.add(quarter, combination, cell, tools, sign);
      }
    }
    if (this.#changes !== null && this.#changes.rows > MAX_CHANGES) this.#changes = null;
  }

  /**
   * Calls back with blocks that together hold at least every row within reach: each (quarter, combination) at most once.
   * A block may hold rows out of reach, and rows of zeros.
   */
  forEachBlock(_reach: Reach, callback: (block: RollupBlock) => void): void {
    callback(this.#table);
  }

  /**
   * What apply() changed since the last call, as differences, one row for each (quarter, combination); null when that was
   * too much to keep, and the first time: then everything is to be added up anew.
   */
  takeChanges(): RollupBlock | null {
    const changes = this.#changes;
    if (changes === null || changes.rows > 0) this.#changes = new RollupTable(FIRST_CHANGES);
    return changes;
  }

  get rows(): number {
    return this.#table.rows;
  }

  get bytes(): Bytes {
    return this.#table.bytes + (this.#changes?.bytes ?? 0);
  }
}
