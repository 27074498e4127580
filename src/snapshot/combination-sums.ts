/** Figures summed by combination of dimensions, and when each of them last changed. */
import { VIEW_COLUMNS } from '../compute/figures.ts';
import { addCell } from './session-sum.ts';

export class CombinationSums {
  /** By number of the combination. */
  figures = new Float64Array(0);
  /** The turn in which each combination last changed; 0 for those that nothing was added to. */
  changedAt = new Uint32Array(0);
  turn = 0;
  /** Null until somebody asks. */
  #totals: Float64Array | null = null;

  /** Begins to add something. @param combinations how many there are by now */
  begin(combinations: number): void {
    this.turn++;
    if (this.changedAt.length >= combinations) return;
    const [figures, changedAt] = [new Float64Array(combinations * VIEW_COLUMNS), new Uint32Array(combinations)];
    figures.set(this.figures);
    changedAt.set(this.changedAt);
    this.figures = figures;
    this.changedAt = changedAt;
  }

  /** Adds what counts of a cell: see addCell(). */
  add(combination: number, source: Float64Array, base: number, usageOnly: boolean): void {
    this.changedAt[combination] = this.turn;
    addCell(this.figures, combination * VIEW_COLUMNS, source, base, usageOnly);
    if (this.#totals !== null) addCell(this.#totals, 0, source, base, usageOnly);
  }

  /** Of all combinations; not to be changed. */
  totals(): Float64Array {
    if (this.#totals === null) {
      this.#totals = new Float64Array(VIEW_COLUMNS);
      for (let base = 0; base < this.figures.length; base += VIEW_COLUMNS) {
        addCell(this.#totals, 0, this.figures, base, false);
      }
    }
    return this.#totals;
  }
}
