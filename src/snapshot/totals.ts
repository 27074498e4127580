/** Figures as the members of the /v1 answers. Dollars are nano-dollars / 1e9; `costNano` carries them exactly. */
import {
  CACHE_READ,
  CACHE_READ_COST,
  CACHE_WRITE,
  CACHE_WRITE_COST,
  COST,
  ERRORS,
  ESTIMATED,
  INPUT,
  INPUT_COST,
  LATENCY_COUNT,
  LATENCY_SUM,
  MESSAGES,
  MISSING,
  OUTPUT,
  OUTPUT_COST,
  RECORDS,
  RETAINED_COST,
  RETAINED_RECORDS,
  TOOL_CALLS,
  TOOL_RESULTS,
  TOTAL_TOKENS,
} from '../compute/figures.ts';
import type { NanoDollars } from '../units.ts';
import type { LatencySum } from './latency-sum.ts';
import { compareText } from './names.ts';
import type { Messages, Totals, UsageFigures } from './shapes.ts';

export function dollars(nano: NanoDollars): number {
  return nano / 1e9;
}

/** The figures of a Float64Array that start at `base`. */
export function totalsOf(figures: Float64Array, base = 0): Totals {
  const at = (column: number) => figures[base + column] as number;
  return {
    input: at(INPUT),
    output: at(OUTPUT),
    cacheRead: at(CACHE_READ),
    cacheWrite: at(CACHE_WRITE),
    totalTokens: at(TOTAL_TOKENS),
    cost: dollars(at(COST)),
    costNano: String(at(COST)),
    inputCost: dollars(at(INPUT_COST)),
    outputCost: dollars(at(OUTPUT_COST)),
    cacheReadCost: dollars(at(CACHE_READ_COST)),
    cacheWriteCost: dollars(at(CACHE_WRITE_COST)),
    records: at(RECORDS),
    estimated: at(ESTIMATED),
    missing: at(MISSING),
    retained: { records: at(RETAINED_RECORDS), cost: dollars(at(RETAINED_COST)) },
  };
}

/** `userMessages` is null where a model filter leaves no meaning to it; the figures then hold assistant messages only. */
export function messagesOf(figures: Float64Array, userMessages: number | null): Messages {
  const total = figures[MESSAGES] as number;
  return {
    total,
    user: userMessages,
    assistant: total - (userMessages ?? 0),
    toolCalls: figures[TOOL_CALLS] as number,
    toolResults: figures[TOOL_RESULTS] as number,
    errors: figures[ERRORS] as number,
  };
}

/** Order of groups: dearest first, then most tokens. */
export function compareFigures(a: Float64Array, b: Float64Array): number {
  return (b[COST] as number) - (a[COST] as number) || (b[TOTAL_TOKENS] as number) - (a[TOTAL_TOKENS] as number);
}

/** Most called first, then by name. */
export function toolsOf(calls: ReadonlyMap<string, number>): UsageFigures['tools'] {
  const tools = [...calls]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || compareText(a.name, b.name));
  return { calls: tools.reduce((sum, { count }) => sum + count, 0), unique: tools.length, tools };
}

/** Null without any latency. `latencies` are those that the figures count, whose sum is exact even of quantised ones. */
export function latencyOf(figures: Float64Array, latencies: LatencySum): UsageFigures['latency'] {
  const count = figures[LATENCY_COUNT] as number;
  if (count === 0) return null;
  return {
    count,
    avgMs: (figures[LATENCY_SUM] as number) / count,
    p50Ms: latencies.quantile(0.5),
    p95Ms: latencies.quantile(0.95),
    p99Ms: latencies.quantile(0.99),
    minMs: latencies.quantile(0),
    maxMs: latencies.quantile(1),
  };
}
