/** What a call comes to once it is understood, and its canonical key: equal calls share one rendering. */
import type { Dialect } from './answer.ts';
import type { CallWindow } from './call-window.ts';

export interface CostCall {
  readonly view: 'rpc';
  readonly method: 'usage.cost';
  readonly dialect: Dialect;
  readonly agents: readonly string[];
  readonly window: CallWindow;
}

export interface SessionsCall {
  readonly view: 'rpc';
  readonly method: 'sessions.usage';
  readonly dialect: Dialect;
  readonly agents: readonly string[];
  readonly window: CallWindow;
  /** The one session that is asked for; null for all. */
  readonly key: string | null;
  readonly groupBy: 'instance' | 'family';
  /** Rows at most. */
  readonly limit: number;
  readonly contextWeight: boolean;
  /** Whose sessions alone; null for everybody's. */
  readonly creatorKey: string | null;
}

/** `sessions.usage.timeseries` and `sessions.usage.logs`. */
export interface SeriesCall {
  readonly view: 'rpc';
  readonly method: 'sessions.usage.timeseries' | 'sessions.usage.logs';
  readonly dialect: Dialect;
  readonly agent: string;
  readonly key: string;
  /** Of the entries of a log. */
  readonly limit: number;
}

/** Calls that are answered from what the keeper knows. */
export type RpcQuery = CostCall | SessionsCall;

const PREFIX = '["rpc",';

/** Whether a key is that of a call's rendering. */
export function isRpcKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** The key of a call's rendering, apart from those of all other views. */
export function rpcKey(query: RpcQuery): string {
  const { method, dialect, agents, window } = query;
  const { startMs, endMs, dayZone, undated, startDate, endDate } = window;
  const common = ['rpc', method, dialect, agents, startMs, endMs, dayZone, undated, startDate, endDate];
  if (query.method === 'usage.cost') return JSON.stringify(common);
  const { key, groupBy, limit, contextWeight, creatorKey } = query;
  return JSON.stringify([...common, key, groupBy, limit, contextWeight, creatorKey]);
}
