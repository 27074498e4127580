/** The accounting rules of OpenClaw 2026.9 (format.md 3), where they differ from those of 2026.5. */
import {
  type AccountingRules,
  cutName,
  finite,
  messageTime,
  nested,
  ownToolName,
  type RawUsage,
  type RecordedCost,
  recordedCost,
  recordTime,
  statedOutput,
  statedPrompt,
  statedTotal,
  type Tokens,
  tokenCount,
} from './accounting-rules.ts';
import type { MessageFacts } from './message-facts.ts';

export const rules2026_9: AccountingRules = {
  era: '2026.9',
  toolResultMessages: true,
  timestampOf: (facts) => messageTime(facts) ?? recordTime(facts),
  toolsOf,
  normalizeUsage,
  tierTokens: (input, cacheRead, cacheWrite) => input + cacheRead + cacheWrite,
  /** A recorded zero that nobody billed is an adapter's default, not a price, unless there was nothing to pay for. */
  costSource(recorded, price, totalTokens) {
    if (recorded !== null && (isEvidence(recorded) || totalTokens === 0)) return 'recorded';
    return price === 'none' ? 'missing' : 'listed';
  },
};

function isEvidence({ total, billed, input, output, cacheRead, cacheWrite }: RecordedCost): boolean {
  return total > 0 || billed || [input, output, cacheRead, cacheWrite].some((part) => (part ?? 0) !== 0);
}

/** Every call counts; the name that the message bears itself may repeat that of one of its blocks. */
function toolsOf(facts: MessageFacts): string[] {
  const names = [...facts.blockNames, ...facts.laterBlockNames];
  const own = ownToolName(facts);
  if (own !== '' && !names.includes(own)) names.unshift(own);
  return names.map(cutName);
}

/** A usage that has only a cost, only reasoning tokens or only a state of the context is a usage record too. */
function normalizeUsage(raw: RawUsage): Tokens | null {
  const inputDetails = nested(raw.input_tokens_details);
  const promptDetails = nested(raw.prompt_tokens_details);
  const cacheRead = tokenCount(
    raw.cacheRead ??
      raw.cache_read ??
      raw.cache_read_input_tokens ??
      raw.cached_input_tokens ??
      raw.cached ??
      raw.cached_tokens ??
      inputDetails.cached_tokens ??
      promptDetails.cached_tokens,
  );
  const cacheWrite = tokenCount(
    raw.cacheWrite ??
      raw.cache_write ??
      raw.cache_creation_input_tokens ??
      raw.cache_write_input_tokens ??
      inputDetails.cache_write_tokens ??
      promptDetails.cache_write_tokens ??
      promptDetails.cache_creation_input_tokens,
  );
  const input = inputOf(raw, cacheRead ?? 0, cacheWrite ?? 0);
  const output = statedOutput(raw);
  const total = statedTotal(raw);
  const reasoning = tokenCount(
    raw.reasoningTokens ??
      raw.reasoning_tokens ??
      nested(raw.completion_tokens_details).reasoning_tokens ??
      nested(raw.output_tokens_details).reasoning_tokens ??
      nested(raw.output_tokens_details).thinking_tokens,
  );
  const any = input ?? output ?? cacheRead ?? cacheWrite ?? total ?? reasoning;
  if (any === undefined && recordedCost(raw) === null && !tellsContext(nested(raw.contextUsage))) return null;
  return { input, output, cacheRead, cacheWrite, cacheWrite1h: tokenCount(raw.cacheWrite1h) ?? 0, total };
}

/** What is input alone: some providers count in it what was read from the cache, or written to it. */
function inputOf(raw: RawUsage, cacheRead: number, cacheWrite: number): number | undefined {
  const inputDetails = nested(raw.input_tokens_details);
  const promptDetails = nested(raw.prompt_tokens_details);
  const prompt = statedPrompt(raw);
  if (prompt === undefined) return undefined;
  const isDirect = finite(raw.input) !== undefined;
  const someOf = (...values: unknown[]) => values.some((value) => value !== undefined);
  const holdsReads =
    someOf(raw.cached_tokens, inputDetails.cached_tokens, promptDetails.cached_tokens) ||
    (!isDirect && someOf(raw.cached_input_tokens, raw.cached));
  const holdsWrites =
    !isDirect &&
    someOf(
      raw.cache_write_input_tokens,
      inputDetails.cache_write_tokens,
      promptDetails.cache_write_tokens,
      promptDetails.cache_creation_input_tokens,
    );
  return tokenCount(prompt - (holdsReads ? cacheRead : 0) - (holdsWrites ? cacheWrite : 0));
}

function tellsContext({ state, promptTokens, totalTokens }: RawUsage): boolean {
  if (state !== 'available') return state === 'unavailable';
  const prompt = tokenCount(promptTokens);
  const total = tokenCount(totalTokens);
  return prompt !== undefined && total !== undefined && total >= prompt;
}
