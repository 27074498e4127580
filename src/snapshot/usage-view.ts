/** The answer of /v1/usage, added up from the rollup: any window of whole quarter hours, any zone, any filter. */
import { increment } from '../compute/counts.ts';
import {
  CACHE_READ,
  CACHE_WRITE,
  COST,
  INPUT,
  MISSING,
  MISSING_TOKENS,
  RECORDS,
  SAVED,
  SAVED_RECORDS,
  TOTAL_TOKENS,
  VIEW_COLUMNS,
} from '../compute/figures.ts';
import { type Milliseconds, QUARTER_MS, quarterOf } from '../units.ts';
import type { Combination } from './dimensions.ts';
import { matchesCombination, modelFilterOf } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import { compareNames, compareText } from './names.ts';
import type { SplitBy, UsageQuery } from './query.ts';
import { OUTSIDE, SeriesSum, UNDATED_BUCKET, userMessagesOf } from './series.ts';
import { countSessions } from './session-count.ts';
import { addCell } from './session-sum.ts';
import type { UsageFigures } from './shapes.ts';
import { compareFigures, dollars, latencyOf, messagesOf, toolsOf, totalsOf } from './totals.ts';
import { previousWindow, resolveWindow, type Window } from './window.ts';

/** Series of a split that stand by themselves; the rest is one more. */
const SPLIT_SERIES = 12;

/** Builds everything of the answer but its snapshot head. Throws `invalid_parameter` for a window that cannot be. */
export function usageView(state: KeptState, query: UsageQuery, now: Milliseconds): UsageFigures {
  const window = resolveWindow(query, now, state.activity());
  const sum = new UsageSum(state, query, window, now);
  const totals = sum.totals();
  const user = sum.modelFiltered ? null : sum.userMessages;
  return {
    window,
    filters: query.filters,
    totals: totalsOf(totals),
    previous: sum.previous === null ? null : totalsOf(sum.previous),
    series: sum.series(),
    split: query.split === null ? null : sum.split(query.split),
    undated: window.range === 'all' ? totalsOf(sum.undated) : null,
    future: sum.future,
    byModel: sum
      .groups(({ provider, model }) => ({ provider, model }))
      .map(({ name: { provider, model }, figures }) => ({ provider, model, totals: totalsOf(figures) })),
    byProvider: sum.by('provider').map(({ name, figures }) => ({ provider: name, totals: totalsOf(figures) })),
    byAgent: sum.by('agent').map(({ name, figures }) => ({ agent: name as string, totals: totalsOf(figures) })),
    byChannel: sum.by('channel').map(({ name, figures }) => ({ channel: name as string, totals: totalsOf(figures) })),
    byKind: sum.by('kind').map(({ name, figures }) => ({ kind: name as string, totals: totalsOf(figures) })),
    tools: sum.tools(),
    messages: messagesOf(totals, user),
    latency: sum.latency(),
    caching: cachingOf(totals),
    prices: { missing: sum.missingPrices() },
    sessionCount: countSessions(state, query.filters, window),
  };
}

interface Group<Name> {
  readonly name: Name;
  readonly figures: Float64Array;
}

class UsageSum {
  userMessages = 0;
  readonly undated = new Float64Array(VIEW_COLUMNS);
  readonly previous: Float64Array | null;
  readonly modelFiltered: boolean;
  future = 0;

  readonly #state: KeptState;
  readonly #series: SeriesSum;
  readonly #byCombination: Float64Array;
  readonly #matches: Uint8Array;
  /** Rows that count in full, for the tables of tools and latencies. */
  readonly #inWindow: Uint8Array;

  constructor(state: KeptState, query: UsageQuery, window: Window, now: Milliseconds) {
    const { rollup } = state;
    const { items } = rollup.combinations;
    this.#state = state;
    this.#series = new SeriesSum(window);
    this.modelFiltered = modelFilterOf(query.filters) !== null;
    this.#matches = Uint8Array.from(items, (combination) => (matchesCombination(query.filters, combination) ? 1 : 0));
    this.#byCombination = new Float64Array(items.length * VIEW_COLUMNS);
    this.#inWindow = new Uint8Array(rollup.rows);
    const before = previousWindow(window, now);
    this.previous = before === null ? null : new Float64Array(VIEW_COLUMNS);
    const previousStart = before === null ? 0 : before.start / QUARTER_MS;
    const previousEnd = before === null ? 0 : before.end / QUARTER_MS;
    const lastQuarter = quarterOf(now);

    for (let row = 0; row < rollup.rows; row++) {
      const combination = rollup.rowCombinations[row] as number;
      if (this.#matches[combination] === 0) continue;
      const quarter = rollup.quarters[row] as number;
      const base = row * VIEW_COLUMNS;
      const role = items[combination]?.role ?? 'assistant';
      const usageOnly = role === 'user' && this.modelFiltered;
      if (quarter > lastQuarter) this.future += rollup.figures[base + RECORDS] as number;
      if (this.previous !== null && quarter >= previousStart && quarter < previousEnd) {
        addCell(this.previous, 0, rollup.figures, base, usageOnly);
      }
      const index = this.#series.indexOf(quarter);
      if (index === OUTSIDE) continue;
      if (!usageOnly) this.#inWindow[row] = 1;
      const userMessages = usageOnly ? 0 : userMessagesOf(role, rollup.figures, base);
      this.userMessages += userMessages;
      addCell(this.#byCombination, combination * VIEW_COLUMNS, rollup.figures, base, usageOnly);
      if (index === UNDATED_BUCKET) addCell(this.undated, 0, rollup.figures, base, usageOnly);
      else this.#series.add(index, rollup.figures, base, usageOnly, userMessages);
    }
  }

  totals(): Float64Array {
    const totals = new Float64Array(VIEW_COLUMNS);
    for (let base = 0; base < this.#byCombination.length; base += VIEW_COLUMNS) {
      addCell(totals, 0, this.#byCombination, base, false);
    }
    return totals;
  }

  series(): UsageFigures['series'] {
    return this.#series.rows(this.modelFiltered);
  }

  /** Groups with usage, dearest first; names that compare equal are one group. */
  groups<Name extends { provider: string | null; model: string | null }>(
    nameOf: (combination: Combination) => Name,
  ): Group<Name>[] {
    return this.#grouped(
      nameOf,
      // The length, so that no two pairs of names run together to the same text.
      ({ provider, model }) => `${provider?.length ?? ''} ${provider ?? ''}${model === null ? '' : `=${model}`}`,
    ).sort((a, b) => compareFigures(a.figures, b.figures) || compareNames(a.name, b.name));
  }

  by(dimension: Exclude<SplitBy, 'model'>): Group<string | null>[] {
    return this.#byText((combination) => combination[dimension]);
  }

  /** The series of the groups with most cost, aligned with series(), and of the rest. */
  split(by: SplitBy): UsageFigures['split'] {
    const nameOf = (combination: Combination) => splitName(by, combination);
    const groups = this.#byText(nameOf);
    const shown = groups.slice(0, SPLIT_SERIES).map(({ name }) => name);
    const rows = this.#series.indices();
    const column = new Map(rows.map((index, at) => [index, at]));
    const blank = () => ({
      cost: new Array<number>(rows.length).fill(0),
      tokens: new Array<number>(rows.length).fill(0),
    });
    const series = new Map(shown.map((name) => [name, blank()]));
    const rest = blank();
    const { rollup } = this.#state;
    const ofCombination = rollup.combinations.items.map((combination) => series.get(nameOf(combination)) ?? rest);
    for (let row = 0; row < rollup.rows; row++) {
      const combination = rollup.rowCombinations[row] as number;
      if (this.#matches[combination] === 0) continue;
      const at = column.get(this.#series.rowOf(this.#series.indexOf(rollup.quarters[row] as number)));
      // Outside the window, undated, or in a bucket in which nothing counted.
      if (at === undefined) continue;
      const target = ofCombination[combination] as { cost: number[]; tokens: number[] };
      const base = row * VIEW_COLUMNS;
      target.cost[at] = (target.cost[at] as number) + (rollup.figures[base + COST] as number);
      target.tokens[at] = (target.tokens[at] as number) + (rollup.figures[base + TOTAL_TOKENS] as number);
    }
    const named: [string | null, { cost: number[]; tokens: number[] }][] = [...series];
    if (groups.length > SPLIT_SERIES) named.push([null, rest]);
    return {
      by,
      rows: named.map(([name, { cost, tokens }]) => ({ name, cost: cost.map(dollars), totalTokens: tokens })),
    };
  }

  tools(): UsageFigures['tools'] {
    const { rollup } = this.#state;
    const calls = new Map<string, number>();
    rollup.forEachTool((row, tool, count) => {
      if (this.#inWindow[row] === 1) increment(calls, rollup.tools.items[tool] as string, count);
    });
    return toolsOf(calls);
  }

  latency(): UsageFigures['latency'] {
    return latencyOf(this.totals(), (bag) => {
      this.#state.rollup.forEachLatency((row, latency, count) => {
        if (this.#inWindow[row] === 1) bag.add(latency, count);
      });
    });
  }

  missingPrices(): UsageFigures['prices']['missing'] {
    return this.groups(({ provider, model }) => ({ provider, model }))
      .filter(({ figures }) => (figures[MISSING] as number) > 0)
      .map(({ name: { provider, model }, figures }) => ({
        provider,
        model,
        records: figures[MISSING] as number,
        tokens: figures[MISSING_TOKENS] as number,
      }))
      .sort((a, b) => b.records - a.records || b.tokens - a.tokens || compareNames(a, b));
  }

  #byText(nameOf: (combination: Combination) => string | null): Group<string | null>[] {
    return this.#grouped(nameOf, (name) => name).sort(
      (a, b) => compareFigures(a.figures, b.figures) || compareText(a.name, b.name),
    );
  }

  #grouped<Name>(nameOf: (combination: Combination) => Name, keyOf: (name: Name) => string | null): Group<Name>[] {
    const groups = new Map<string | null, Group<Name>>();
    this.#state.rollup.combinations.items.forEach((combination, number) => {
      const base = number * VIEW_COLUMNS;
      if ((this.#byCombination[base + RECORDS] as number) === 0) return;
      const name = nameOf(combination);
      const key = keyOf(name);
      let group = groups.get(key);
      if (group === undefined) {
        group = { name, figures: new Float64Array(VIEW_COLUMNS) };
        groups.set(key, group);
      }
      addCell(group.figures, 0, this.#byCombination, base, false);
    });
    return [...groups.values()];
  }
}

function cachingOf(totals: Float64Array): UsageFigures['caching'] {
  const read = totals[CACHE_READ] as number;
  const all = (totals[INPUT] as number) + read + (totals[CACHE_WRITE] as number);
  return {
    share: all === 0 ? null : read / all,
    saved: totals[SAVED_RECORDS] === 0 ? null : dollars(totals[SAVED] as number),
  };
}

function splitName(by: SplitBy, { provider, model, ...filing }: Combination): string {
  if (by === 'model') return provider && model ? `${provider}/${model}` : (model ?? provider ?? 'none');
  if (by === 'provider') return provider ?? 'none';
  return filing[by];
}
