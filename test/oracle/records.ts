/**
 * What one transcript says, read the slow and plain way: split, JSON.parse, and the rules of format.md 2 one by one.
 * The fast fold is checked against this.
 */
import { costOf, type OracleCost, recordedCost, savedOf } from './cost.ts';
import { finite, member } from './json.ts';
import { type OraclePrices, ratesFor } from './prices.ts';
import { type OracleUsage, usageOf } from './usage.ts';

/** One counted message. */
export interface OracleRecord {
  role: 'user' | 'assistant';
  /** Epoch milliseconds; null when the record has no usable time. */
  ts: number | null;
  provider: string | null;
  model: string | null;
  usage: OracleUsage | null;
  cost: OracleCost | null;
  /** Nano-dollars that caching saved; null when unknown. */
  saved: number | null;
  tools: string[];
  toolResults: number;
  errors: number;
  /** What the record itself says it took, in milliseconds. */
  duration: number | null;
  /** The latency, exact, in whole milliseconds. */
  latency: number | null;
  /** The latency as it is kept for percentiles: that of a bucket where a transcript has more than it keeps exact. */
  latencyKept: number | null;
}

export interface OracleTranscript {
  records: OracleRecord[];
  /** Lines that are no JSON, or JSON but neither object nor array. */
  malformed: number;
  /** Lines that are not blank. */
  lines: number;
}

/** Reads a whole transcript: its lines, its records, and the latencies that depend on the records before. */
export function readTranscript(bytes: Uint8Array, prices: OraclePrices): OracleTranscript {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const records: OracleRecord[] = [];
  let malformed = 0;
  let lines = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    lines++;
    const parsed = parse(line);
    if (typeof parsed !== 'object' || parsed === null) {
      malformed++;
      continue;
    }
    const record = readRecord(parsed, prices);
    if (record !== null) records.push(record);
  }
  fillLatencies(records);
  return { records, malformed, lines };
}

/** Most latencies of one transcript that are kept exact. */
const EXACT_LATENCIES = 2048;
const MAX_LATENCY = 12 * 3_600_000;

/** Sets `latency` and `latencyKept` of the records of one transcript, in their order (format.md 2.7). */
export function fillLatencies(records: OracleRecord[]): void {
  let lastUser: number | null = null;
  for (const record of records) {
    record.latency = record.role === 'assistant' ? latencyOf(record, lastUser) : null;
    if (record.role === 'user' && record.ts !== null) lastUser = record.ts;
  }
  const quantised = records.filter((record) => record.latency !== null).length > EXACT_LATENCIES;
  for (const record of records) {
    record.latencyKept = record.latency !== null && quantised ? representative(record.latency) : record.latency;
  }
}

/** Undefined, which no JSON text gives, when the line is none. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const MAX_NAME = 200;
const ERROR_STOPS = ['error', 'aborted', 'timeout'];

function readRecord(record: object, prices: OraclePrices): OracleRecord | null {
  const message = member(record, 'message');
  if (typeof message !== 'object' || message === null) return null;
  const role = member(message, 'role');
  if (role !== 'user' && role !== 'assistant') return null;
  const provider = nameOf(member(message, 'provider')) ?? nameOf(member(record, 'provider'));
  const model = nameOf(member(message, 'model')) ?? nameOf(member(record, 'model'));
  const usageRaw = member(message, 'usage') ?? member(record, 'usage');
  const usage = usageOf(usageRaw);
  const price = usage === null ? null : prices.lookup(provider, model);
  const rates = usage === null || price === null ? null : ratesFor(price, usage.input);
  const results = blocksOf(message).filter((block) => ['tool_result', 'tool_result_error'].includes(typeOf(block)));
  const stopReason = member(message, 'stopReason');
  const failedResults = results.filter((block) => member(block, 'is_error') === true).length;
  const stopped = typeof stopReason === 'string' && ERROR_STOPS.includes(stopReason);
  const recorded = recordedCost(usageRaw);
  return {
    role,
    ts: timestampOf(record, message),
    provider,
    model,
    usage,
    cost: usage === null ? null : costOf(usage, price?.tiers === undefined ? recorded : null, rates),
    saved: usage === null ? null : savedOf(usage, recorded, rates),
    tools: toolsOf(message),
    toolResults: results.length,
    errors: failedResults + (stopped ? 1 : 0),
    duration: finite(member(message, 'durationMs') ?? member(record, 'durationMs')) ?? null,
    latency: null,
    latencyKept: null,
  };
}

/** format.md 2.3. */
function timestampOf(record: object, message: object): number | null {
  const text = member(record, 'timestamp');
  if (typeof text === 'string') {
    const date = new Date(text);
    if (!Number.isNaN(date.valueOf())) return date.valueOf();
  }
  const number = finite(member(message, 'timestamp'));
  if (number !== undefined) {
    const date = new Date(number);
    if (!Number.isNaN(date.valueOf())) return date.valueOf();
  }
  return null;
}

/** format.md 2.6: distinct names per message. */
function toolsOf(message: object): string[] {
  const calls = blocksOf(message).filter((block) => ['tool_use', 'toolcall', 'tool_call'].includes(typeOf(block)));
  const own = member(message, 'toolName') ?? member(message, 'tool_name');
  const names = [own, ...calls.map((block) => member(block, 'name'))]
    .filter((name) => typeof name === 'string')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => name.slice(0, MAX_NAME));
  return [...new Set(names)];
}

function blocksOf(message: object): object[] {
  const content = member(message, 'content');
  return Array.isArray(content) ? content.filter((block) => typeof block === 'object' && block !== null) : [];
}

function typeOf(block: object): string {
  const type = member(block, 'type');
  return typeof type === 'string' ? type.trim().toLowerCase() : '';
}

function latencyOf(record: OracleRecord, lastUser: number | null): number | null {
  if (record.ts === null) return null;
  const latency = record.duration ?? (lastUser === null ? null : Math.max(0, record.ts - lastUser));
  if (latency === null || latency < 0 || latency > MAX_LATENCY) return null;
  return Math.round(latency) + 0;
}

/** The value that stands for all latencies of a bucket; buckets grow by 2 %. */
function representative(latency: number): number {
  let low = 0;
  for (;;) {
    const high = Math.max(low + 1, Math.floor((low * 51) / 50));
    if (latency < high) return Math.floor((low + high - 1) / 2);
    low = high;
  }
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, MAX_NAME) : null;
}
