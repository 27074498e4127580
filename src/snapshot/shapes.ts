/**
 * The shapes of the /v1 views. Absent is never zero: what is not known is null. Times are epoch milliseconds, days
 * YYYY-MM-DD in the window's zone. `schemas.ts` says the same for rendering and for the API's description.
 */

import type { Budget } from '../budget-options.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { Filters } from './query.ts';
import type { Window } from './window.ts';

/** US dollars at list prices, at most nine decimals. */
export type Usd = number;
export type Tokens = number;

/** What one published moment says about itself; the `snapshot` member of every view. */
export interface SnapshotHead {
  readonly id: string;
  /** When the inventory began whose result this shows. */
  readonly builtAt: Milliseconds;
  /** When a refresh last ended well. */
  readonly verifiedAt: Milliseconds;
  readonly staleAt: Milliseconds;
  readonly state: 'warming' | 'fresh' | 'stale' | 'degraded';
  readonly refreshing: boolean;
  readonly coverage: Coverage;
}

export interface Coverage {
  /** Counted transcripts found. */
  readonly transcripts: number;
  /** Of them, found with a stamp that is not folded yet. */
  readonly pending: number;
  /** Of them, set aside. */
  readonly failed: number;
  readonly retained: number;
  /** Bytes under cursors. */
  readonly bytes: Bytes;
}

export interface Totals {
  input: Tokens;
  output: Tokens;
  cacheRead: Tokens;
  cacheWrite: Tokens;
  /** As the provider said, else the sum of the four. */
  totalTokens: Tokens;
  cost: Usd;
  /** The same exactly, in nano-dollars. */
  costNano: string;
  inputCost: Usd;
  outputCost: Usd;
  cacheReadCost: Usd;
  cacheWriteCost: Usd;
  /** Usage records behind these figures. */
  records: number;
  /** Of them, priced by us. */
  estimated: number;
  /** Of them, without any price: not in cost. */
  missing: number;
  /** From transcripts that no longer exist. */
  retained: { records: number; cost: Usd };
}

export interface Messages {
  total: number;
  /** Null under a provider or model filter. */
  user: number | null;
  assistant: number;
  toolCalls: number;
  toolResults: number;
  errors: number;
}

export interface Latency {
  count: number;
  avgMs: number;
  p50Ms: Milliseconds;
  p95Ms: Milliseconds;
  p99Ms: Milliseconds;
  minMs: Milliseconds;
  maxMs: Milliseconds;
}

export interface Tools {
  calls: number;
  unique: number;
  tools: { name: string; count: number }[];
}

export type Series = { start: Milliseconds; date: string; totals: Totals; messages: Messages }[];

/** /v1/usage without its head. */
export interface UsageFigures {
  window: Window;
  filters: Filters;
  totals: Totals;
  /** The window before, of equal length; null for range=all. */
  previous: Totals | null;
  series: Series;
  /** The series of the twelve largest, and of the rest under the name null. */
  split: { by: string; rows: { name: string | null; cost: Usd[]; totalTokens: Tokens[] }[] } | null;
  /** Records without a timestamp; only in range=all. */
  undated: Totals | null;
  /** Records dated after now. */
  future: number;
  byModel: { provider: string | null; model: string | null; totals: Totals }[];
  byProvider: { provider: string | null; totals: Totals }[];
  byAgent: { agent: string; totals: Totals }[];
  byChannel: { channel: string; totals: Totals }[];
  byKind: { kind: string; totals: Totals }[];
  tools: Tools;
  messages: Messages;
  latency: Latency | null;
  caching: { share: number | null; saved: Usd | null };
  prices: { missing: { provider: string | null; model: string | null; records: number; tokens: Tokens }[] };
  sessionCount: number;
}

export interface SessionRow {
  /** Null for an orphan. */
  key: string | null;
  agent: string;
  sessionId: string;
  label: string | null;
  channel: string;
  kind: string;
  family: string;
  instances: number;
  retained: boolean;
  /** The one with most tokens in the window. */
  model: string | null;
  provider: string | null;
  firstActivity: Milliseconds | null;
  lastActivity: Milliseconds | null;
  updatedAt: Milliseconds;
  totals: Totals;
  messages: Messages;
}

/** /v1/sessions without its head. */
export interface SessionsFigures {
  window: Window;
  /** Over all matches, whatever the page. */
  totals: Totals;
  matches: number;
  sessions: SessionRow[];
  /** The cursor of the next page. */
  next: string | null;
}

/** /v1/sessions/{key} without its head: a family or an instance, and what it did in the window. */
export interface SessionFigures {
  window: Window;
  session: SessionRow;
  instances: SessionRow[];
  series: Series;
  undated: Totals | null;
  byModel: UsageFigures['byModel'];
  tools: Tools;
  latency: Latency | null;
  /** Whatever the window: lines that are not JSON, members too long to hold, amounts past what is plausible. */
  unreadable: { malformed: number; cut: number; capped: number };
}

/** /v1/budgets without its head, in the order of the configuration. */
export interface BudgetsFigures {
  budgets: BudgetRow[];
}

export interface BudgetRow {
  name: string;
  filters: Filters;
  per: Budget['per'];
  /** The present one, in the service's zone: `endDate` inclusive, `end` exclusive. */
  period: Pick<Window, 'startDate' | 'endDate' | 'timeZone' | 'start' | 'end'>;
  unit: Budget['unit'];
  /** US dollars, or tokens. */
  limit: number;
  /** In the same unit: what /v1/usage says of the period under these filters. */
  spent: number;
  /** Of the limit; above 1 when it is exceeded. */
  share: number;
  /** Percent, ascending. */
  thresholds: number[];
  /** The largest one that is reached. */
  crossed: number | null;
  /** Records of the period without any price: not in what is spent. */
  missing: number;
  /** Null where nothing was ever used. */
  forecast: {
    /** At the end of the period. */
    spent: number;
    share: number;
    /** When the limit is reached, within the period; null where it is not, or already was. */
    limitAt: Milliseconds | null;
  } | null;
}
