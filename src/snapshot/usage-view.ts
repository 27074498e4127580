/** The answer of /v1/usage, added up from the rollup: any window of whole quarter hours, any zone, any filter. */
import {
  CACHE_READ,
  CACHE_WRITE,
  INPUT,
  MISSING,
  MISSING_TOKENS,
  RECORDS,
  SAVED,
  SAVED_RECORDS,
} from '../compute/figures.ts';
import { type Milliseconds, QUARTER_MS, quarterOf } from '../units.ts';
import { CombinationFilter } from './combination-filter.ts';
import { modelFilterOf } from './filters.ts';
import type { Group } from './grouping.ts';
import type { KeptState } from './kept-state.ts';
import { compareNames } from './names.ts';
import type { UsageQuery } from './query.ts';
import type { Reach } from './rollup-block.ts';
import { type RollupSum, SpanSum } from './rollup-sum.ts';
import type { UsageFigures } from './shapes.ts';
import { SplitSum } from './split-sum.ts';
import { dollars, messagesOf, totalsOf } from './totals.ts';
import { type ModelName, UsageSum } from './usage-sum.ts';
import { FreshSources, type ViewSources } from './view-sources.ts';
import { previousWindow, resolveWindow, type Window } from './window.ts';

/**
 * Builds everything of the answer but its snapshot head. Throws `invalid_parameter` for a window that cannot be.
 * @param sources what it is added up from
 */
export function usageView(
  state: KeptState,
  query: UsageQuery,
  now: Milliseconds,
  sources: ViewSources = new FreshSources(state),
): UsageFigures {
  const { filters, split } = query;
  const { rollup } = state;
  const window = resolveWindow(query, now, state.activity());
  const filter = new CombinationFilter(rollup.combinations.items, filters);
  const sumOf = <Sum extends RollupSum>(of: readonly unknown[], make: () => Sum) =>
    sources.sums.of(JSON.stringify([filters, ...of]), make);
  const spanSum = (reach: Reach) => sumOf(['span', reach.start, reach.end], () => new SpanSum(reach, filter)).figures;
  const sum = sumOf(['usage', window], () => new UsageSum(rollup, filter, window));
  const before = reachBefore(window, now);
  const totals = sum.totals();
  const models = sum.byModel();
  const modelFiltered = modelFilterOf(filters) !== null;
  return {
    window,
    filters,
    totals: totalsOf(totals),
    previous: before === null ? null : totalsOf(spanSum(before)),
    series: sum.series.rows(modelFiltered),
    split:
      split === null
        ? null
        : sumOf(['split', window, split], () => new SplitSum(rollup, filter, window, split)).rows(
            sum.splitNames(split),
            sum.series.layout(),
          ),
    undated: window.range === 'all' ? totalsOf(sum.undated) : null,
    future: spanSum(reachAfter(now))[RECORDS] as number,
    byModel: models.map(({ name: { provider, model }, figures }) => ({ provider, model, totals: totalsOf(figures) })),
    byProvider: sum.by('provider').map(({ name, figures }) => ({ provider: name, totals: totalsOf(figures) })),
    byAgent: sum.by('agent').map(({ name, figures }) => ({ agent: name, totals: totalsOf(figures) })),
    byChannel: sum.by('channel').map(({ name, figures }) => ({ channel: name, totals: totalsOf(figures) })),
    byKind: sum.by('kind').map(({ name, figures }) => ({ kind: name, totals: totalsOf(figures) })),
    tools: sum.tools(),
    messages: messagesOf(totals, modelFiltered ? null : sum.userMessages),
    latency: sum.latency(totals),
    caching: cachingOf(totals),
    prices: { missing: missingOf(models) },
    sessionCount: sources.countSessions(filters, window),
  };
}

/** The window before, if there is one. */
function reachBefore(window: Window, now: Milliseconds): Reach | null {
  const before = previousWindow(window, now);
  return before === null ? null : { start: before.start / QUARTER_MS, end: before.end / QUARTER_MS, undated: false };
}

/** All that is dated after the present quarter hour. */
function reachAfter(now: Milliseconds): Reach {
  return { start: quarterOf(now) + 1, end: Number.POSITIVE_INFINITY, undated: false };
}

function missingOf(models: readonly Group<ModelName>[]): UsageFigures['prices']['missing'] {
  return models
    .filter(({ figures }) => (figures[MISSING] as number) > 0)
    .map(({ name: { provider, model }, figures }) => ({
      provider,
      model,
      records: figures[MISSING] as number,
      tokens: figures[MISSING_TOKENS] as number,
    }))
    .sort((a, b) => b.records - a.records || b.tokens - a.tokens || compareNames(a, b));
}

function cachingOf(totals: Float64Array): UsageFigures['caching'] {
  const read = totals[CACHE_READ] as number;
  const all = (totals[INPUT] as number) + read + (totals[CACHE_WRITE] as number);
  return {
    share: all === 0 ? null : read / all,
    saved: totals[SAVED_RECORDS] === 0 ? null : dollars(totals[SAVED] as number),
  };
}
