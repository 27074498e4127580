/** What differs between the accounting of OpenClaw's eras, and the little that their rule sets share. */
import type { Milliseconds } from '../units.ts';
import type { Era } from './era.ts';
import type { MessageFacts } from './message-facts.ts';

/** One era's rules: from what a line says to what it counts for. The rest is in accounting.ts, the same for all. */
export interface AccountingRules {
  readonly era: Era;
  /** Whether messages that are tool results count, although they are nobody's message. */
  readonly toolResultMessages: boolean;
  timestampOf(facts: MessageFacts): Milliseconds | null;
  /** Names of the tools that a user's or an assistant's message calls; what is counted twice stands there twice. */
  toolsOf(facts: MessageFacts): string[];
  /** Null when nothing in it is a usage amount. */
  normalizeUsage(raw: RawUsage): Tokens | null;
  /** The tokens by which a model's tier is chosen. */
  tierTokens(input: number, cacheRead: number, cacheWrite: number): number;
  /** What a usage record costs: as recorded, or at list price; `missing` when that takes a price that there is none of. */
  costSource(recorded: RecordedCost | null, price: PriceKind, totalTokens: number): 'recorded' | 'listed' | 'missing';
}

/** Whether a model has a list price, and whether that depends on the size of a request. */
export type PriceKind = 'none' | 'flat' | 'tiered';

/** A record's usage, as whoever wrote it spells it. */
export interface RawUsage {
  readonly [key: string]: unknown;
}

/** Amounts that a record states; undefined where it does not. */
export interface Tokens {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  /** Of `cacheWrite`, kept for an hour, at a price of its own. */
  readonly cacheWrite1h: number;
  readonly total: number | undefined;
}

/** US dollars. */
export interface RecordedCost {
  readonly total: number;
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  /** A total of zero is what the provider asked for, not what an adapter filled in. */
  readonly billed: boolean;
}

/** A recorded cost is one whose total is a finite number of at least 0 (format.md 2.5). */
export function recordedCost(raw: RawUsage): RecordedCost | null {
  const cost = raw.cost;
  if (typeof cost !== 'object' || cost === null) return null;
  const { total, input, output, cacheRead, cacheWrite, totalOrigin } = cost as RawUsage;
  const sum = finite(total);
  if (sum === undefined || sum < 0) return null;
  return {
    total: sum,
    input: finite(input),
    output: finite(output),
    cacheRead: finite(cacheRead),
    cacheWrite: finite(cacheWrite),
    billed: totalOrigin === 'provider-billed',
  };
}

/** The farthest moment that a Date can hold. */
const MAX_DATE: Milliseconds = 8.64e15;

/** The record's time where it is a date string. */
export function recordTime(facts: MessageFacts): Milliseconds | null {
  if (facts.recordMoment !== null) return facts.recordMoment;
  if (typeof facts.recordTimestamp !== 'string') return null;
  const parsed = Date.parse(facts.recordTimestamp);
  return Number.isNaN(parsed) ? null : parsed;
}

/** The message's time where it is a number that a Date can hold. */
export function messageTime(facts: MessageFacts): Milliseconds | null {
  const number = finite(facts.messageTimestamp);
  return number === undefined || Math.abs(number) > MAX_DATE ? null : Math.trunc(number) + 0;
}

/** Longest provider, model and tool name that is kept, in UTF-16 units. */
const MAX_NAME = 200;

/** Half a surrogate pair would not survive being written as UTF-8, and two names could become one. */
export function cutName(name: string): string {
  return (name.length > MAX_NAME ? name.slice(0, MAX_NAME) : name).toWellFormed();
}

/** The tool name that a message bears itself, trimmed; empty when it bears none. */
export function ownToolName(facts: MessageFacts): string {
  const own = facts.toolName ?? facts.toolNameSnake;
  return typeof own === 'string' ? own.trim() : '';
}

/** What went in, as the provider counts it: some count in it what the cache gave or took. */
export function statedPrompt(raw: RawUsage): number | undefined {
  return finite(
    raw.input ??
      raw.inputTokens ??
      raw.input_tokens ??
      raw.promptTokens ??
      raw.prompt_tokens ??
      raw.prompt_n ??
      nested(raw.timings).prompt_n,
  );
}

export function statedOutput(raw: RawUsage): number | undefined {
  return tokenCount(
    raw.output ??
      raw.outputTokens ??
      raw.output_tokens ??
      raw.completionTokens ??
      raw.completion_tokens ??
      raw.predicted_n ??
      nested(raw.timings).predicted_n,
  );
}

export function statedTotal(raw: RawUsage): number | undefined {
  return tokenCount(raw.total ?? raw.totalTokens ?? raw.total_tokens);
}

const NOTHING: RawUsage = {};

export function nested(value: unknown): RawUsage {
  return value === undefined || value === null ? NOTHING : (value as RawUsage);
}

export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function tokenCount(value: unknown): number | undefined {
  const number = finite(value);
  if (number === undefined) return undefined;
  return number <= 0 ? 0 : Math.min(Math.trunc(number), Number.MAX_SAFE_INTEGER);
}
