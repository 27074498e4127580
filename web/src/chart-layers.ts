/** What a chart is drawn from: a layer for each name of the split, aligned with the steps of the series. */
import type { Measure } from '../../src/page/route.ts';
import type { Series, Totals, UsageFigures } from '../../src/snapshot/shapes.ts';
import { dayWords, hourOf } from './moments.ts';

export interface Layer {
  readonly name: string;
  readonly values: readonly number[];
  readonly total: number;
  /** How much of it has a price: of a cost, what a figure alone would hide. */
  readonly priced: 'all' | 'some' | 'none';
  /** Its place in the palette of style.css. */
  readonly color: number;
}

/** The color of all that has no layer of its own. */
const REST = 12;

export function layersOf(answer: UsageFigures, measure: Measure): Layer[] {
  const totals = new Map(namesOf(answer));
  return (answer.split?.rows ?? []).map(({ name, cost, totalTokens }, at) =>
    layerOf(name ?? 'the rest', measure === 'cost' ? cost : totalTokens, {
      color: name === null ? REST : at,
      priced: measure === 'cost' ? pricedOf(totals.get(name ?? '')) : 'all',
    }),
  );
}

/** One layer for all. */
export function wholeLayer(series: Series, measure: Measure): Layer {
  const values = series.map(({ totals }) => (measure === 'cost' ? totals.cost : totals.totalTokens));
  return layerOf('all', values, { color: 0, priced: 'all' });
}

export function hasNoPrice({ missing, records }: Pick<Totals, 'missing' | 'records'>): boolean {
  return missing > 0 && missing === records;
}

/** A step of a series as its axis says it: 12 Nov, or 14:00. */
export function stepWords({ start, date }: Series[number], granularity: string): string {
  return granularity === 'day' ? dayWords(date) : `${String(hourOf(start).hour).padStart(2, '0')}:00`;
}

function pricedOf(totals: Totals | undefined): Layer['priced'] {
  if (totals === undefined || totals.missing === 0) return 'all';
  return hasNoPrice(totals) ? 'none' : 'some';
}

/** The names of a split with their totals; models as the split calls them. */
function namesOf({ split, byModel, byProvider, byAgent, byChannel, byKind }: UsageFigures): [string, Totals][] {
  switch (split?.by) {
    case 'model':
      return byModel.map(({ provider, model, totals }) => [
        provider && model ? `${provider}/${model}` : (model ?? provider ?? 'none'),
        totals,
      ]);
    case 'provider':
      return byProvider.map(({ provider, totals }) => [provider ?? 'none', totals]);
    case 'agent':
      return byAgent.map(({ agent, totals }) => [agent, totals]);
    case 'channel':
      return byChannel.map(({ channel, totals }) => [channel, totals]);
    default:
      return byKind.map(({ kind, totals }) => [kind, totals]);
  }
}

function layerOf(name: string, values: readonly number[], look: Pick<Layer, 'color' | 'priced'>): Layer {
  return { name, values, total: values.reduce((sum, value) => sum + value, 0), ...look };
}
