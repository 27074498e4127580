/**
 * Where the dashboard is: what its address says, and what it asks /v1 for. The service reads the address too, to put the
 * figures into the page; both sides have to come to the same question.
 */
import type { SplitBy } from '../snapshot/query.ts';
import type { Range } from '../snapshot/window.ts';

export const PAGES = ['overview', 'sessions', 'session', 'service'] as const;
export type PageName = (typeof PAGES)[number];
export const DIMENSIONS = ['model', 'provider', 'agent', 'channel', 'kind'] as const satisfies readonly SplitBy[];
export const RANGE_NAMES = ['today', '7d', '30d', '90d', '1y', 'all'] as const satisfies readonly Range[];
export const SORTS = ['updated', 'cost', 'tokens'] as const;

export type Measure = 'cost' | 'tokens';
export type Filters = Readonly<Record<SplitBy, readonly string[]>>;

export interface PageRoute {
  readonly page: PageName;
  /** Null where dates are given. */
  readonly range: Range | null;
  readonly startDate: string | null;
  readonly endDate: string | null;
  /** Null for the zone of the browser's cookie, else that of the service. */
  readonly timeZone: string | null;
  readonly filters: Filters;
  readonly split: SplitBy;
  readonly measure: Measure;
  readonly sort: (typeof SORTS)[number];
  /** What sessions are searched for. */
  readonly q: string;
  /** `agent/sessionId`, of the page of a session. */
  readonly session: string;
}

const NO_FILTERS: Filters = { model: [], provider: [], agent: [], channel: [], kind: [] };

const HOME: PageRoute = {
  page: 'overview',
  range: '30d',
  startDate: null,
  endDate: null,
  timeZone: null,
  filters: NO_FILTERS,
  split: 'model',
  measure: 'cost',
  sort: 'updated',
  q: '',
  session: '',
};

/** Reads the query of an address; what it does not understand, it leaves at its default. */
export function readRoute(query: string): PageRoute {
  const given = new URLSearchParams(query);
  const [startDate, endDate] = [given.get('startDate'), given.get('endDate')];
  const dated = isDay(startDate) && isDay(endDate) && startDate <= endDate;
  return {
    page: oneOf(PAGES, given.get('page')) ?? HOME.page,
    range: dated ? null : (oneOf(RANGE_NAMES, given.get('range')) ?? HOME.range),
    startDate: dated ? startDate : null,
    endDate: dated ? endDate : null,
    timeZone: given.get('timeZone'),
    filters: {
      model: given.getAll('model'),
      provider: given.getAll('provider'),
      agent: given.getAll('agent'),
      channel: given.getAll('channel'),
      kind: given.getAll('kind'),
    },
    split: oneOf(DIMENSIONS, given.get('split')) ?? HOME.split,
    measure: given.get('measure') === 'tokens' ? 'tokens' : 'cost',
    sort: oneOf(SORTS, given.get('sort')) ?? HOME.sort,
    q: given.get('q') ?? '',
    session: given.get('session') ?? '',
  };
}

/** The query that `readRoute` reads a place from, without what is at its default: `?` for none. */
export function writeRoute(route: PageRoute): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | null, usual: string | null) => {
    if (value !== null && value !== usual) query.append(name, value);
  };
  put('page', route.page, HOME.page);
  put('session', route.session, HOME.session);
  put('range', route.range, HOME.range);
  put('startDate', route.startDate, null);
  put('endDate', route.endDate, null);
  put('timeZone', route.timeZone, null);
  for (const dimension of DIMENSIONS) for (const value of route.filters[dimension]) query.append(dimension, value);
  put('split', route.split, HOME.split);
  put('measure', route.measure, HOME.measure);
  put('sort', route.sort, HOME.sort);
  put('q', route.q, HOME.q);
  return `?${query}`;
}

/** Short windows are shown by the hour. */
function granularityOf(route: PageRoute): 'day' | 'hour' {
  if (route.range !== null) return route.range === 'today' ? 'hour' : 'day';
  const days = (Date.parse(route.endDate ?? '') - Date.parse(route.startDate ?? '')) / 86_400_000 + 1;
  return days <= 3 ? 'hour' : 'day';
}

/** The question for usage, relative to the page. */
export function usageAddress(route: PageRoute, timeZone: string): string {
  const query = windowOf(route, timeZone);
  addFilters(query, route);
  query.append('granularity', granularityOf(route));
  query.append('split', route.split);
  return `v1/usage?${query}`;
}

/** The question for one page of sessions. */
export function sessionsAddress(route: PageRoute, timeZone: string, cursor: string | null): string {
  const query = windowOf(route, timeZone);
  addFilters(query, route);
  query.append('sort', route.sort);
  if (route.q !== '') query.append('q', route.q);
  if (cursor !== null) query.append('cursor', cursor);
  return `v1/sessions?${query}`;
}

/** The question for the session of a page. */
export function sessionAddress(route: PageRoute, timeZone: string): string {
  const query = windowOf(route, timeZone);
  query.append('granularity', granularityOf(route));
  return `${pathOf(route)}?${query}`;
}

/** The question for how the session of a page grew. */
export function timeseriesAddress(route: PageRoute): string {
  return `${pathOf(route)}/timeseries?points=60`;
}

/** The question for what was said in the session of a page, from the last entries or a cursor on. */
export function logsAddress(route: PageRoute, cursor: string | null): string {
  return `${pathOf(route)}/logs${cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`}`;
}

/** What a place asks for first; null where that is no view. */
export function firstAddress(route: PageRoute, timeZone: string): string | null {
  switch (route.page) {
    case 'overview':
      return usageAddress(route, timeZone);
    case 'sessions':
      return sessionsAddress(route, timeZone, null);
    default:
      return null;
  }
}

/** What the page knows of the service that it came from. */
export interface PageFacts {
  readonly version: string;
  /** The zone in which the first figures are, and that of the service. */
  readonly timeZone: string;
  readonly serviceTimeZone: string;
  /** The address whose figures came with the page; null where none did. */
  readonly embedded: string | null;
  /** Whether there is a login that can be ended. */
  readonly login: boolean;
  /** Whether what was said in sessions may be shown. */
  readonly transcripts: boolean;
  /** Whether there are any budgets. */
  readonly budgets: boolean;
}

function pathOf({ session }: PageRoute): string {
  return `v1/sessions/${session.split('/').map(encodeURIComponent).join('/')}`;
}

function windowOf(route: PageRoute, timeZone: string): URLSearchParams {
  const query = new URLSearchParams();
  if (route.range !== null) query.append('range', route.range);
  if (route.startDate !== null) query.append('startDate', route.startDate);
  if (route.endDate !== null) query.append('endDate', route.endDate);
  query.append('timeZone', timeZone);
  return query;
}

function addFilters(query: URLSearchParams, { filters }: PageRoute): void {
  for (const dimension of DIMENSIONS) for (const value of filters[dimension]) query.append(dimension, value);
}

function oneOf<Value extends string>(values: readonly Value[], text: string | null): Value | null {
  return values.find((value) => value === text) ?? null;
}

function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text);
}
