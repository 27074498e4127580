/**
 * The sums behind the ready views, which are asked for again and again: made once, and from then on brought up to date
 * by what changed in the rollup.
 */
import type { KeptState } from './kept-state.ts';
import { Reused } from './reused.ts';
import type { Rollup } from './rollup.ts';
import { FreshSums, type RollupSum, type RollupSums } from './rollup-sum.ts';

export class LiveSums implements RollupSums {
  readonly #state: Pick<KeptState, 'rollup'>;
  /** The rollup that the sums are of: the keeper begins another one when it has to add up anew. */
  #rollup: Rollup | null = null;
  readonly #sums = new Reused<RollupSum>();

  constructor(state: Pick<KeptState, 'rollup'>) {
    this.#state = state;
  }

  /** What it gives is not to be changed, and right until the rollup changes. */
  of<Sum extends RollupSum>(key: string, make: () => Sum): Sum {
    this.#update();
    // Equal keys are sums of one class.
    const known = this.#sums.get(key) as Sum | undefined;
    if (known !== undefined) return known;
    const sum = new FreshSums(this.#state.rollup).of(key, make);
    this.#sums.set(key, sum);
    return sum;
  }

  /** Drops the sums that nothing asked for since the last sweep: those of windows that moved on. */
  sweep(): void {
    this.#sums.sweep();
  }

  /** All sums at once, so that each change reaches every one of them. */
  #update(): void {
    const { rollup } = this.#state;
    const changes = rollup.takeChanges();
    if (rollup !== this.#rollup || changes === null) this.#sums.clear();
    else if (changes.rows > 0) for (const sum of this.#sums.values()) sum.add(changes);
    this.#rollup = rollup;
  }
}
