/** Usage as rows: one for each step of a window and each agent, channel, kind, provider and model that something counts for. */
import { VIEW_COLUMNS } from '../../compute/figures.ts';
import { CombinationFilter } from '../combination-filter.ts';
import { type Combination, Interner } from '../dimensions.ts';
import { modelFilterOf } from '../filters.ts';
import type { KeptState } from '../kept-state.ts';
import { compareNames, compareText } from '../names.ts';
import type { Filters } from '../query.ts';
import { BucketIndex, OUTSIDE, UNDATED_BUCKET, userMessagesOf } from '../series.ts';
import { addCell, spanOf } from '../session-sum.ts';
import { type Buckets, bucketsOf, type Window } from '../window.ts';
import type { Columns, ExportRow } from './export-lines.ts';
import { figureCells, figureColumns } from './figure-columns.ts';

export const usageColumns: Columns = {
  date: 'text',
  start: 'text',
  agent: 'text',
  channel: 'text',
  kind: 'text',
  provider: 'text',
  model: 'text',
  ...figureColumns,
};

type Group = Omit<Combination, 'role'>;

interface Sum {
  readonly group: Group;
  readonly figures: Float64Array;
  userMessages: number;
}

/**
 * In the order of time, then of the names; undated ones, which `range=all` counts, last and without a date. All of them
 * are of the moment of the call, whatever changes until the last one is taken: no more is held than the rows of a step.
 */
export function usageRows(state: KeptState, filters: Filters, window: Window): Generator<ExportRow> {
  const { rollup } = state;
  return summedRows(rollup.rowsWithin(spanOf(window)), rollup.combinations.items, filters, window);
}

function* summedRows(
  rows: ReturnType<KeptState['rollup']['rowsWithin']>,
  combinations: readonly Combination[],
  filters: Filters,
  window: Window,
): Generator<ExportRow> {
  const filter = new CombinationFilter(combinations, filters);
  const userless = modelFilterOf(filters) !== null;
  const buckets = bucketsOf(window);
  const bucketIndex = new BucketIndex(window, buckets);
  const groups = new Interner(({ agent, channel, kind, provider, model }: Group) =>
    JSON.stringify([agent, channel, kind, provider, model]),
  );
  const groupOf: number[] = [];
  const sums = new Map<number, Sum>();
  let step = OUTSIDE;
  for (const { quarter, combination, figures } of rows) {
    const share = filter.shareOf(combination);
    const bucket = share === 'none' ? OUTSIDE : bucketIndex.of(quarter);
    if (bucket === OUTSIDE) continue;
    if (bucket !== step) {
      yield* rowsOf(sums, buckets, step, userless);
      sums.clear();
      step = bucket;
    }
    const { role, ...group } = combinations[combination] as Combination;
    groupOf[combination] ??= groups.numberOf(group);
    const number = groupOf[combination];
    let sum = sums.get(number);
    if (sum === undefined) {
      sum = { group, figures: new Float64Array(VIEW_COLUMNS), userMessages: 0 };
      sums.set(number, sum);
    }
    const usageOnly = share === 'usage';
    addCell(sum.figures, 0, figures, 0, usageOnly);
    if (!usageOnly) sum.userMessages += userMessagesOf(role, figures, 0);
  }
  yield* rowsOf(sums, buckets, step, userless);
}

function* rowsOf(
  sums: ReadonlyMap<number, Sum>,
  buckets: Buckets,
  step: number,
  userless: boolean,
): Generator<ExportRow> {
  const dated = step !== UNDATED_BUCKET && step !== OUTSIDE;
  const date = dated ? buckets.dateOf(step) : null;
  const start = dated ? new Date(buckets.startOf(step)).toISOString() : null;
  for (const { group, figures, userMessages } of [...sums.values()].sort((a, b) => compareGroups(a.group, b.group))) {
    // What was taken out again leaves zeros.
    if (figures.every((figure) => figure === 0)) continue;
    const { agent, channel, kind, provider, model } = group;
    yield [date, start, agent, channel, kind, provider, model, ...figureCells(figures, userless ? null : userMessages)];
  }
}

function compareGroups(a: Group, b: Group): number {
  return (
    compareText(a.agent, b.agent) ||
    compareText(a.channel, b.channel) ||
    compareText(a.kind, b.kind) ||
    compareNames(a, b)
  );
}
