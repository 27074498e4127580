/**
 * What a view is asked with, and the canonical key of a view.
 * Main thread and keeper share it: equal questions have equal keys on both sides.
 */
import type { Budget } from '../budget-options.ts';
import type { SessionKind } from '../compute/dimensions.ts';
import { DEFAULT_RANGE, type Granularity, type WindowQuery } from './window.ts';

/** Every kind, which filters and budgets may name. */
export const SESSION_KINDS = [
  'main',
  'direct',
  'group',
  'cron',
  'subagent',
  'global',
  'topic',
  'orphan',
  'other',
] as const satisfies readonly SessionKind[];

/** Lists of exact values, sorted and without duplicates; an empty list restricts nothing. */
export interface Filters {
  readonly agent: readonly string[];
  readonly channel: readonly string[];
  readonly kind: readonly string[];
  readonly provider: readonly string[];
  readonly model: readonly string[];
}

export type SplitBy = keyof Filters;
export type SessionSort = 'updated' | 'cost' | 'tokens';
export type SessionGroup = 'instance' | 'family';

export interface UsageQuery extends WindowQuery {
  readonly view: 'usage';
  readonly filters: Filters;
  readonly split: SplitBy | null;
}

export interface SessionsQuery extends WindowQuery {
  readonly view: 'sessions';
  readonly filters: Filters;
  readonly sort: SessionSort;
  readonly groupBy: SessionGroup;
  readonly limit: number;
  readonly cursor: string | null;
  /** Text that key, label or session id must hold; null for all. */
  readonly q: string | null;
}

/** A family by its key (`agent` only where several agents have that key), or one instance. */
export type SessionTarget =
  | { readonly groupBy: 'family'; readonly key: string; readonly agent: string | null }
  | { readonly groupBy: 'instance'; readonly agent: string; readonly sessionId: string };

export interface SessionQuery extends WindowQuery {
  readonly view: 'session';
  readonly target: SessionTarget;
}

/** The state of budgets in a zone. Who asks brings them along, so that others are another view. */
export interface BudgetsQuery {
  readonly view: 'budgets';
  readonly timeZone: string;
  readonly budgets: readonly Budget[];
}

export type ViewQuery = UsageQuery | SessionsQuery | SessionQuery | BudgetsQuery;

/** The parts of a question that may be left out. `timeZone` is a canonical zone name. */
export type WindowChoice = Partial<WindowQuery> & { timeZone: string };
export type FilterChoice = { readonly [Dimension in keyof Filters]?: readonly string[] | undefined };

export const DEFAULT_GRANULARITY: Granularity = 'day';
export const DEFAULT_LIMIT = 50;

/** The question for usage, with the defaults filled in. */
export function usageQuery(window: WindowChoice, filters: FilterChoice = {}, split: SplitBy | null = null): UsageQuery {
  return { view: 'usage', ...completeWindow(window), filters: canonicalFilters(filters), split };
}

/** The question for one page of sessions, with the defaults filled in. */
export function sessionsQuery(
  window: WindowChoice,
  filters: FilterChoice = {},
  page: Partial<Pick<SessionsQuery, 'sort' | 'groupBy' | 'limit' | 'cursor' | 'q'>> = {},
): SessionsQuery {
  return {
    view: 'sessions',
    ...completeWindow(window),
    filters: canonicalFilters(filters),
    sort: page.sort ?? 'updated',
    groupBy: page.groupBy ?? 'instance',
    limit: page.limit ?? DEFAULT_LIMIT,
    cursor: page.cursor ?? null,
    q: page.q ?? null,
  };
}

/** The question for one session or family, with the defaults filled in. */
export function sessionQuery(window: WindowChoice, target: SessionTarget): SessionQuery {
  return { view: 'session', ...completeWindow(window), target };
}

/** The question for the state of budgets. `timeZone` is a canonical zone name. */
export function budgetsQuery(budgets: readonly Budget[], timeZone: string): BudgetsQuery {
  return { view: 'budgets', timeZone, budgets };
}

/** The key of a view; expects a question made by the functions above, whose parts are canonical. */
export function viewKey(query: ViewQuery): string {
  if (query.view === 'budgets') return JSON.stringify(['budgets', query.timeZone, query.budgets]);
  const window = [query.range, query.startDate, query.endDate, query.timeZone, query.granularity];
  switch (query.view) {
    case 'usage':
      return JSON.stringify(['usage', ...window, filterLists(query.filters), query.split]);
    case 'sessions': {
      const page = [query.sort, query.groupBy, query.limit, query.cursor, query.q];
      return JSON.stringify(['sessions', ...window, filterLists(query.filters), ...page]);
    }
    case 'session': {
      const { target } = query;
      const who =
        target.groupBy === 'family'
          ? ['family', target.key, target.agent]
          : ['instance', target.agent, target.sessionId];
      return JSON.stringify(['session', ...window, ...who]);
    }
  }
}

/** The window of a question, with the defaults filled in. */
export function completeWindow(window: WindowChoice): WindowQuery {
  const startDate = window.startDate ?? null;
  const endDate = window.endDate ?? null;
  const dated = startDate !== null || endDate !== null;
  return {
    range: window.range ?? (dated ? null : DEFAULT_RANGE),
    startDate,
    endDate,
    timeZone: window.timeZone,
    granularity: window.granularity ?? DEFAULT_GRANULARITY,
  };
}

/** The filters of a question, with the defaults filled in. */
export function canonicalFilters(filters: FilterChoice): Filters {
  return {
    agent: canonicalList(filters.agent),
    channel: canonicalList(filters.channel),
    kind: canonicalList(filters.kind),
    provider: canonicalList(filters.provider),
    model: canonicalList(filters.model),
  };
}

function canonicalList(values: readonly string[] = []): readonly string[] {
  return [...new Set(values)].sort();
}

function filterLists(filters: Filters): readonly (readonly string[])[] {
  return [filters.agent, filters.channel, filters.kind, filters.provider, filters.model];
}
