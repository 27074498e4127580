/** What the 2026.5.22 gateway's `sessions.usage` says of a few transcripts, worked out from their digests. */
import { type Digest, type ModelKey, UNDATED } from '../../src/compute/digest.ts';
import {
  CACHE_READ,
  CACHE_READ_COST,
  CACHE_WRITE,
  CACHE_WRITE_COST,
  COST,
  ERRORS,
  ESTIMATED_CACHE_READ_COST,
  ESTIMATED_CACHE_WRITE_COST,
  ESTIMATED_INPUT_COST,
  ESTIMATED_OUTPUT_COST,
  INPUT,
  INPUT_COST,
  LATENCY_SUM,
  MESSAGES,
  MISSING,
  OUTPUT,
  OUTPUT_COST,
  RECORDS,
  TOOL_CALLS,
  TOOL_RESULTS,
  TOTAL_TOKENS,
} from '../../src/compute/figures.ts';
import { QUARTER_MS, type QuarterHour, quarterOf } from '../../src/units.ts';
import type { GoldenCell, GoldenLatency, GoldenMessages, GoldenSessionFigures } from './golden-shapes.ts';

/** Moments in epoch milliseconds, both included. */
export interface GoldenRange {
  readonly startMs: number;
  readonly endMs: number;
}

interface Cell {
  readonly quarter: QuarterHour | null;
  readonly model: ModelKey;
  readonly figures: Float64Array;
  readonly tools: readonly (readonly [string, number])[];
  readonly latencies: ReadonlyMap<number, number>;
}

/**
 * Figures of one row: its transcripts' digests, restricted to the range. This gateway measures latency from the last
 * user message inside the range, so that is taken from digests of what lies in it.
 */
export function goldenFigures(
  digests: readonly Digest[],
  withinRange: readonly Digest[],
  range: GoldenRange,
): GoldenSessionFigures {
  const cells = digests.flatMap((digest) => cellsOf(digest, range));
  const activity = digests.flatMap((digest) =>
    [...digest.activity].filter(([quarter]) => isInside(range, quarter)).map(([, times]) => times),
  );
  const tools = new Map<string, number>();
  for (const [name, calls] of cells.flatMap((cell) => cell.tools)) tools.set(name, (tools.get(name) ?? 0) + calls);
  const latencies = withinRange.map((digest) => cellsOf(digest, range));
  const dates = [...new Set(latencies.flat().map(dateOf))].filter((date) => date !== null);
  const dailyLatency = dates.flatMap((date) => {
    const latency = mergedLatency(latencies.map((some) => some.filter((cell) => dateOf(cell) === date)));
    return latency === null ? [] : [{ date, ...latency }];
  });
  return {
    cells: cells.filter(({ figures }) => (figures[RECORDS] as number) > 0).map(usageOf),
    messages: cells.map(messagesOf),
    tools: [...tools].map(([name, count]) => ({ name, count })),
    firstActivity: activity.length === 0 ? null : Math.min(...activity.map(({ first }) => first)),
    lastActivity: activity.length === 0 ? null : Math.max(...activity.map(({ last }) => last)),
    latency: mergedLatency(latencies),
    dailyLatency,
  };
}

/** Records without a time are in every range of this gateway. */
function isInside({ startMs, endMs }: GoldenRange, quarter: QuarterHour): boolean {
  return quarter === UNDATED || (quarter >= quarterOf(startMs) && quarter <= quarterOf(endMs));
}

function cellsOf(digest: Digest, range: GoldenRange): Cell[] {
  return [...digest.cells]
    .filter(([quarter]) => isInside(range, quarter))
    .flatMap(([quarter, models]) =>
      [...models].map(([model, { figures, tools, latencies }]) => ({
        quarter: quarter === UNDATED ? null : quarter,
        model: digest.models[model] as ModelKey,
        figures,
        tools: [...tools].map(([tool, calls]) => [digest.tools[tool] as string, calls] as const),
        latencies,
      })),
    );
}

function usageOf({ quarter, model: { provider, model }, figures }: Cell): GoldenCell {
  const at = (column: number) => figures[column] as number;
  return {
    quarter,
    provider,
    model,
    records: at(RECORDS),
    input: at(INPUT),
    output: at(OUTPUT),
    cacheRead: at(CACHE_READ),
    cacheWrite: at(CACHE_WRITE),
    totalTokens: at(TOTAL_TOKENS),
    cost: at(COST),
    // This gateway adds estimates to the total alone.
    inputCost: at(INPUT_COST) - at(ESTIMATED_INPUT_COST),
    outputCost: at(OUTPUT_COST) - at(ESTIMATED_OUTPUT_COST),
    cacheReadCost: at(CACHE_READ_COST) - at(ESTIMATED_CACHE_READ_COST),
    cacheWriteCost: at(CACHE_WRITE_COST) - at(ESTIMATED_CACHE_WRITE_COST),
    missing: at(MISSING),
  };
}

function messagesOf({ quarter, model: { role }, figures }: Cell): GoldenMessages {
  const total = figures[MESSAGES] as number;
  return {
    quarter,
    total,
    user: role === 'user' ? total : 0,
    assistant: role === 'user' ? 0 : total,
    toolCalls: figures[TOOL_CALLS] as number,
    toolResults: figures[TOOL_RESULTS] as number,
    errors: figures[ERRORS] as number,
  };
}

/** Of several transcripts: the largest of their 95th percentiles. */
function mergedLatency(transcripts: readonly (readonly Cell[])[]): GoldenLatency | null {
  const each = transcripts
    .map((cells) => cells.flatMap(({ latencies }) => [...latencies].flatMap(([ms, count]) => repeated(ms, count))))
    .filter((values) => values.length > 0)
    .map((values) => values.sort((a, b) => a - b));
  if (each.length === 0) return null;
  const all = each.flat();
  return {
    count: all.length,
    sumMs: transcripts.flat().reduce((sum, { figures }) => sum + (figures[LATENCY_SUM] as number), 0),
    p95Ms: Math.max(...each.map((values) => values[Math.ceil(values.length * 0.95) - 1] as number)),
    minMs: Math.min(...all),
    maxMs: Math.max(...all),
  };
}

function repeated(value: number, count: number): number[] {
  return new Array<number>(count).fill(value);
}

function dateOf({ quarter }: Cell): string | null {
  return quarter === null ? null : new Date(quarter * QUARTER_MS).toISOString().slice(0, 10);
}
