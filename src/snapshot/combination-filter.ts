/** What a filter leaves of each of the rollup's combinations, of which there come more as time goes by. */
import type { Combination } from './dimensions.ts';
import { matchesCombination, modelFilterOf } from './filters.ts';
import type { Filters } from './query.ts';

export type Share = 'none' | 'usage' | 'all';

export class CombinationFilter {
  readonly #combinations: readonly Combination[];
  readonly #filters: Filters;
  readonly #modelFiltered: boolean;
  readonly #shares: Share[] = [];

  /** @param combinations the rollup's, by number; it may grow */
  constructor(combinations: readonly Combination[], filters: Filters) {
    this.#combinations = combinations;
    this.#filters = filters;
    this.#modelFiltered = modelFilterOf(filters) !== null;
  }

  /** Under a model filter, user messages count only for their usage. */
  shareOf(number: number): Share {
    for (let next = this.#shares.length; next <= number; next++) {
      const combination = this.#combinations[next] as Combination;
      const matches = matchesCombination(this.#filters, combination);
      const whole = combination.role === 'assistant' || !this.#modelFiltered;
      this.#shares.push(matches ? (whole ? 'all' : 'usage') : 'none');
    }
    return this.#shares[number] as Share;
  }
}
