/**
 * The rollup's combinations told apart by some of their names. The group of each is found once, and remembered; a group is
 * added up anew only where one of its combinations changed.
 */
import { RECORDS, VIEW_COLUMNS } from '../compute/figures.ts';
import type { CombinationSums } from './combination-sums.ts';
import type { Combination } from './dimensions.ts';
import { addCell } from './session-sum.ts';

/** Figures under a name; never changed: one whose figures are others is another object. */
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
  /** By number, as they were last added up; none where there was no usage. */
  readonly #groups: (Group<Name> | undefined)[] = [];
  #seen = 0;

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

  /** Sums of the groups with usage, in no order. @param sums the same at each call */
  summed({ figures, changedAt, turn }: CombinationSums): Group<Name>[] {
    const stale = new Set<number>();
    for (let combination = 0; combination < changedAt.length; combination++) {
      if ((changedAt[combination] as number) > this.#seen) stale.add(this.#numberOf(combination));
    }
    for (const number of stale) this.#groups[number] = undefined;
    this.#seen = turn;
    if (stale.size > 0) this.#addUp(figures, stale);
    return this.#groups.filter((group) => group !== undefined);
  }

  #addUp(figures: Float64Array, numbers: ReadonlySet<number>): void {
    for (let combination = 0, base = 0; combination < this.#groupOf.length; combination++, base += VIEW_COLUMNS) {
      const number = this.#groupOf[combination] as number;
      if (!numbers.has(number) || figures[base + RECORDS] === 0) continue;
      let group = this.#groups[number];
      if (group === undefined) {
        group = { name: this.#names[number] as Name, figures: new Float64Array(VIEW_COLUMNS) };
        this.#groups[number] = group;
      }
      addCell(group.figures, 0, figures, base, false);
    }
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
