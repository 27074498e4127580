/** The rollup's combinations told apart by some of their names. The group of each is found once, and remembered. */
import { RECORDS, VIEW_COLUMNS } from '../compute/figures.ts';
import type { Combination } from './dimensions.ts';
import { addCell } from './session-sum.ts';

/** Figures under a name. */
export interface Group<Name> {
  readonly name: Name;
  readonly figures: Float64Array;
}

export class Grouping<Name> {
  readonly #combinations: readonly Combination[];
  readonly #nameOf: (combination: Combination) => Name;
  readonly #keyOf: (name: Name) => string | null;
  readonly #names: Name[] = [];
  readonly #numbers = new Map<string | null, number>();
  /** Number of the group by combination. */
  readonly #groupOf: number[] = [];

  /**
   * @param combinations the rollup's, by number; it may grow
   * @param keyOf equal keys are one group
   */
  constructor(
    combinations: readonly Combination[],
    nameOf: (combination: Combination) => Name,
    keyOf: (name: Name) => string | null,
  ) {
    this.#combinations = combinations;
    this.#nameOf = nameOf;
    this.#keyOf = keyOf;
  }

  /** Sums of the groups with usage, in no order; `figures` are those of all combinations by number. */
  summed(figures: Float64Array): Group<Name>[] {
    const groups: (Group<Name> | undefined)[] = [];
    for (let base = 0, combination = 0; base < figures.length; base += VIEW_COLUMNS, combination++) {
      if (figures[base + RECORDS] === 0) continue;
      const number = this.#numberOf(combination);
      let group = groups[number];
      if (group === undefined) {
        group = { name: this.#names[number] as Name, figures: new Float64Array(VIEW_COLUMNS) };
        groups[number] = group;
      }
      addCell(group.figures, 0, figures, base, false);
    }
    return groups.filter((group) => group !== undefined);
  }

  #numberOf(combination: number): number {
    for (let next = this.#groupOf.length; next <= combination; next++) {
      const name = this.#nameOf(this.#combinations[next] as Combination);
      const key = this.#keyOf(name);
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = this.#names.push(name) - 1;
        this.#numbers.set(key, number);
      }
      this.#groupOf.push(number);
    }
    return this.#groupOf[combination] as number;
  }
}
