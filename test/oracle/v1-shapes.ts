/**
 * Shapes of the /v1 answers, as agreed; the oracle's own copy, so that it needs nothing from src/.
 * Absent is never zero: what is not known is null. Times are epoch milliseconds, days YYYY-MM-DD in the window's zone.
 */

/** US dollars at list prices; `costNano` fields carry the same exactly, as a decimal string of nano-dollars. */
type Usd = number;
type Tokens = number;
type Ms = number;

export interface Snapshot {
  id: string;
  builtAt: Ms;
  verifiedAt: Ms;
  staleAt: Ms;
  state: 'warming' | 'fresh' | 'stale' | 'degraded';
  refreshing: boolean;
  coverage: { transcripts: number; pending: number; failed: number; retained: number; bytes: number };
}

export interface Totals {
  input: Tokens;
  output: Tokens;
  cacheRead: Tokens;
  cacheWrite: Tokens;
  /** As the provider said, else the sum of the four. */
  totalTokens: Tokens;
  cost: Usd;
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
  retained: { records: number; cost: Usd };
}

export interface Messages {
  total: number;
  user: number | null;
  assistant: number;
  toolCalls: number;
  toolResults: number;
  errors: number;
}

export interface Latency {
  count: number;
  avgMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  minMs: Ms;
  maxMs: Ms;
}

export interface UsageAnswer {
  snapshot: Snapshot;
  window: {
    range: string | null;
    startDate: string;
    endDate: string;
    timeZone: string;
    start: Ms;
    end: Ms;
    granularity: 'day' | 'hour' | 'quarter';
  };
  filters: { agent: string[]; channel: string[]; kind: string[]; provider: string[]; model: string[] };
  totals: Totals;
  /** The window before, of equal length (today: yesterday up to the same clock time); null for range=all. */
  previous: Totals | null;
  series: Array<{ start: Ms; date: string; totals: Totals; messages: Messages }>;
  /** The series of the twelve largest and of the rest (`name` null), aligned with `series`. */
  split: { by: string; rows: Array<{ name: string | null; cost: Usd[]; totalTokens: Tokens[] }> } | null;
  /** Records without a timestamp; only in range=all. */
  undated: Totals | null;
  /** Records dated after now. */
  future: number;
  byModel: Array<{ provider: string | null; model: string | null; totals: Totals }>;
  byProvider: Array<{ provider: string | null; totals: Totals }>;
  byAgent: Array<{ agent: string; totals: Totals }>;
  byChannel: Array<{ channel: string; totals: Totals }>;
  byKind: Array<{ kind: string; totals: Totals }>;
  tools: { calls: number; unique: number; tools: Array<{ name: string; count: number }> };
  messages: Messages;
  latency: Latency | null;
  caching: { share: number | null; saved: Usd | null };
  prices: { missing: Array<{ provider: string | null; model: string | null; records: number; tokens: Tokens }> };
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
  firstActivity: Ms | null;
  lastActivity: Ms | null;
  updatedAt: Ms;
  totals: Totals;
  messages: Messages;
}

export interface SessionsAnswer {
  snapshot: Snapshot;
  window: UsageAnswer['window'];
  /** Over all matches, whatever the page. */
  totals: Totals;
  matches: number;
  sessions: SessionRow[];
  next: string | null;
}
