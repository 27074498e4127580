/** Sums over records, exact: nano-dollars are added as big integers and turned into dollars once. */
import type { OracleRecord } from './records.ts';
import type { OracleSession } from './sessions.ts';
import type { Latency, Messages, Totals } from './v1-shapes.ts';

/** A record of a session, and in which ways it counts after the filters. */
export interface Counted {
  session: OracleSession;
  record: OracleRecord;
  asUsage: boolean;
  asMessage: boolean;
}

export function totalsOf(items: Counted[]): Totals {
  const used = items.filter((item) => item.asUsage);
  const records = used.map((item) => item.record);
  const retained = used.filter((item) => item.session.retained === true).map((item) => item.record);
  const tokens = (name: 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'totalTokens') =>
    records.reduce((sum, record) => sum + (record.usage?.[name] ?? 0), 0);
  const nano = (name: 'total' | 'input' | 'output' | 'cacheRead' | 'cacheWrite', of = records) =>
    of.reduce((sum, record) => sum + BigInt(record.cost?.[name] ?? 0), 0n);
  return {
    input: tokens('input'),
    output: tokens('output'),
    cacheRead: tokens('cacheRead'),
    cacheWrite: tokens('cacheWrite'),
    totalTokens: tokens('totalTokens'),
    cost: dollars(nano('total')),
    costNano: nano('total').toString(),
    inputCost: dollars(nano('input')),
    outputCost: dollars(nano('output')),
    cacheReadCost: dollars(nano('cacheRead')),
    cacheWriteCost: dollars(nano('cacheWrite')),
    records: records.length,
    estimated: records.filter((record) => record.cost?.source === 'estimated').length,
    missing: records.filter((record) => record.cost?.source === 'missing').length,
    retained: { records: retained.length, cost: dollars(nano('total', retained)) },
  };
}

/** `users` says whether user messages can be told at all: a model filter does not know them. */
export function messagesOf(items: Counted[], users: boolean): Messages {
  const records = items.filter((item) => item.asMessage).map((item) => item.record);
  const user = records.filter((record) => record.role === 'user').length;
  return {
    total: records.length,
    user: users ? user : null,
    assistant: records.length - user,
    toolCalls: records.reduce((sum, record) => sum + record.tools.length, 0),
    toolResults: records.reduce((sum, record) => sum + record.toolResults, 0),
    errors: records.reduce((sum, record) => sum + record.errors, 0),
  };
}

/** Percentiles of the kept values, the average of the exact ones. */
export function latencyOf(items: Counted[]): Latency | null {
  const records = items.filter((item) => item.asMessage && item.record.latency !== null).map((item) => item.record);
  const kept = records.map((record) => record.latencyKept as number).sort((a, b) => a - b);
  const count = kept.length;
  if (count === 0) return null;
  const percentile = (q: number) => kept[Math.ceil(q * count) - 1] as number;
  return {
    count,
    avgMs: records.reduce((sum, record) => sum + (record.latency as number), 0) / count,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
    minMs: kept[0] as number,
    maxMs: kept[count - 1] as number,
  };
}

export function dollars(nano: bigint): number {
  return Number(nano) / 1e9;
}

export interface Group<Key> {
  key: Key;
  items: Counted[];
  totals: Totals;
}

/** Groups with usage records: dearest first, then most tokens, then by names in code-unit order, null last. */
export function groupsOf<Key extends Record<string, string | null>>(
  items: Counted[],
  keyOf: (item: Counted) => Key,
): Group<Key>[] {
  const groups = new Map<string, { key: Key; items: Counted[] }>();
  for (const item of items) {
    if (!item.asUsage) continue;
    const key = keyOf(item);
    const name = JSON.stringify(Object.values(key));
    const group = groups.get(name) ?? { key, items: [] };
    groups.set(name, group);
    group.items.push(item);
  }
  return [...groups.values()]
    .map((group) => ({ ...group, totals: totalsOf(group.items) }))
    .sort((a, b) => byCost(a.totals, b.totals) || byNames(Object.values(a.key), Object.values(b.key)));
}

/** Dearest first, then most tokens. */
function byCost(a: Totals, b: Totals): number {
  const cost = BigInt(b.costNano) - BigInt(a.costNano);
  if (cost !== 0n) return cost > 0n ? 1 : -1;
  return b.totalTokens - a.totalTokens;
}

export function byNames(a: Array<string | null>, b: Array<string | null>): number {
  for (const [at, name] of a.entries()) {
    const order = byName(name, b[at] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function byName(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
