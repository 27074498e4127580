/** Usage by model, and by day and model, in the gateway's answers. */
import type { Cell, ModelKey } from '../../compute/digest.ts';
import { RECORDS } from '../../compute/figures.ts';
import type { NanoDollars } from '../../units.ts';
import { dollars } from '../totals.ts';
import type { DayNumber } from '../zone.ts';
import type { Dialect } from './answer.ts';
import { CostSum } from './cost-sum.ts';
import { dayName } from './day-name.ts';

/** Usage of one model; without a name where the records had none. */
export interface ModelSum {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  count: number;
  readonly cost: CostSum;
}

export interface DayModel {
  readonly day: DayNumber;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  tokens: number;
  cost: NanoDollars;
  count: number;
}

/** Adds a cell of a digest to the models of its transcript. */
export function addModel(
  models: Map<string, ModelSum>,
  dayModels: Map<string, DayModel>,
  { figures }: Cell,
  key: ModelKey,
  day: DayNumber | null,
  dialect: Dialect,
): void {
  const count = figures[RECORDS] as number;
  if (count === 0 || !(key.provider || key.model)) return;
  const [provider, model] = [key.provider ?? undefined, key.model ?? undefined];
  const name = modelName(provider, model);
  const sum = entryOf(models, name, () => ({ provider, model, count: 0, cost: new CostSum() }));
  sum.count += count;
  sum.cost.addCell(figures, key, dialect);
  if (day === null) return;
  const own = new CostSum();
  own.addCell(figures, key, dialect);
  const tokens = dialect === '2026.5' ? own.componentTokens : own.totalTokens;
  mergeDayModel(dayModels, `${day} ${name}`, { day, provider, model, tokens, cost: own.totalCost, count });
}

export function mergeModel(models: Map<string, ModelSum>, name: string, other: ModelSum): void {
  const { provider, model } = other;
  const sum = entryOf(models, name, () => ({ provider, model, count: 0, cost: new CostSum() }));
  sum.count += other.count;
  sum.cost.add(other.cost);
}

export function mergeDayModel(models: Map<string, DayModel>, name: string, other: DayModel): void {
  const sum = entryOf(models, name, () => ({ ...other, tokens: 0, cost: 0, count: 0 }));
  sum.tokens += other.tokens;
  sum.cost += other.cost;
  sum.count += other.count;
}

/** A missing name is as good as "unknown", as in the gateway. */
export function modelName(provider: string | undefined, model: string | undefined): string {
  return JSON.stringify([provider ?? 'unknown', model ?? 'unknown']);
}

/** The most expensive first, then the one with most tokens. */
export function compareUsage(a: CostSum, b: CostSum): number {
  return b.totalCost - a.totalCost || b.totalTokens - a.totalTokens;
}

export function shownModel({ provider, model, count, cost }: ModelSum): object {
  return { provider, model, count, totals: cost.totals() };
}

export function shownDayModel({ day, provider, model, tokens, cost, count }: DayModel): object {
  return { date: dayName(day), provider, model, tokens, cost: dollars(cost), count };
}

export function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
