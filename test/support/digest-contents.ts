/** What a digest holds and what the oracle's records add up to, in one form that tests can compare. */
import { increment } from '../../src/compute/counts.ts';
import { type Digest, UNDATED } from '../../src/compute/digest.ts';
import * as columns from '../../src/compute/figures.ts';
import { quarterOf } from '../../src/units.ts';
import type { OracleRecord } from '../oracle/records.ts';

interface CellContents {
  /** Sums by the column's name, zeros left out. */
  figures: Map<string, number>;
  tools: Map<string, number>;
  latencies: Map<number, number>;
}

export interface DigestContents {
  /** By quarter hour, role, provider and model. */
  cells: Record<string, CellContents>;
  /** First and last counted message by quarter hour. */
  activity: Record<string, [first: number, last: number]>;
}

const COLUMN_NAMES = Object.entries(columns)
  .filter(([name, value]) => typeof value === 'number' && !/^MAX_|COLUMNS$/.test(name))
  .sort(([, a], [, b]) => (a as number) - (b as number))
  .map(([name]) => name);

export function contentsOf(digest: Digest): DigestContents {
  const contents: DigestContents = { cells: {}, activity: {} };
  for (const [quarter, models] of digest.cells) {
    for (const [index, { figures, tools, latencies }] of models) {
      const { role, provider, model } = digest.models[index]!;
      contents.cells[cellName(quarter, role, provider, model)] = {
        figures: withoutZeros(COLUMN_NAMES.map((name, at) => [name, figures[at]!])),
        tools: new Map([...tools].map(([tool, count]) => [digest.tools[tool]!, count])),
        latencies,
      };
    }
  }
  for (const [quarter, { first, last }] of digest.activity) contents.activity[quarter] = [first, last];
  return contents;
}

/** Adds the oracle's records up as a digest does. */
export function contentsOfRecords(records: readonly (OracleRecord & { isResult?: boolean })[]): DigestContents {
  const contents: DigestContents = { cells: {}, activity: {} };
  for (const record of records) {
    const { ts, role } = record;
    const quarter = ts === null ? UNDATED : quarterOf(ts);
    const name = cellName(quarter, role, asUtf8(record.provider), asUtf8(record.model));
    contents.cells[name] ??= { figures: new Map(), tools: new Map(), latencies: new Map() };
    const cell = contents.cells[name];
    for (const [column, value] of Object.entries(figuresOf(record))) increment(cell.figures, column, value);
    for (const tool of record.tools) increment(cell.tools, asUtf8(tool), 1);
    if (record.latencyKept !== null) increment(cell.latencies, record.latencyKept, 1);
    if (ts === null) continue;
    const [first, last] = contents.activity[quarter] ?? [ts, ts];
    contents.activity[quarter] = [Math.min(first, ts), Math.max(last, ts)];
  }
  for (const cell of Object.values(contents.cells)) cell.figures = withoutZeros([...cell.figures]);
  return contents;
}

function figuresOf({ usage, cost, ...record }: OracleRecord & { isResult?: boolean }): Record<string, number> {
  const estimated = cost?.source === 'estimated' ? cost : null;
  const missing = cost?.source === 'missing';
  return {
    RECORDS: usage === null ? 0 : 1,
    INPUT: usage?.input ?? 0,
    OUTPUT: usage?.output ?? 0,
    CACHE_READ: usage?.cacheRead ?? 0,
    CACHE_WRITE: usage?.cacheWrite ?? 0,
    TOTAL_TOKENS: usage?.totalTokens ?? 0,
    COST: cost?.total ?? 0,
    INPUT_COST: cost?.input ?? 0,
    OUTPUT_COST: cost?.output ?? 0,
    CACHE_READ_COST: cost?.cacheRead ?? 0,
    CACHE_WRITE_COST: cost?.cacheWrite ?? 0,
    ESTIMATED: estimated === null ? 0 : 1,
    MISSING: missing ? 1 : 0,
    MISSING_TOKENS: missing ? (usage?.totalTokens ?? 0) : 0,
    SAVED: record.saved ?? 0,
    SAVED_RECORDS: record.saved === null ? 0 : 1,
    MESSAGES: record.isResult ? 0 : 1,
    TOOL_CALLS: record.tools.length,
    TOOL_RESULTS: record.toolResults,
    ERRORS: record.errors,
    LATENCY_COUNT: record.latency === null ? 0 : 1,
    LATENCY_SUM: record.latency ?? 0,
    ESTIMATED_INPUT_COST: estimated?.input ?? 0,
    ESTIMATED_OUTPUT_COST: estimated?.output ?? 0,
    ESTIMATED_CACHE_READ_COST: estimated?.cacheRead ?? 0,
    ESTIMATED_CACHE_WRITE_COST: estimated?.cacheWrite ?? 0,
  };
}

function cellName(quarter: number, role: string, provider: string | null, model: string | null): string {
  return JSON.stringify([quarter, role, provider, model]);
}

/** Digests hold UTF-8, in which half a surrogate pair is U+FFFD. */
function asUtf8<Text extends string | null>(text: Text): Text {
  return (text === null ? null : Buffer.from(text).toString()) as Text;
}

function withoutZeros(sums: readonly (readonly [name: string, sum: number])[]): Map<string, number> {
  return new Map(sums.filter(([, sum]) => sum !== 0));
}
