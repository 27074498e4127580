/** The same as records.ts by the rules of OpenClaw 2026.9 (format.md 3), told again in full where they differ. */
import { costOf, recordedCost, savedOf } from './cost.ts';
import { finite, member } from './json.ts';
import { type OraclePrices, type OracleRates, ratesFor } from './prices.ts';
import { fillLatencies, type OracleRecord } from './records.ts';
import { type OracleUsage, usageOf } from './usage.ts';

/** A record, or the result of a tool, which is nobody's message and stands with the user's. */
export interface LaterRecord extends OracleRecord {
  isResult: boolean;
}

/** Reads lines of JSON objects, each a record of the visible branch; others are passed over. */
export function readLaterTranscript(bytes: Uint8Array, prices: OraclePrices): LaterRecord[] {
  const records: LaterRecord[] = [];
  for (const line of new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n')) {
    const record = readRecord(parse(line.trim()), prices);
    if (record !== null) records.push(record);
  }
  fillLatencies(records.filter(({ isResult }) => !isResult));
  return records;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const MAX_NAME = 200;
const ERROR_STOPS = ['error', 'aborted', 'timeout'];
const RESULT_ROLES = ['tool', 'toolResult'];

function readRecord(record: unknown, prices: OraclePrices): LaterRecord | null {
  const message = member(record, 'message');
  if (typeof message !== 'object' || message === null) return null;
  const role = member(message, 'role');
  const isResult = RESULT_ROLES.includes(String(role)) && typeof role === 'string';
  if (role !== 'user' && role !== 'assistant' && !isResult) return null;
  const provider = nameOf(member(message, 'provider')) ?? nameOf(member(record, 'provider'));
  const model = nameOf(member(message, 'model')) ?? nameOf(member(record, 'model'));
  const usageRaw = member(message, 'usage') ?? member(record, 'usage');
  const usage = laterUsage(usageRaw);
  const price = usage === null ? null : prices.lookup(provider, model);
  const prompt = usage === null ? 0 : usage.input + usage.cacheRead + usage.cacheWrite;
  const rates = usage === null || price === null ? null : hourly(ratesFor(price, prompt), usageRaw, usage);
  const recorded = recordedCost(usageRaw);
  const settled = usage !== null && recorded !== null && (isPaid(usageRaw) || usage.totalTokens === 0);
  const blocks = isResult ? [] : blocksOf(message);
  const results = blocks.filter((block) => ['tool_result', 'tool_result_error'].includes(typeOf(block)));
  const failed = isResult ? [message].filter(isFailure) : results.filter((it) => member(it, 'is_error') === true);
  const stopReason = member(message, 'stopReason');
  return {
    isResult,
    role: role === 'assistant' ? 'assistant' : 'user',
    ts: moment(member(message, 'timestamp'), 'number') ?? moment(member(record, 'timestamp'), 'string'),
    provider,
    model,
    usage,
    cost: usage === null ? null : costOf(usage, settled ? recorded : null, rates),
    saved: usage === null ? null : savedOf(usage, settled ? recorded : null, rates),
    tools: isResult ? [] : toolsOf(message, blocks),
    toolResults: isResult ? 1 : results.length,
    errors: failed.length + (ERROR_STOPS.some((stop) => stop === stopReason) ? 1 : 0),
    duration: finite(member(message, 'durationMs') ?? member(record, 'durationMs')) ?? null,
    latency: null,
    latencyKept: null,
  };
}

function isFailure(message: object): boolean {
  return member(message, 'isError') === true || member(message, 'is_error') === true;
}

/** A time of a type that a Date can hold. */
function moment(value: unknown, type: 'number' | 'string'): number | null {
  if (typeof value !== type) return null;
  const time = new Date(value as number | string).valueOf();
  return Number.isNaN(time) ? null : time;
}

/** Evidence that somebody was paid, or that a provider asked for nothing. */
function isPaid(usageRaw: unknown): boolean {
  const cost = member(usageRaw, 'cost');
  const amounts = ['total', 'input', 'output', 'cacheRead', 'cacheWrite'].map((name) => finite(member(cost, name)));
  return (
    amounts.some((amount) => amount !== undefined && amount !== 0) || member(cost, 'totalOrigin') === 'provider-billed'
  );
}

/** The rates with a mean one for cache writes, of which those kept for an hour cost twice the input. */
function hourly(rates: OracleRates, usageRaw: unknown, { cacheWrite }: OracleUsage): OracleRates {
  const stated = Math.trunc(Math.max(0, finite(member(usageRaw, 'cacheWrite1h')) ?? 0));
  const hours = Math.min(cacheWrite, stated);
  if (hours === 0) return rates;
  return { ...rates, cacheWrite: ((cacheWrite - hours) * rates.cacheWrite + hours * 2 * rates.input) / cacheWrite };
}

/** Names that came later are turned into those that usage.ts knows. */
function laterUsage(raw: unknown): OracleUsage | null {
  if (typeof raw !== 'object' || raw === null) return usageOf(raw);
  const of = (...path: string[]) => path.reduce<unknown>(member, raw);
  const first = (...values: unknown[]) => values.find((value) => value !== null && value !== undefined);
  const reads = [
    of('cached_tokens'),
    of('input_tokens_details', 'cached_tokens'),
    of('prompt_tokens_details', 'cached_tokens'),
  ];
  const writes = [
    of('cache_write_input_tokens'),
    of('input_tokens_details', 'cache_write_tokens'),
    of('prompt_tokens_details', 'cache_write_tokens'),
    of('prompt_tokens_details', 'cache_creation_input_tokens'),
  ];
  const laterReads = [of('cached_input_tokens'), of('cached')];
  const cacheRead = first(of('cacheRead'), of('cache_read'), of('cache_read_input_tokens'), ...laterReads, ...reads);
  const cacheWrite = first(of('cacheWrite'), of('cache_write'), of('cache_creation_input_tokens'), ...writes);
  const input = first(
    ...['input', 'inputTokens', 'input_tokens', 'promptTokens', 'prompt_tokens', 'prompt_n'].map((name) => of(name)),
    of('timings', 'prompt_n'),
  );
  const isGiven = (values: unknown[]) => values.some((value) => value !== undefined);
  const direct = finite(of('input')) !== undefined;
  const less =
    (isGiven(reads) || (!direct && isGiven(laterReads)) ? count(cacheRead) : 0) +
    (!direct && isGiven(writes) ? count(cacheWrite) : 0);
  const prompt = finite(input);
  const { total, totalTokens, total_tokens: snake } = raw as Record<string, unknown>;
  const { output, outputTokens, output_tokens, completionTokens, completion_tokens, predicted_n, timings } =
    raw as Record<string, unknown>;
  const usage = usageOf({
    input: prompt === undefined ? undefined : prompt - less,
    cacheRead,
    cacheWrite,
    output:
      first(output, outputTokens, output_tokens, completionTokens, completion_tokens, predicted_n) ??
      member(timings, 'predicted_n'),
    total: first(total, totalTokens, snake),
    reasoningTokens: first(
      of('reasoningTokens'),
      of('reasoning_tokens'),
      of('completion_tokens_details', 'reasoning_tokens'),
      of('output_tokens_details', 'reasoning_tokens'),
      of('output_tokens_details', 'thinking_tokens'),
    ),
  });
  if (usage !== null || (recordedCost(raw) === null && !knowsContext(of('contextUsage')))) return usage;
  return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0 };
}

function knowsContext(context: unknown): boolean {
  if (member(context, 'state') !== 'available') return member(context, 'state') === 'unavailable';
  const prompt = finite(member(context, 'promptTokens'));
  const total = finite(member(context, 'totalTokens'));
  return prompt !== undefined && total !== undefined && count(total) >= count(prompt);
}

function count(value: unknown): number {
  return Math.min(Math.trunc(Math.max(0, finite(value) ?? 0)), Number.MAX_SAFE_INTEGER);
}

/** Every call; the name of the message itself only if none of its blocks has it. */
function toolsOf(message: object, blocks: object[]): string[] {
  const called = blocks
    .filter((block) => ['tool_use', 'tooluse', 'toolcall', 'tool_call'].includes(typeOf(block)))
    .map((block) => textOf(member(block, 'name')));
  const own = textOf(member(message, 'toolName') ?? member(message, 'tool_name'));
  return [...called, ...(called.includes(own) ? [] : [own])]
    .filter((name) => name !== '')
    .map((name) => name.slice(0, MAX_NAME));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function blocksOf(message: object): object[] {
  const content = member(message, 'content');
  return Array.isArray(content) ? content.filter((block) => typeof block === 'object' && block !== null) : [];
}

function typeOf(block: object): string {
  return textOf(member(block, 'type')).toLowerCase();
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, MAX_NAME) : null;
}
