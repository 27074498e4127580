/** What the 2026.5.22 gateway's `sessions.usage` says of a few transcripts, worked out from the oracle's records. */
import type { GoldenCell, GoldenLatency, GoldenMessages, GoldenSessionFigures } from '../support/golden-shapes.ts';
import { QUARTER } from './calendar.ts';
import { fillLatencies, type OracleRecord } from './records.ts';

/** Moments in epoch milliseconds; both limits are included. Records without a time are in every range. */
export interface GoldenRange {
  startMs: number;
  endMs: number;
}

/** Figures of one row: its transcripts, each an array of records in order. */
export function goldenFigures(transcripts: OracleRecord[][], range: GoldenRange): GoldenSessionFigures {
  const restricted = transcripts.map((records) => restrict(records, range));
  const records = restricted.flat();
  const moments = records.map((record) => record.ts).filter((ts) => ts !== null);
  const tools = new Map<string, number>();
  for (const name of records.flatMap((record) => record.tools)) tools.set(name, (tools.get(name) ?? 0) + 1);
  const dates = [...new Set(moments.map(dateOf))];
  const dailyLatency = dates.map((date) => {
    const days = restricted.map((transcript) => transcript.filter(({ ts }) => ts !== null && dateOf(ts) === date));
    return { date, latency: mergedLatency(days) };
  });
  return {
    cells: records.map(cellOf).filter((cell) => cell !== null),
    messages: records.map(messagesOf),
    tools: [...tools].map(([name, count]) => ({ name, count })),
    firstActivity: moments.length === 0 ? null : Math.min(...moments),
    lastActivity: moments.length === 0 ? null : Math.max(...moments),
    latency: mergedLatency(restricted),
    dailyLatency: dailyLatency.flatMap(({ date, latency }) => (latency === null ? [] : [{ date, ...latency }])),
  };
}

/** The records of a range. This gateway measures latency from the last user message inside it, so it is measured again. */
function restrict(records: OracleRecord[], { startMs, endMs }: GoldenRange): OracleRecord[] {
  const inside = records.filter(({ ts }) => ts === null || (ts >= startMs && ts <= endMs));
  const copies = inside.map((record) => ({ ...record }));
  fillLatencies(copies);
  return copies;
}

function cellOf({ ts, provider, model, usage, cost }: OracleRecord): GoldenCell | null {
  if (usage === null || cost === null) return null;
  const recorded = cost.source === 'recorded';
  return {
    quarter: quarterOf(ts),
    provider,
    model,
    records: 1,
    ...usage,
    cost: cost.total,
    inputCost: recorded ? cost.input : 0,
    outputCost: recorded ? cost.output : 0,
    cacheReadCost: recorded ? cost.cacheRead : 0,
    cacheWriteCost: recorded ? cost.cacheWrite : 0,
    missing: cost.source === 'missing' ? 1 : 0,
  };
}

function messagesOf({ ts, role, tools, toolResults, errors }: OracleRecord): GoldenMessages {
  const user = role === 'user' ? 1 : 0;
  return { quarter: quarterOf(ts), total: 1, user, assistant: 1 - user, toolCalls: tools.length, toolResults, errors };
}

function mergedLatency(transcripts: OracleRecord[][]): GoldenLatency | null {
  const each = transcripts
    .map((records) => records.map((record) => record.latency).filter((latency) => latency !== null))
    .filter((values) => values.length > 0)
    .map((values) => values.sort((a, b) => a - b));
  if (each.length === 0) return null;
  const all = each.flat();
  return {
    count: all.length,
    sumMs: all.reduce((sum, value) => sum + value, 0),
    p95Ms: Math.max(...each.map((values) => values[Math.ceil(values.length * 0.95) - 1] as number)),
    minMs: Math.min(...all),
    maxMs: Math.max(...all),
  };
}

function quarterOf(ts: number | null): number | null {
  return ts === null ? null : Math.floor(ts / QUARTER);
}

function dateOf(ts: number): string {
  return new Date(ts).toISOString().slice(0, 10);
}
