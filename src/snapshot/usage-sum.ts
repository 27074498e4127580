/** Everything that /v1/usage says of a window: totals, series, groups, tools and latencies, from rows of the rollup. */
import { increment } from '../compute/counts.ts';
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { CombinationFilter } from './combination-filter.ts';
import { CombinationSums } from './combination-sums.ts';
import type { Combination } from './dimensions.ts';
import { type Group, Grouping } from './grouping.ts';
import { LatencySum } from './latency-sum.ts';
import { compareNames, compareText } from './names.ts';
import type { SplitBy } from './query.ts';
import type { Rollup } from './rollup.ts';
import type { Reach, RollupBlock } from './rollup-block.ts';
import type { RollupSum } from './rollup-sum.ts';
import { OUTSIDE, SeriesSum, UNDATED_BUCKET, userMessagesOf } from './series.ts';
import { addCell, spanOf } from './session-sum.ts';
import type { UsageFigures } from './shapes.ts';
import { splitName } from './split-sum.ts';
import { compareFigures, latencyOf, toolsOf } from './totals.ts';
import type { Window } from './window.ts';

export interface ModelName {
  readonly provider: string | null;
  readonly model: string | null;
}

type Groupings = {
  readonly [Dimension in 'provider' | 'agent' | 'channel' | 'kind']: Grouping<Combination[Dimension]>;
};

export class UsageSum implements RollupSum {
  readonly reach: Reach;
  readonly series: SeriesSum;
  readonly undated = new Float64Array(VIEW_COLUMNS);
  userMessages = 0;
  readonly #combinations: readonly Combination[];
  readonly #toolNames: readonly string[];
  readonly #filter: CombinationFilter;
  readonly #models: Grouping<ModelName>;
  readonly #groupings: Groupings;
  readonly #splits = new Map<SplitBy, Grouping<string>>();
  readonly #sums = new CombinationSums();
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
    this.#models = new Grouping(
      combinations.items,
      ({ provider, model }): ModelName => ({ provider, model }),
      // The length, so that no two pairs of names run together to the same text.
      ({ provider, model }) => `${provider?.length ?? ''} ${provider ?? ''}${model === null ? '' : `=${model}`}`,
    );
    this.#groupings = {
      provider: new Grouping(combinations.items, (it) => it.provider, same),
      agent: new Grouping(combinations.items, (it) => it.agent, same),
      channel: new Grouping(combinations.items, (it) => it.channel, same),
      kind: new Grouping(combinations.items, (it) => it.kind, same),
    };
  }

  add(block: RollupBlock): void {
    const { rows, quarters, combinations, figures } = block;
    if (this.#whole.length < rows) this.#whole = new Uint8Array(rows);
    this.#sums.begin(this.#combinations.length);
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
      this.#sums.add(combination, figures, base, usageOnly);
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

  /** Not to be changed. */
  totals(): Float64Array {
    return this.#sums.totals();
  }

  /** Models with usage, dearest first. */
  byModel(): Group<ModelName>[] {
    return this.#models
      .summed(this.#sums)
      .sort((a, b) => compareFigures(a.figures, b.figures) || compareNames(a.name, b.name));
  }

  /** Groups with usage, dearest first; equal names are one group. */
  by<Dimension extends keyof Groupings>(dimension: Dimension): Group<Combination[Dimension]>[] {
    return dearestFirst(this.#groupings[dimension].summed(this.#sums));
  }

  /** The names of a split with usage, dearest first. */
  splitNames(by: SplitBy): string[] {
    let grouping = this.#splits.get(by);
    if (grouping === undefined) {
      grouping = new Grouping(this.#combinations, (combination) => splitName(by, combination), same);
      this.#splits.set(by, grouping);
    }
    return dearestFirst(grouping.summed(this.#sums)).map(({ name }) => name);
  }

  tools(): UsageFigures['tools'] {
    const called = [...this.#tools].filter(([, calls]) => calls > 0);
    return toolsOf(new Map(called.map(([tool, calls]) => [this.#toolNames[tool] as string, calls])));
  }

  latency(totals: Float64Array): UsageFigures['latency'] {
    return latencyOf(totals, this.#latencies);
  }
}

function dearestFirst<Name extends string | null>(groups: Group<Name>[]): Group<Name>[] {
  return groups.sort((a, b) => compareFigures(a.figures, b.figures) || compareText(a.name, b.name));
}

function same<Name>(name: Name): Name {
  return name;
}
