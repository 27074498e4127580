/** Figures as members of answers; and that whatever an answer is divided by, its parts add up to its totals. */
import { describe, expect, test } from 'vitest';
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
  noFigures,
  OUTPUT,
  OUTPUT_COST,
  RECORDS,
  RETAINED_COST,
  RETAINED_RECORDS,
  TOOL_CALLS,
  TOOL_RESULTS,
  TOTAL_TOKENS,
} from '../../src/compute/figures.ts';
import { LatencySum } from '../../src/snapshot/latency-sum.ts';
import { sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import type { Messages, Totals } from '../../src/snapshot/shapes.ts';
import { compareFigures, dollars, latencyOf, messagesOf, toolsOf, totalsOf } from '../../src/snapshot/totals.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { keptStore } from '../support/kept-store.ts';
import { pick, seededRandom } from '../support/random.ts';
import { randomQuestion } from '../support/random-question.ts';
import { randomStore } from '../support/random-store.ts';

function figuresOf(columns: Readonly<Record<number, number>>): Float64Array {
  const figures = noFigures();
  for (const [column, value] of Object.entries(columns)) figures[Number(column)] = value;
  return figures;
}

describe('totals', () => {
  const figures = figuresOf({
    [INPUT]: 1,
    [OUTPUT]: 2,
    [CACHE_READ]: 3,
    [CACHE_WRITE]: 4,
    [TOTAL_TOKENS]: 11,
    [COST]: 1_234_567_891,
    [INPUT_COST]: 1_000_000_001,
    [OUTPUT_COST]: 200_000_000,
    [CACHE_READ_COST]: -3,
    [CACHE_WRITE_COST]: 40,
    [RECORDS]: 6,
    [ESTIMATED]: 2,
    [MISSING]: 1,
    [RETAINED_RECORDS]: 3,
    [RETAINED_COST]: 500_000_000,
  });

  test('are every column by its name, dollars beside exact nano-dollars', () => {
    expect(totalsOf(figures)).toEqual({
      input: 1,
      output: 2,
      cacheRead: 3,
      cacheWrite: 4,
      totalTokens: 11,
      cost: 1.234567891,
      costNano: '1234567891',
      inputCost: 1.000000001,
      outputCost: 0.2,
      cacheReadCost: -3e-9,
      cacheWriteCost: 4e-8,
      records: 6,
      estimated: 2,
      missing: 1,
      retained: { records: 3, cost: 0.5 },
    });
  });

  test('may lie anywhere in the figures', () => {
    const two = new Float64Array([...noFigures(), ...figures]);
    expect(totalsOf(two, figures.length)).toEqual(totalsOf(figures));
  });

  test('carry the largest amounts without an exponent', () => {
    expect(totalsOf(figuresOf({ [COST]: 2 ** 53 - 1 })).costNano).toBe('9007199254740991');
    expect(dollars(-1)).toBe(-1e-9);
  });
});

test('messages are told by role, where users are known', () => {
  const figures = figuresOf({ [MESSAGES]: 10, [TOOL_CALLS]: 3, [TOOL_RESULTS]: 2, [ERRORS]: 1 });
  const rest = { total: 10, toolCalls: 3, toolResults: 2, errors: 1 };
  expect(messagesOf(figures, 4)).toEqual({ ...rest, user: 4, assistant: 6 });
  expect(messagesOf(figures, null)).toEqual({ ...rest, user: null, assistant: 10 });
});

test('figures are ordered by cost, then by tokens', () => {
  const [cheap, dear, long] = [{ [COST]: 1 }, { [COST]: 2 }, { [COST]: 1, [TOTAL_TOKENS]: 9 }].map(figuresOf) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  expect([cheap, dear, long].sort(compareFigures)).toEqual([dear, long, cheap]);
});

test('tools are ordered by calls, then by name', () => {
  const calls = new Map([
    ['read', 2],
    ['exec', 2],
    ['web', 5],
  ]);
  expect(toolsOf(calls)).toEqual({
    calls: 9,
    unique: 3,
    tools: [
      { name: 'web', count: 5 },
      { name: 'exec', count: 2 },
      { name: 'read', count: 2 },
    ],
  });
});

describe('latency', () => {
  test('is null without any', () => {
    expect(latencyOf(noFigures(), new LatencySum())).toBeNull();
  });

  test('has percentiles of the values kept, and the average of the exact ones', () => {
    const latencies = new LatencySum();
    latencies.add(100, 1);
    latencies.add(7, 98);
    latencies.add(50, 1);
    const latency = latencyOf(figuresOf({ [LATENCY_COUNT]: 100, [LATENCY_SUM]: 850 }), latencies);
    expect(latency).toEqual({ count: 100, avgMs: 8.5, p50Ms: 7, p95Ms: 7, p99Ms: 50, minMs: 7, maxMs: 100 });
  });
});

type Sums = Record<string, number>;

/** Every figure of totals, nano-dollars instead of dollars. */
function sumsOf(rows: readonly Totals[]): Sums {
  const sums: Sums = {};
  const add = (name: string, amount: number) => {
    sums[name] = (sums[name] ?? 0) + amount;
  };
  for (const { costNano, retained, cost: _, ...totals } of rows) {
    add('costNano', Number(costNano));
    add('retainedRecords', retained.records);
    add('retainedCost', Math.round(retained.cost * 1e9));
    for (const [name, amount] of Object.entries(totals)) {
      add(name, name.endsWith('Cost') ? Math.round(amount * 1e9) : amount);
    }
  }
  return sums;
}

function messageSums(rows: readonly Messages[]): Sums {
  const sums: Sums = {};
  for (const [name, count] of rows.flatMap((row) => Object.entries(row))) sums[name] = (sums[name] ?? 0) + (count ?? 0);
  return sums;
}

describe('rows and totals agree to the last token and nano-dollar', () => {
  const zones = ['UTC', 'Europe/Paris', 'Asia/Kolkata', 'Pacific/Chatham', 'America/New_York'];
  const QUESTIONS = 40;

  test.each(zones)('in %s', (timeZone) => {
    const directory = randomStore(20);
    const { keeper } = keptStore(directory);
    const rnd = seededRandom(zones.indexOf(timeZone));
    for (let number = 0; number < QUESTIONS; number++) {
      const { window, filters, now } = randomQuestion(rnd);
      const zoned = { ...window, timeZone, granularity: 'day' } as const;
      const split = pick(['model', 'provider', 'agent', 'channel', 'kind'] as const, rnd);
      const usage = usageView(keeper, usageQuery(zoned, filters, split), now);
      const totals = sumsOf([usage.totals]);
      const series = usage.series.map((row) => row.totals);
      const undated = usage.undated === null ? [] : [usage.undated];
      // Without any row there is no name to compare.
      const sums = (rows: readonly Totals[]) => ({
        ...sumsOf([]),
        ...(rows.length > 0 ? sumsOf(rows) : zeros(totals)),
      });
      expect(sums([...series, ...undated])).toEqual(totals);
      for (const rows of [usage.byModel, usage.byProvider, usage.byAgent, usage.byChannel, usage.byKind]) {
        expect(sums(rows.map((row) => row.totals))).toEqual(totals);
      }
      const parts = usage.split?.rows ?? [];
      const divided = (column: 'cost' | 'totalTokens', scale: number) =>
        parts.flatMap((row) => row[column]).reduce((sum, amount) => sum + Math.round(amount * scale), 0);
      const dated = sums(series);
      expect(divided('cost', 1e9)).toBe(dated.costNano);
      expect(divided('totalTokens', 1)).toBe(dated.totalTokens);
      expect(usage.tools.calls).toBe(usage.messages.toolCalls);
      for (const groupBy of ['instance', 'family'] as const) {
        const query = sessionsQuery(zoned, filters, { groupBy, limit: 1000 });
        const {
          sessions,
          totals: all,
          matches,
        } = sessionsPage(keeper, listSessions(keeper, query, now), query, 0, String);
        expect(all).toEqual(usage.totals);
        expect(sums(sessions.map((row) => row.totals))).toEqual(totals);
        if (sessions.length > 0)
          expect(messageSums(sessions.map((row) => row.messages))).toEqual(messageSums([usage.messages]));
        if (groupBy === 'instance') expect(matches).toBe(usage.sessionCount);
      }
    }
  });

  function zeros(sums: Sums): Sums {
    return Object.fromEntries(Object.keys(sums).map((name) => [name, 0]));
  }
});
