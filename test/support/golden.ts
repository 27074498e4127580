/**
 * Compares figures with what the real 2026.5.22 gateway answered: integers exactly, dollars to a millionth.
 * The figures come in a neutral form, so that the oracle and the service are held to the same answers by the same code.
 */
import { expect } from 'vitest';
import type {
  GoldenCell,
  GoldenCostAnswer,
  GoldenLatency,
  GoldenMessages,
  GoldenSessionFigures,
  GoldenTotals,
  GoldenUsage,
  LatencyStats,
  MessageCounts,
} from './golden-shapes.ts';

/** Every number of a row of `sessions.usage`. */
export function expectGoldenSession(actual: GoldenSessionFigures, golden: GoldenUsage): void {
  const dated = actual.cells.filter((cell) => cell.quarter !== null);
  const named = (cell: GoldenCell) => Boolean(cell.provider || cell.model);
  const datedMessages = actual.messages.filter((row) => row.quarter !== null);

  expectSame('totals', totalsOf(actual.cells), totalsOnly(golden));
  expectSame('activity', activityOf(actual), {
    firstActivity: golden.firstActivity,
    lastActivity: golden.lastActivity,
    durationMs: golden.durationMs,
  });
  expectSame(
    'activityDates',
    group(datedMessages, dateOf).map(([date]) => date),
    golden.activityDates ?? [],
  );
  expectSame(
    'dailyBreakdown',
    group(dated, dateOf).map(([date, rows]) => ({ date, ...spent(rows) })),
    golden.dailyBreakdown ?? [],
  );
  expectSame('messageCounts', messagesOf(actual.messages), golden.messageCounts);
  expectSame(
    'dailyMessageCounts',
    group(datedMessages, dateOf).map(([date, rows]) => ({ date, ...messagesOf(rows) })),
    golden.dailyMessageCounts ?? [],
  );
  expectSame(
    'utcQuarterHourMessageCounts',
    group(datedMessages, quarterOf).map(([, rows]) => ({ ...quarterNames(rows[0]), ...messagesOf(rows) })),
    golden.utcQuarterHourMessageCounts ?? [],
  );
  expectSame(
    'utcQuarterHourTokenUsage',
    group(dated, quarterOf).map(([, rows]) => ({
      ...quarterNames(rows[0]),
      ...tokensOf(rows),
      totalCost: costOf(rows),
    })),
    golden.utcQuarterHourTokenUsage ?? [],
  );
  expectSame(
    'dailyModelUsage',
    group(dated.filter(named), (cell) => `${dateOf(cell)} ${modelOf(cell)}`).map(([name, rows]) => ({
      name,
      ...spent(rows),
      count: sum(rows, 'records'),
    })),
    sortedByName(
      golden.dailyModelUsage?.map(({ date, tokens, cost, count, ...model }) => ({
        name: `${date} ${modelOf(model)}`,
        tokens,
        cost,
        count,
      })),
    ),
  );
  expectSame(
    'modelUsage',
    group(actual.cells.filter(named), modelOf).map(([name, rows]) => ({
      name,
      count: sum(rows, 'records'),
      totals: totalsOf(rows),
    })),
    sortedByName(
      golden.modelUsage?.map(({ count, totals, ...model }) => ({
        name: modelOf(model),
        count,
        totals: totalsOnly(totals),
      })),
    ),
  );
  const tools = sortedByName(actual.tools);
  const totalCalls = tools.reduce((calls, tool) => calls + tool.count, 0);
  expectSame(
    'toolUsage',
    { totalCalls, uniqueTools: tools.length, tools },
    {
      totalCalls: golden.toolUsage?.totalCalls ?? 0,
      uniqueTools: golden.toolUsage?.uniqueTools ?? 0,
      tools: sortedByName(golden.toolUsage?.tools),
    },
  );
  expectSame('latency', actual.latency === null ? undefined : latencyOf(actual.latency), golden.latency);
  expectSame(
    'dailyLatency',
    [...actual.dailyLatency]
      .sort((a, b) => (a.date < b.date ? -1 : 1))
      .map(({ date, ...latency }) => ({ date, ...latencyOf(latency) })),
    golden.dailyLatency ?? [],
  );
}

/** The totals of a whole `sessions.usage` answer, given the cells of all its rows. */
export function expectGoldenTotals(cells: GoldenCell[], golden: GoldenTotals): void {
  expectSame('totals', totalsOf(cells), totalsOnly(golden));
}

/** Every number of a `usage.cost` answer, given all cells of the agent in its range; it leaves out what has no time. */
export function expectGoldenCost(cells: GoldenCell[], golden: GoldenCostAnswer): void {
  const dated = cells.filter((cell) => cell.quarter !== null);
  expectSame('totals', totalsOf(dated), totalsOnly(golden.totals));
  expectSame(
    'daily',
    group(dated, dateOf).map(([date, rows]) => ({ date, ...totalsOf(rows) })),
    golden.daily.map((row) => ({ date: row.date, ...totalsOnly(row) })),
  );
}

/** Equal in everything, but members whose name speaks of money or of an average may be a millionth apart. */
function expectSame(name: string, actual: unknown, golden: unknown): void {
  expect(rounded(actual, golden), name).toEqual(golden);
}

const TOLERANCE = 1e-6;

/** `actual`, with the golden number where it is no integer and near enough. */
function rounded(actual: unknown, golden: unknown, member = ''): unknown {
  if (typeof actual === 'number' && typeof golden === 'number') {
    return /cost|avg/i.test(member) && Math.abs(actual - golden) <= TOLERANCE ? golden : actual;
  }
  if (Array.isArray(actual)) return actual.map((item, at) => rounded(item, (golden as unknown[] | undefined)?.[at]));
  if (typeof actual !== 'object' || actual === null) return actual;
  return Object.fromEntries(
    Object.entries(actual).map(([key, value]) => [
      key,
      rounded(value, (golden as Record<string, unknown> | null | undefined)?.[key], key),
    ]),
  );
}

function totalsOf(cells: GoldenCell[]): GoldenTotals {
  return {
    ...tokensOf(cells),
    totalCost: costOf(cells),
    inputCost: sum(cells, 'inputCost') / 1e9,
    outputCost: sum(cells, 'outputCost') / 1e9,
    cacheReadCost: sum(cells, 'cacheReadCost') / 1e9,
    cacheWriteCost: sum(cells, 'cacheWriteCost') / 1e9,
    missingCostEntries: sum(cells, 'missing'),
  };
}

function tokensOf(cells: GoldenCell[]) {
  return {
    input: sum(cells, 'input'),
    output: sum(cells, 'output'),
    cacheRead: sum(cells, 'cacheRead'),
    cacheWrite: sum(cells, 'cacheWrite'),
    totalTokens: sum(cells, 'totalTokens'),
  };
}

function costOf(cells: GoldenCell[]): number {
  return sum(cells, 'cost') / 1e9;
}

/** What this gateway calls tokens of a day: the four components, whatever the provider's total. */
function spent(cells: GoldenCell[]) {
  const { input, output, cacheRead, cacheWrite } = tokensOf(cells);
  return { tokens: input + output + cacheRead + cacheWrite, cost: costOf(cells) };
}

function totalsOnly(golden: GoldenTotals): GoldenTotals {
  const { input, output, cacheRead, cacheWrite, totalTokens, totalCost, missingCostEntries } = golden;
  const { inputCost, outputCost, cacheReadCost, cacheWriteCost } = golden;
  const tokens = { input, output, cacheRead, cacheWrite, totalTokens };
  return { ...tokens, totalCost, inputCost, outputCost, cacheReadCost, cacheWriteCost, missingCostEntries };
}

function messagesOf(rows: GoldenMessages[]): MessageCounts {
  return {
    total: sum(rows, 'total'),
    user: sum(rows, 'user'),
    assistant: sum(rows, 'assistant'),
    toolCalls: sum(rows, 'toolCalls'),
    toolResults: sum(rows, 'toolResults'),
    errors: sum(rows, 'errors'),
  };
}

function latencyOf({ count, sumMs, p95Ms, minMs, maxMs }: GoldenLatency): LatencyStats {
  return { count, avgMs: sumMs / count, p95Ms, minMs, maxMs };
}

function activityOf({ firstActivity, lastActivity }: GoldenSessionFigures) {
  const both = firstActivity !== null && lastActivity !== null;
  return {
    firstActivity: firstActivity ?? undefined,
    lastActivity: lastActivity ?? undefined,
    durationMs: both ? lastActivity - firstActivity : undefined,
  };
}

const QUARTERS_PER_DAY = 96;

type InQuarter = { quarter: number | null };

function quarterNames(row: InQuarter | undefined) {
  const quarter = row?.quarter as number;
  const quarterIndex = ((quarter % QUARTERS_PER_DAY) + QUARTERS_PER_DAY) % QUARTERS_PER_DAY;
  return { date: dateOf({ quarter }), quarterIndex };
}

/** The quarter as text that sorts by time. */
function quarterOf({ quarter }: InQuarter): string {
  return new Date((quarter as number) * 900_000).toISOString();
}

function dateOf(row: InQuarter): string {
  return quarterOf(row).slice(0, 10);
}

function modelOf({ provider, model }: { provider?: string | null; model?: string | null }): string {
  return `${provider ?? 'unknown'}::${model ?? 'unknown'}`;
}

/** Groups by a name, in the order of the names. */
function group<T>(rows: T[], nameOf: (row: T) => string): Array<[string, T[]]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(nameOf(row), [...(groups.get(nameOf(row)) ?? []), row]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function sortedByName<T extends { name: string }>(rows: T[] | undefined): T[] {
  return [...(rows ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sum<Name extends string>(rows: Array<Record<Name, number>>, name: Name): number {
  return rows.reduce((total, row) => total + row[name], 0);
}
