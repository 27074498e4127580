/** Figures to be compared with the real 2026.5.22 gateway's, in a neutral form, and the shapes of its answers. */

/** Usage records of one quarter hour (null: without a time), provider and model. Costs in nano-dollars. */
export interface GoldenCell {
  quarter: number | null;
  provider: string | null;
  model: string | null;
  records: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
  /** Recorded and estimated. */
  cost: number;
  /** The components of recorded costs only: this gateway adds estimates to the total alone. */
  inputCost: number;
  outputCost: number;
  cacheReadCost: number;
  cacheWriteCost: number;
  missing: number;
}

/** Messages of one quarter hour (null: without a time). */
export interface GoldenMessages {
  quarter: number | null;
  total: number;
  user: number;
  assistant: number;
  toolCalls: number;
  toolResults: number;
  errors: number;
}

/** Milliseconds. Over several transcripts the 95th percentile is the largest of theirs, as in this gateway. */
export interface GoldenLatency {
  count: number;
  sumMs: number;
  p95Ms: number;
  minMs: number;
  maxMs: number;
}

/** One row of `sessions.usage`: all transcripts of a family, restricted to the range asked for. Days are UTC. */
export interface GoldenSessionFigures {
  cells: GoldenCell[];
  messages: GoldenMessages[];
  tools: Array<{ name: string; count: number }>;
  firstActivity: number | null;
  lastActivity: number | null;
  latency: GoldenLatency | null;
  dailyLatency: Array<GoldenLatency & { date: string }>;
}

export type Dated = { date: string };
export type Named = { provider?: string; model?: string };

export interface GoldenTotals {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
  totalCost: number;
  inputCost: number;
  outputCost: number;
  cacheReadCost: number;
  cacheWriteCost: number;
  missingCostEntries: number;
}

export type MessageCounts = Omit<GoldenMessages, 'quarter'>;
export type LatencyStats = Omit<GoldenLatency, 'sumMs'> & { avgMs: number };

/** `usage` of a row, as the gateway gave it. */
export interface GoldenUsage extends GoldenTotals {
  sessionFile: string;
  firstActivity?: number;
  lastActivity?: number;
  durationMs?: number;
  activityDates?: string[];
  dailyBreakdown?: Array<Dated & { tokens: number; cost: number }>;
  dailyMessageCounts?: Array<Dated & MessageCounts>;
  utcQuarterHourMessageCounts?: Array<Dated & MessageCounts & { quarterIndex: number }>;
  utcQuarterHourTokenUsage?: Array<
    Dated & { quarterIndex: number } & Omit<GoldenTotals, `${string}Cost` | 'missingCostEntries'> & {
        totalCost: number;
      }
  >;
  dailyModelUsage?: Array<Dated & Named & { tokens: number; cost: number; count: number }>;
  messageCounts?: MessageCounts;
  toolUsage?: { totalCalls: number; uniqueTools: number; tools: Array<{ name: string; count: number }> };
  modelUsage?: Array<Named & { count: number; totals: GoldenTotals }>;
  latency?: LatencyStats;
  dailyLatency?: Array<Dated & LatencyStats>;
}

export interface GoldenSession {
  key: string;
  sessionId: string;
  includedSessionIds?: string[];
  sessionFamilyKey?: string;
  label?: string;
  updatedAt: number;
  channel?: string;
  usage: GoldenUsage | null;
}

export interface GoldenSessionsAnswer {
  sessions: GoldenSession[];
  totals: GoldenTotals;
}

export interface GoldenCostAnswer {
  daily: Array<Dated & GoldenTotals>;
  totals: GoldenTotals;
}

/** The answer of `sessions.usage.timeseries`. */
export interface GoldenTimeseriesAnswer {
  sessionId: string;
  points: Record<
    | 'timestamp'
    | 'input'
    | 'output'
    | 'cacheRead'
    | 'cacheWrite'
    | 'totalTokens'
    | 'cost'
    | 'cumulativeTokens'
    | 'cumulativeCost',
    number
  >[];
}

/** The answer of `sessions.usage.logs`. */
export interface GoldenLogsAnswer {
  logs: { timestamp: number; role: string; content: string; tokens?: number; cost?: number }[];
}
