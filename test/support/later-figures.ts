/** What the 2026.9.6 gateway says of sessions, worked out from digests, and the comparison with what it did say. */
import { expect } from 'vitest';
import { type Digest, type ModelKey, UNDATED } from '../../src/compute/digest.ts';
import * as F from '../../src/compute/figures.ts';
import { QUARTER_MS } from '../../src/units.ts';

interface Cell {
  readonly quarter: number;
  readonly model: ModelKey;
  readonly figures: Float64Array;
  readonly tools: readonly (readonly [string, number])[];
  readonly latencies: ReadonlyMap<number, number>;
}

export interface LaterRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** The dated cells of a digest inside a range; what has no time counts only in `range: "all"`. */
export function cellsIn(digest: Digest, { startMs, endMs }: LaterRange): Cell[] {
  return [...digest.cells]
    .filter(([quarter]) => quarter !== UNDATED && quarter * QUARTER_MS >= startMs && quarter * QUARTER_MS <= endMs)
    .flatMap(([quarter, models]) =>
      [...models].map(([model, { figures, tools, latencies }]) => ({
        quarter,
        model: digest.models[model] as ModelKey,
        figures,
        tools: [...tools].map(([tool, calls]) => [digest.tools[tool] as string, calls] as const),
        latencies,
      })),
    );
}

/** `usage` of a row that stands for some transcripts. */
export function laterUsage(digests: readonly Digest[], range: LaterRange): Record<string, unknown> {
  const each = digests.map((digest) => cellsIn(digest, range));
  const cells = each.flat();
  const times = digests.flatMap(({ activity }) =>
    [...activity].filter(([q]) => q * QUARTER_MS >= range.startMs && q * QUARTER_MS <= range.endMs).map(([, it]) => it),
  );
  const first = Math.min(...times.map((it) => it.first));
  const last = Math.max(...times.map((it) => it.last));
  const days = [...grouped(cells, dateOf)];
  const quarters = [...grouped(cells, ({ quarter }) => String(quarter))].map(([, some]) => some);
  return {
    ...totalsOf(cells),
    ...(times.length === 0 ? {} : { firstActivity: first, lastActivity: last, durationMs: last - first }),
    activityDates: days.map(([date]) => date),
    dailyBreakdown: days.map(([date, some]) => ({ date, ...spent(some), ...totalsOf(some) })),
    messageCounts: messagesOf(cells),
    dailyMessageCounts: days.map(([date, some]) => ({ date, ...messagesOf(some) })),
    utcQuarterHourMessageCounts: quarters.map((some) => ({ ...quarterName(some), ...messagesOf(some) })),
    utcQuarterHourTokenUsage: quarters.map((some) => {
      const { input, output, cacheRead, cacheWrite, totalTokens, totalCost } = totalsOf(some);
      return { ...quarterName(some), input, output, cacheRead, cacheWrite, totalTokens, totalCost };
    }),
    dailyModelUsage: modelDaysOf(cells),
    modelUsage: byModel(cells),
    ...(cells.some(({ tools }) => tools.length > 0) ? { toolUsage: toolsOf(cells) } : {}),
    latency: latencyOf(each),
    dailyLatency: dailyLatencyOf(each),
  };
}

export function byModel(cells: readonly Cell[]): object[] {
  return [...grouped(cells.filter(isNamed), modelName)].map(([, some]) => ({
    ...modelOf(some),
    count: sum(some, F.RECORDS),
    totals: totalsOf(some),
  }));
}

export function byProvider(cells: readonly Cell[]): object[] {
  return [...grouped(cells.filter(isNamed), ({ model }) => JSON.stringify(model.provider))].map(([, some]) => {
    const { provider } = (some[0] as Cell).model;
    return { ...(provider === null ? {} : { provider }), count: sum(some, F.RECORDS), totals: totalsOf(some) };
  });
}

/** `daily`, `dailyLatency`, `modelDaily` and `latency` of the aggregates. @param transcripts the cells of each session */
export function aggregatesOf(transcripts: readonly (readonly Cell[])[]): Record<string, unknown> {
  const cells = transcripts.flat();
  const days = [...grouped(cells, dateOf)];
  return {
    latency: latencyOf(transcripts),
    dailyLatency: dailyLatencyOf(transcripts),
    modelDaily: modelDaysOf(cells),
    daily: days.map(([date, some]) => {
      const { total: messages, toolCalls, errors } = messagesOf(some);
      return { date, ...spent(some), messages, toolCalls, errors };
    }),
  };
}

export function totalsOf(cells: readonly Cell[]) {
  const missing = [...grouped(cells, ({ model }) => `${model.provider ?? 'unknown'}/${model.model ?? 'unknown'}`)]
    .map(([name, some]) => [name, sum(some, F.MISSING)] as const)
    .filter(([, count]) => count > 0);
  return {
    input: sum(cells, F.INPUT),
    output: sum(cells, F.OUTPUT),
    cacheRead: sum(cells, F.CACHE_READ),
    cacheWrite: sum(cells, F.CACHE_WRITE),
    totalTokens: sum(cells, F.TOTAL_TOKENS),
    totalCost: sum(cells, F.COST) / 1e9,
    inputCost: sum(cells, F.INPUT_COST) / 1e9,
    outputCost: sum(cells, F.OUTPUT_COST) / 1e9,
    cacheReadCost: sum(cells, F.CACHE_READ_COST) / 1e9,
    cacheWriteCost: sum(cells, F.CACHE_WRITE_COST) / 1e9,
    missingCostEntries: sum(cells, F.MISSING),
    ...(missing.length === 0 ? {} : { missingCostByModel: Object.fromEntries(missing) }),
  };
}

export function messagesOf(cells: readonly Cell[]) {
  const ofRole = (role: string) =>
    sum(
      cells.filter(({ model }) => model.role === role),
      F.MESSAGES,
    );
  return {
    total: sum(cells, F.MESSAGES),
    user: ofRole('user'),
    assistant: ofRole('assistant'),
    toolCalls: sum(cells, F.TOOL_CALLS),
    toolResults: sum(cells, F.TOOL_RESULTS),
    errors: sum(cells, F.ERRORS),
  };
}

/** Days with anything in them, as `daily` of usage.cost and `costDaily` have them. */
export function costDays(cells: readonly Cell[]): object[] {
  return [...grouped(cells, dateOf)].map(([date, some]) => ({ date, ...totalsOf(some) }));
}

/** Integers exactly, money to a millionth, percentiles to one in a hundred; lists in any order, empty or absent alike. */
export function expectLater(actual: unknown, golden: unknown, path: string): void {
  if (typeof golden === 'number') {
    const percentile = path.endsWith('p95Ms');
    const loose = percentile || /(cost|avgMs)$/i.test(path);
    if (!loose) expect(actual, path).toBe(golden);
    else expect(Math.abs(Number(actual) - golden), path).toBeLessThanOrEqual(percentile ? golden * 0.01 + 1 : 1e-6);
  } else if (Array.isArray(golden)) {
    const ours = sorted((actual ?? []) as unknown[]);
    expect(ours.length, path).toBe(golden.length);
    for (const [index, item] of sorted(golden).entries()) expectLater(ours[index], item, `${path}[${index}]`);
  } else if (typeof golden === 'object' && golden !== null) {
    const ours = (actual ?? {}) as Record<string, unknown>;
    for (const [name, value] of Object.entries(golden)) expectLater(ours[name], value, `${path}.${name}`);
    const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
    const more = Object.keys(ours).filter((name) => !(name in golden) && !isEmpty(ours[name]));
    expect(more, path).toEqual([]);
  } else {
    expect(actual, path).toEqual(golden);
  }
}

/** By what names the items, which are its texts and its quarter. */
function sorted(items: readonly unknown[]): unknown[] {
  const nameOf = (item: unknown) => {
    if (typeof item !== 'object' || item === null) return String(item);
    const { date, quarterIndex, provider, model, name, channel, agentId } = item as Record<string, unknown>;
    return JSON.stringify([date, String(quarterIndex).padStart(2, '0'), provider, model, name, channel, agentId]);
  };
  return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

export function toolsOf(cells: readonly Cell[]) {
  const counts = new Map<string, number>();
  for (const [name, count] of cells.flatMap(({ tools }) => tools)) counts.set(name, (counts.get(name) ?? 0) + count);
  const tools = [...counts].map(([name, count]) => ({ name, count }));
  return { totalCalls: tools.reduce((total, { count }) => total + count, 0), uniqueTools: tools.length, tools };
}

/** Over several transcripts the 95th percentile is the largest of theirs. */
function latencyOf(transcripts: readonly (readonly Cell[])[]) {
  const each = transcripts
    .map((cells) =>
      cells.flatMap(({ latencies }) => [...latencies].flatMap(([ms, n]) => new Array<number>(n).fill(ms))),
    )
    .filter((values) => values.length > 0)
    .map((values) => values.sort((a, b) => a - b));
  if (each.length === 0) return undefined;
  const all = each.flat();
  return {
    count: all.length,
    avgMs: sum(transcripts.flat(), F.LATENCY_SUM) / all.length,
    p95Ms: Math.max(...each.map((values) => values[Math.ceil(values.length * 0.95) - 1] as number)),
    minMs: Math.min(...all),
    maxMs: Math.max(...all),
  };
}

function dailyLatencyOf(transcripts: readonly (readonly Cell[])[]): object[] {
  return [...grouped(transcripts.flat(), dateOf)].flatMap(([date]) => {
    const latency = latencyOf(transcripts.map((some) => some.filter((cell) => dateOf(cell) === date)));
    return latency === undefined ? [] : [{ date, ...latency }];
  });
}

function modelDaysOf(cells: readonly Cell[]): object[] {
  return [...grouped(cells.filter(isNamed), (cell) => `${dateOf(cell)} ${modelName(cell)}`)].map(([, some]) => ({
    date: dateOf(some[0] as Cell),
    ...modelOf(some),
    ...spent(some),
    count: sum(some, F.RECORDS),
  }));
}

/** Usage of which it is known who gave it. */
function isNamed({ figures, model }: Cell): boolean {
  return at(figures, F.RECORDS) > 0 && Boolean(model.provider || model.model);
}

function spent(cells: readonly Cell[]) {
  return { tokens: sum(cells, F.TOTAL_TOKENS), cost: sum(cells, F.COST) / 1e9 };
}

function modelOf([cell]: readonly Cell[]) {
  const { provider, model } = (cell as Cell).model;
  return { ...(provider === null ? {} : { provider }), ...(model === null ? {} : { model }) };
}

function modelName({ model: { provider, model } }: Cell): string {
  return JSON.stringify([provider, model]);
}

function quarterName([cell]: readonly Cell[]) {
  const { quarter } = cell as Cell;
  return { date: dateOf(cell as Cell), quarterIndex: quarter % 96 };
}

function dateOf({ quarter }: Pick<Cell, 'quarter'>): string {
  return new Date(quarter * QUARTER_MS).toISOString().slice(0, 10);
}

function sum(cells: readonly Cell[], column: number): number {
  return cells.reduce((total, { figures }) => total + at(figures, column), 0);
}

function at(figures: Float64Array, column: number): number {
  return figures[column] as number;
}

function grouped(cells: readonly Cell[], nameOf: (cell: Cell) => string): Map<string, Cell[]> {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const group = groups.get(nameOf(cell));
    if (group === undefined) groups.set(nameOf(cell), [cell]);
    else group.push(cell);
  }
  return groups;
}
