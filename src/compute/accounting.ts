/**
 * Accounting: from what a line says to what it counts for. What OpenClaw's eras do differently is in their rule sets
 * (accounting-rules.ts); the fold does not know which one it runs.
 */
import type { Milliseconds } from '../units.ts';
import {
  type AccountingRules,
  cutName,
  finite,
  type RawUsage,
  type RecordedCost,
  recordedCost,
  type Tokens,
} from './accounting-rules.ts';
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

/** Latencies beyond this are no latencies (format.md 2.7). */
const MAX_LATENCY: Milliseconds = 12 * 3_600_000;
const ERROR_STOPS = new Set(['error', 'aborted', 'timeout']);

/** What one message counts for. One object is filled again for each message. */
export class Message {
  /** A tool's result, where it counts at all, is nobody's message. */
  role: 'user' | 'assistant' | 'tool' = 'user';
  /** Null when the record has no usable time: it counts in no day and in no latency. */
  timestamp: Milliseconds | null = null;
  provider: string | null = null;
  model: string | null = null;
  /** All columns but the latency's, which depend on the messages before. */
  readonly figures: Figures = noFigures();
  /** Names of the tools called, each as often as it counts. */
  tools: string[] = [];
  /** What the record itself says it took; undefined when it says nothing. */
  duration: Milliseconds | undefined;
  /** An amount was past what a record can plausibly hold, and was cut to the limit. */
  capped = false;
}

/** Applies the rules to the facts of a line whose role is counted. */
export class Accounting {
  readonly rules: AccountingRules;
  readonly #prices: PriceBook;

  constructor(prices: PriceBook, rules: AccountingRules) {
    this.#prices = prices;
    this.rules = rules;
  }

  apply(facts: MessageFacts, message: Message): void {
    message.role = facts.role ?? 'assistant';
    message.timestamp = this.rules.timestampOf(facts);
    message.provider = nameOf(facts.messageProvider) ?? nameOf(facts.recordProvider);
    message.model = nameOf(facts.messageModel) ?? nameOf(facts.recordModel);
    message.duration = finite(facts.messageDuration ?? facts.recordDuration);
    message.tools = facts.role === 'tool' ? NO_TOOLS : this.rules.toolsOf(facts);
    message.capped = false;
    const figures = message.figures.fill(0);
    figures[TOOL_CALLS] = message.tools.length;
    const stopped = typeof facts.stopReason === 'string' && ERROR_STOPS.has(facts.stopReason) ? 1 : 0;
    if (facts.role === 'tool') {
      figures[TOOL_RESULTS] = 1;
      figures[ERRORS] = (facts.isError === true || facts.isErrorSnake === true ? 1 : 0) + stopped;
    } else {
      figures[MESSAGES] = 1;
      figures[TOOL_RESULTS] = facts.toolResults;
      figures[ERRORS] = facts.toolResultErrors + stopped;
    }
    const usage = facts.messageUsage ?? facts.recordUsage;
    if (usage) this.#addUsage(usage as RawUsage, message);
  }

  /** format.md 2.4 and 2.5. */
  #addUsage(raw: RawUsage, message: Message): void {
    const tokens = this.rules.normalizeUsage(raw);
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
    const tierTokens = this.rules.tierTokens(input, cacheRead, cacheWrite);
    const units = price === null ? null : unitsOf(price, tierTokens);
    const recorded = recordedCost(raw);
    const kind = price === null ? 'none' : price.tiers === null ? 'flat' : 'tiered';
    const source = this.rules.costSource(recorded, kind, total);
    if (source === 'recorded' && recorded !== null) {
      this.#record(recorded, message);
      if (units === null) impliedSaving(recorded, message);
    } else if (source === 'missing' || units === null) {
      figures[MISSING] = 1;
      figures[MISSING_TOKENS] = total;
    } else {
      this.#estimate(units, keptAnHour(tokens, cacheWrite), message);
    }
    if (units !== null && (cacheRead > 0 || cacheWrite > 0)) {
      const premium =
        cacheWrite * (units.cacheWrite - units.input) +
        keptAnHour(tokens, cacheWrite) * (hourPrice(units) - units.cacheWrite);
      figures[SAVED] = roundNano(1000 * (cacheRead * (units.input - units.cacheRead) - premium), message);
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

  #estimate(price: UnitPrices, keptAnHour: number, message: Message): void {
    const figures = message.figures;
    const input = roundNano((figures[INPUT] as number) * price.input * 1000, message);
    const output = roundNano((figures[OUTPUT] as number) * price.output * 1000, message);
    const cacheRead = roundNano((figures[CACHE_READ] as number) * price.cacheRead * 1000, message);
    const shortly = (figures[CACHE_WRITE] as number) - keptAnHour;
    const cacheWrite = roundNano((shortly * price.cacheWrite + keptAnHour * hourPrice(price)) * 1000, message);
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

const NO_TOOLS: string[] = [];

function nameOf(value: unknown): string | null {
  return typeof value === 'string' ? cutName(value) : null;
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

/** The prices that hold for one record: its tier's, else the model's. */
function unitsOf(price: Price, tierTokens: number): UnitPrices | null {
  return price.tiers === null ? price.units : selectTier(price.tiers, tierTokens);
}

/** Cache written to be kept for an hour costs twice the input's price (format.md 3). */
function hourPrice(price: UnitPrices): number {
  return 2 * price.input;
}

function keptAnHour({ cacheWrite1h }: Tokens, cacheWrite: number): number {
  return Math.min(cacheWrite1h, cacheWrite);
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
