/** Everything that /v1/usage says of a window: totals, series, groups, tools and latencies, from rows of the rollup. */
import { increment } from '../compute/counts.ts';
import { MISSING, MISSING_TOKENS, RECORDS, VIEW_COLUMNS } from '../compute/figures.ts';
import type { CombinationFilter } from './combination-filter.ts';
import type { Combination } from './dimensions.ts';
import { LatencySum } from './latency-sum.ts';
import { compareNames, compareText } from './names.ts';
import type { Rollup } from './rollup.ts';
import type { Reach, RollupBlock } from './rollup-block.ts';
import type { RollupSum } from './rollup-sum.ts';
import { OUTSIDE, SeriesSum, UNDATED_BUCKET, userMessagesOf } from './series.ts';
import { addCell, spanOf } from './session-sum.ts';
import type { UsageFigures } from './shapes.ts';
import { compareFigures, latencyOf, toolsOf } from './totals.ts';
import type { Window } from './window.ts';

/** Figures under a name. */
export interface Group<Name> {
  readonly name: Name;
  readonly figures: Float64Array;
}

export class UsageSum implements RollupSum {
  readonly reach: Reach;
  readonly series: SeriesSum;
  readonly undated = new Float64Array(VIEW_COLUMNS);
  userMessages = 0;
  readonly #combinations: readonly Combination[];
  readonly #toolNames: readonly string[];
  readonly #filter: CombinationFilter;
  #byCombination = new Float64Array(0);
  /** Calls by number of the tool. */
  readonly #tools = new Map<number, number>();
  readonly #latencies = new LatencySum();
  /** By row of the block at hand: whether its tools and latencies count. */
  #whole = new Uint8Array(0);

  constructor({ combinations, tools }: Rollup, filter: CombinationFilter, window: Window) {
    this.reach = spanOf(window);
    this.series = new SeriesSum(window);
    this.#combinations = combinations.items;
    this.#toolNames = tools.items;
    this.#filter = filter;
  }

  add(block: RollupBlock): void {
    const { rows, quarters, combinations, figures } = block;
    this.#makeRoom(rows);
    let whole = 0;
    for (let row = 0; row < rows; row++) {
      const combination = combinations[row] as number;
      const share = this.#filter.shareOf(combination);
      const index = share === 'none' ? OUTSIDE : this.series.indexOf(quarters[row] as number);
      this.#whole[row] = index !== OUTSIDE && share === 'all' ? 1 : 0;
      if (index === OUTSIDE) continue;
      whole += this.#whole[row] as number;
      const base = row * VIEW_COLUMNS;
      const usageOnly = share === 'usage';
      const role = this.#combinations[combination]?.role ?? 'assistant';
      const userMessages = usageOnly ? 0 : userMessagesOf(role, figures, base);
      this.userMessages += userMessages;
      addCell(this.#byCombination, combination * VIEW_COLUMNS, figures, base, usageOnly);
      if (index === UNDATED_BUCKET) addCell(this.undated, 0, figures, base, usageOnly);
      else this.series.add(index, figures, base, usageOnly, userMessages);
    }
    if (whole === 0) return;
    block.forEachTool((row, tool, calls) => {
      if (this.#whole[row] === 1) increment(this.#tools, tool, calls);
    });
    block.forEachLatency((row, latency, count) => {
      if (this.#whole[row] === 1) this.#latencies.add(latency, count);
    });
  }

  totals(): Float64Array {
    const totals = new Float64Array(VIEW_COLUMNS);
    for (let base = 0; base < this.#byCombination.length; base += VIEW_COLUMNS) {
      addCell(totals, 0, this.#byCombination, base, false);
    }
    return totals;
  }

  /** Models with usage, dearest first. */
  byModel(): Group<{ provider: string | null; model: string | null }>[] {
    return this.#grouped(
      ({ provider, model }) => ({ provider, model }),
      // The length, so that no two pairs of names run together to the same text.
      ({ provider, model }) => `${provider?.length ?? ''} ${provider ?? ''}${model === null ? '' : `=${model}`}`,
    ).sort((a, b) => compareFigures(a.figures, b.figures) || compareNames(a.name, b.name));
  }

  /** Groups with usage, dearest first; equal names are one group. */
  by<Name extends string | null>(nameOf: (combination: Combination) => Name): Group<Name>[] {
    return this.#grouped(nameOf, (name) => name).sort(
      (a, b) => compareFigures(a.figures, b.figures) || compareText(a.name, b.name),
    );
  }

  tools(): UsageFigures['tools'] {
    const called = [...this.#tools].filter(([, calls]) => calls > 0);
    return toolsOf(new Map(called.map(([tool, calls]) => [this.#toolNames[tool] as string, calls])));
  }

  latency(): UsageFigures['latency'] {
    return latencyOf(this.totals(), this.#latencies);
  }

  missingPrices(): UsageFigures['prices']['missing'] {
    return this.byModel()
      .filter(({ figures }) => (figures[MISSING] as number) > 0)
      .map(({ name: { provider, model }, figures }) => ({
        provider,
        model,
        records: figures[MISSING] as number,
        tokens: figures[MISSING_TOKENS] as number,
      }))
      .sort((a, b) => b.records - a.records || b.tokens - a.tokens || compareNames(a, b));
  }

  #grouped<Name>(nameOf: (combination: Combination) => Name, keyOf: (name: Name) => string | null): Group<Name>[] {
    const groups = new Map<string | null, Group<Name>>();
    for (let base = 0; base < this.#byCombination.length; base += VIEW_COLUMNS) {
      if ((this.#byCombination[base + RECORDS] as number) === 0) continue;
      const name = nameOf(this.#combinations[base / VIEW_COLUMNS] as Combination);
      const key = keyOf(name);
      let group = groups.get(key);
      if (group === undefined) {
        group = { name, figures: new Float64Array(VIEW_COLUMNS) };
        groups.set(key, group);
      }
      addCell(group.figures, 0, this.#byCombination, base, false);
    }
    return [...groups.values()];
  }

  /** For the rows of a block, and for the combinations that there are by now. */
  #makeRoom(rows: number): void {
    if (this.#whole.length < rows) this.#whole = new Uint8Array(rows);
    const columns = this.#combinations.length * VIEW_COLUMNS;
    if (this.#byCombination.length >= columns) return;
    const grown = new Float64Array(columns);
    grown.set(this.#byCombination);
    this.#byCombination = grown;
  }
}
