/**
 * The accounting rules of OpenClaw 2026.5 (format.md 2): from what a line says to what it counts for.
 * A later era is a second rule set beside this one; the fold does not know which one it runs.
 */
import type { Milliseconds } from '../units.ts';
import {
  CACHE_READ,
  CACHE_READ_COST,
  CACHE_WRITE,
  CACHE_WRITE_COST,
  COST,
  ERRORS,
  ESTIMATED,
  ESTIMATED_CACHE_READ_COST,
  ESTIMATED_CACHE_WRITE_COST,
  ESTIMATED_INPUT_COST,
  ESTIMATED_OUTPUT_COST,
  type Figures,
  INPUT,
  INPUT_COST,
  MAX_NANO,
  MAX_TOKENS,
  MESSAGES,
  MISSING,
  MISSING_TOKENS,
  noFigures,
  OUTPUT,
  OUTPUT_COST,
  RECORDS,
  SAVED,
  SAVED_RECORDS,
  TOOL_CALLS,
  TOOL_RESULTS,
  TOTAL_TOKENS,
} from './figures.ts';
import type { MessageFacts } from './message-facts.ts';
import { type Price, type PriceBook, selectTier, type UnitPrices } from './price-book.ts';

/** Longest provider, model and tool name that is kept, in UTF-16 units. */
const MAX_NAME = 200;
/** Latencies beyond this are no latencies (format.md 2.7). */
const MAX_LATENCY: Milliseconds = 12 * 3_600_000;
/** The farthest moment that a Date can hold. */
const MAX_DATE: Milliseconds = 8.64e15;

const ERROR_STOPS = new Set(['error', 'aborted', 'timeout']);

/** What one message counts for. One object is filled again for each message. */
export class Message {
  role: 'user' | 'assistant' = 'user';
  /** Null when the record has no usable time: it counts in no day and in no latency. */
  timestamp: Milliseconds | null = null;
  provider: string | null = null;
  model: string | null = null;
  /** All columns but the latency's, which depend on the messages before. */
  readonly figures: Figures = noFigures();
  /** Distinct names of the tools called. */
  tools: string[] = [];
  /** What the record itself says it took; undefined when it says nothing. */
  duration: Milliseconds | undefined;
  /** An amount was past what a record can plausibly hold, and was cut to the limit. */
  capped = false;
}

/** Applies the rules to the facts of a line whose role is counted. */
export class Accounting {
  readonly #prices: PriceBook;

  constructor(prices: PriceBook) {
    this.#prices = prices;
  }

  apply(facts: MessageFacts, message: Message): void {
    message.role = facts.role === 'user' ? 'user' : 'assistant';
    message.timestamp = timestampOf(facts);
    message.provider = nameOf(facts.messageProvider) ?? nameOf(facts.recordProvider);
    message.model = nameOf(facts.messageModel) ?? nameOf(facts.recordModel);
    message.duration = finite(facts.messageDuration ?? facts.recordDuration);
    message.tools = toolsOf(facts);
    message.capped = false;
    const figures = message.figures.fill(0);
    figures[MESSAGES] = 1;
    figures[TOOL_CALLS] = message.tools.length;
    figures[TOOL_RESULTS] = facts.toolResults;
    const stopped = typeof facts.stopReason === 'string' && ERROR_STOPS.has(facts.stopReason);
    figures[ERRORS] = facts.toolResultErrors + (stopped ? 1 : 0);
    const usage = facts.messageUsage ?? facts.recordUsage;
    if (usage) this.#addUsage(usage as RawUsage, message);
  }

  /** format.md 2.4 and 2.5. */
  #addUsage(raw: RawUsage, message: Message): void {
    const tokens = normalizeUsage(raw);
    if (tokens === null) return;
    const figures = message.figures;
    const input = capTokens(tokens.input ?? 0, message);
    const output = capTokens(tokens.output ?? 0, message);
    const cacheRead = capTokens(tokens.cacheRead ?? 0, message);
    const cacheWrite = capTokens(tokens.cacheWrite ?? 0, message);
    const total = capTokens(tokens.total ?? input + output + cacheRead + cacheWrite, message);
    figures[RECORDS] = 1;
    figures[INPUT] = input;
    figures[OUTPUT] = output;
    figures[CACHE_READ] = cacheRead;
    figures[CACHE_WRITE] = cacheWrite;
    figures[TOTAL_TOKENS] = total;

    const price = this.#prices.find(message.provider, message.model);
    const units = price === null ? null : unitsOf(price, input);
    const recorded = recordedCost(raw);
    if (recorded !== null && (price === null || price.tiers === null)) {
      this.#record(recorded, message);
      if (units === null) impliedSaving(recorded, message);
    } else if (units === null) {
      figures[MISSING] = 1;
      figures[MISSING_TOKENS] = total;
    } else {
      this.#estimate(units, message);
    }
    if (units !== null && (cacheRead > 0 || cacheWrite > 0)) {
      const saved = cacheRead * (units.input - units.cacheRead) - cacheWrite * (units.cacheWrite - units.input);
      figures[SAVED] = roundNano(1000 * saved, message);
      figures[SAVED_RECORDS] = 1;
    }
  }

  #record(cost: RecordedCost, message: Message): void {
    const figures = message.figures;
    figures[COST] = roundNano(cost.total * 1e9, message);
    figures[INPUT_COST] = roundNano((cost.input ?? 0) * 1e9, message);
    figures[OUTPUT_COST] = roundNano((cost.output ?? 0) * 1e9, message);
    figures[CACHE_READ_COST] = roundNano((cost.cacheRead ?? 0) * 1e9, message);
    figures[CACHE_WRITE_COST] = roundNano((cost.cacheWrite ?? 0) * 1e9, message);
  }

  #estimate(price: UnitPrices, message: Message): void {
    const figures = message.figures;
    const input = roundNano((figures[INPUT] as number) * price.input * 1000, message);
    const output = roundNano((figures[OUTPUT] as number) * price.output * 1000, message);
    const cacheRead = roundNano((figures[CACHE_READ] as number) * price.cacheRead * 1000, message);
    const cacheWrite = roundNano((figures[CACHE_WRITE] as number) * price.cacheWrite * 1000, message);
    figures[ESTIMATED] = 1;
    figures[COST] = roundNano(input + output + cacheRead + cacheWrite, message);
    figures[INPUT_COST] = input;
    figures[OUTPUT_COST] = output;
    figures[CACHE_READ_COST] = cacheRead;
    figures[CACHE_WRITE_COST] = cacheWrite;
    figures[ESTIMATED_INPUT_COST] = input;
    figures[ESTIMATED_OUTPUT_COST] = output;
    figures[ESTIMATED_CACHE_READ_COST] = cacheRead;
    figures[ESTIMATED_CACHE_WRITE_COST] = cacheWrite;
  }
}

/** An assistant message's latency: as recorded, else since the last user message (format.md 2.7); null when there is none. */
export function latencyOf(message: Message, lastUser: Milliseconds | null): Milliseconds | null {
  if (message.role !== 'assistant' || message.timestamp === null) return null;
  const latency = message.duration ?? (lastUser === null ? null : Math.max(0, message.timestamp - lastUser));
  if (latency === null || latency < 0 || latency > MAX_LATENCY) return null;
  return Math.round(latency);
}

/** Record time as a date string first, then the message's number (format.md 2.3). */
function timestampOf(facts: MessageFacts): Milliseconds | null {
  if (facts.recordMoment !== null) return facts.recordMoment;
  if (typeof facts.recordTimestamp === 'string') {
    const parsed = Date.parse(facts.recordTimestamp);
    if (!Number.isNaN(parsed)) return parsed;
  }
  const number = finite(facts.messageTimestamp);
  return number === undefined || Math.abs(number) > MAX_DATE ? null : Math.trunc(number) + 0;
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' ? cutName(value) : null;
}

/** Half a surrogate pair would not survive being written as UTF-8, and two names could become one. */
function cutName(name: string): string {
  return (name.length > MAX_NAME ? name.slice(0, MAX_NAME) : name).toWellFormed();
}

/** format.md 2.6: distinct names per message, those of the blocks and that of the message itself. */
function toolsOf(facts: MessageFacts): string[] {
  const own = facts.toolName ?? facts.toolNameSnake;
  const first = typeof own === 'string' ? own.trim() : '';
  if (first === '' && facts.blockNames.length === 0) return NO_TOOLS;
  const names = new Set<string>();
  if (first !== '') names.add(cutName(first));
  for (const name of facts.blockNames) names.add(cutName(name));
  return [...names];
}

const NO_TOOLS: string[] = [];

interface RawUsage {
  readonly [key: string]: unknown;
}

interface Tokens {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  total: number | undefined;
}

/** format.md 2.4; null when nothing in it is a usage amount. */
function normalizeUsage(raw: RawUsage): Tokens | null {
  const inputDetails = nested(raw.input_tokens_details).cached_tokens;
  const promptDetails = nested(raw.prompt_tokens_details).cached_tokens;
  const cacheRead = tokenCount(
    raw.cacheRead ??
      raw.cache_read ??
      raw.cache_read_input_tokens ??
      raw.cached_tokens ??
      inputDetails ??
      promptDetails,
  );
  let prompt = finite(
    raw.input ??
      raw.inputTokens ??
      raw.input_tokens ??
      raw.promptTokens ??
      raw.prompt_tokens ??
      raw.prompt_n ??
      nested(raw.timings).prompt_n,
  );
  const includesCached = raw.cached_tokens !== undefined || inputDetails !== undefined || promptDetails !== undefined;
  if (prompt !== undefined && includesCached && cacheRead !== undefined) prompt -= cacheRead;
  const input = tokenCount(prompt);
  const output = tokenCount(
    raw.output ??
      raw.outputTokens ??
      raw.output_tokens ??
      raw.completionTokens ??
      raw.completion_tokens ??
      raw.predicted_n ??
      nested(raw.timings).predicted_n,
  );
  const cacheWrite = tokenCount(raw.cacheWrite ?? raw.cache_write ?? raw.cache_creation_input_tokens);
  const total = tokenCount(raw.total ?? raw.totalTokens ?? raw.total_tokens);
  // Reasoning tokens count in nothing, but a usage that has only them is still a usage record.
  const reasoning = tokenCount(
    raw.reasoningTokens ??
      raw.reasoning_tokens ??
      nested(raw.completion_tokens_details).reasoning_tokens ??
      nested(raw.output_tokens_details).reasoning_tokens,
  );
  const any = input ?? output ?? cacheRead ?? cacheWrite ?? total ?? reasoning;
  return any === undefined ? null : { input, output, cacheRead, cacheWrite, total };
}

const NOTHING: RawUsage = {};

function nested(value: unknown): RawUsage {
  return value === undefined || value === null ? NOTHING : (value as RawUsage);
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function tokenCount(value: unknown): number | undefined {
  const number = finite(value);
  if (number === undefined) return undefined;
  return number <= 0 ? 0 : Math.min(Math.trunc(number), Number.MAX_SAFE_INTEGER);
}

function capTokens(tokens: number, message: Message): number {
  if (tokens <= MAX_TOKENS) return tokens;
  message.capped = true;
  return MAX_TOKENS;
}

/** Rounds to whole nano-dollars in range; `+ 0` turns -0 into 0. */
function roundNano(nano: number, message: Message): number {
  const rounded = Math.round(nano);
  if (rounded >= -MAX_NANO && rounded <= MAX_NANO) return rounded + 0;
  message.capped = true;
  return rounded > 0 ? MAX_NANO : -MAX_NANO;
}

interface RecordedCost {
  readonly total: number;
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
}

/** format.md 2.5: a recorded cost is one whose total is a finite number of at least 0. */
function recordedCost(raw: RawUsage): RecordedCost | null {
  const cost = raw.cost;
  if (!cost || typeof raw !== 'object') return null;
  const { total, input, output, cacheRead, cacheWrite } = cost as RawUsage;
  const sum = finite(total);
  if (sum === undefined || sum < 0) return null;
  return {
    total: sum,
    input: finite(input),
    output: finite(output),
    cacheRead: finite(cacheRead),
    cacheWrite: finite(cacheWrite),
  };
}

/** The prices that hold for one record: its tier's, else the model's. */
function unitsOf(price: Price, input: number): UnitPrices | null {
  return price.tiers === null ? price.units : selectTier(price.tiers, input);
}

/** Without a list price, what caching saved follows from the recorded cost of uncached input, if there was any. */
function impliedSaving(cost: RecordedCost, message: Message): void {
  const figures = message.figures;
  const input = figures[INPUT] as number;
  const cacheRead = figures[CACHE_READ] as number;
  const cacheWrite = figures[CACHE_WRITE] as number;
  if (cost.input === undefined || input === 0 || (cacheRead === 0 && cacheWrite === 0)) return;
  if (cacheRead > 0 && cost.cacheRead === undefined) return;
  if (cacheWrite > 0 && cost.cacheWrite === undefined) return;
  const uncached = Math.round((cacheRead + cacheWrite) * ((figures[INPUT_COST] as number) / input));
  const paid =
    (cacheRead > 0 ? (figures[CACHE_READ_COST] as number) : 0) +
    (cacheWrite > 0 ? (figures[CACHE_WRITE_COST] as number) : 0);
  figures[SAVED] = roundNano(uncached - paid, message);
  figures[SAVED_RECORDS] = 1;
}
