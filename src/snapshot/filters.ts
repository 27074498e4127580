/** How filters restrict: a list holds exact values, an empty one restricts nothing, "none" stands for a missing name. */
import type { ModelKey } from '../compute/digest.ts';
import type { Combination } from './dimensions.ts';
import type { Filters } from './query.ts';
import type { Filing } from './rollup.ts';

/** Restricts usage to models, or is null when nothing restricts them. */
export type ModelFilter = ((model: ModelKey) => boolean) | null;

export function matchesCombination(filters: Filters, combination: Combination): boolean {
  return matchesFiling(filters, combination) && matchesModel(filters, combination);
}

export function matchesFiling(filters: Filters, { agent, channel, kind }: Filing): boolean {
  return allows(filters.agent, agent) && allows(filters.channel, channel) && allows(filters.kind, kind);
}

export function modelFilterOf(filters: Filters): ModelFilter {
  if (filters.provider.length === 0 && filters.model.length === 0) return null;
  return (model) => matchesModel(filters, model);
}

function matchesModel(
  filters: Filters,
  { provider, model }: { provider: string | null; model: string | null },
): boolean {
  return allows(filters.provider, provider ?? 'none') && allows(filters.model, model ?? 'none');
}

function allows(list: readonly string[], value: string): boolean {
  return list.length === 0 || list.includes(value);
}
