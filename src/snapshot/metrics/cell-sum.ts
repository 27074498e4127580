/** What the rollup holds by agent, provider, model and channel, whatever its date: what the counters of usage follow. */
import type { CounterLabels } from '../../cache/counter-ledger.ts';
import { CACHE_READ, CACHE_WRITE, COST, INPUT, MISSING, OUTPUT, RECORDS, VIEW_COLUMNS } from '../../compute/figures.ts';
import type { Combination } from '../dimensions.ts';
import type { Reach, RollupBlock } from '../rollup-block.ts';
import type { RollupSum } from '../rollup-sum.ts';

/** The sum of one cell. */
export interface CellTotal {
  readonly labels: CounterLabels;
  /** By AMOUNTS of counter-ledger.ts. */
  readonly amounts: Float64Array;
}

/** Names come from transcripts, where they can be of any length. */
const MAX_LABEL = 128;

/** The columns of the amounts, in the order of AMOUNTS. */
const COUNTED = [RECORDS, INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, COST] as const;

export class CellSum implements RollupSum {
  readonly reach: Reach = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, undated: true };
  /** Records without any price. */
  missing = 0;
  readonly #combinations: readonly Combination[];
  readonly #cells: CellTotal[] = [];
  readonly #byKey = new Map<string, CellTotal>();
  readonly #cellOf: CellTotal[] = [];

  /** @param combinations the rollup's, by number; it may grow */
  constructor(combinations: readonly Combination[]) {
    this.#combinations = combinations;
  }

  add({ rows, combinations, figures }: RollupBlock): void {
    for (let row = 0; row < rows; row++) {
      const base = row * VIEW_COLUMNS;
      const { amounts } = this.#cell(combinations[row] as number);
      COUNTED.forEach((column, at) => {
        amounts[at] = (amounts[at] as number) + (figures[base + column] as number);
      });
      this.missing += figures[base + MISSING] as number;
    }
  }

  /** Every cell once, those without usage too. Not to be changed. */
  cells(): readonly CellTotal[] {
    return this.#cells;
  }

  #cell(combination: number): CellTotal {
    let cell = this.#cellOf[combination];
    if (cell === undefined) {
      cell = this.#enter(this.#combinations[combination] as Combination);
      this.#cellOf[combination] = cell;
    }
    return cell;
  }

  #enter({ agent, provider, model, channel }: Combination): CellTotal {
    const labels = {
      agent: label(agent),
      provider: label(provider ?? 'none'),
      model: label(model ?? 'none'),
      channel: label(channel),
    };
    const key = JSON.stringify(labels);
    let cell = this.#byKey.get(key);
    if (cell === undefined) {
      cell = { labels, amounts: new Float64Array(COUNTED.length) };
      this.#byKey.set(key, cell);
      this.#cells.push(cell);
    }
    return cell;
  }
}

/** As it leaves in UTF-8, so that no two series have the same labels; equal ones are one cell. */
function label(name: string): string {
  return name.slice(0, MAX_LABEL).replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
