/** The accounting rules of OpenClaw 2026.5 (format.md 2). */
import {
  type AccountingRules,
  cutName,
  messageTime,
  nested,
  ownToolName,
  type RawUsage,
  recordTime,
  statedOutput,
  statedPrompt,
  statedTotal,
  type Tokens,
  tokenCount,
} from './accounting-rules.ts';
import type { MessageFacts } from './message-facts.ts';

export const rules2026_5: AccountingRules = {
  era: '2026.5',
  toolResultMessages: false,
  /** Record time as a date string first, then the message's number (format.md 2.3). */
  timestampOf: (facts) => recordTime(facts) ?? messageTime(facts),
  toolsOf,
  normalizeUsage,
  /** format.md 2.5: by what was not cached. */
  tierTokens: (input) => input,
  /** format.md 2.5: a price by tiers overrides what is recorded. */
  costSource(recorded, price) {
    if (recorded !== null && price !== 'tiered') return 'recorded';
    return price === 'none' ? 'missing' : 'listed';
  },
};

/** format.md 2.6: distinct names per message, those of the blocks and that of the message itself. */
function toolsOf(facts: MessageFacts): string[] {
  const own = ownToolName(facts);
  if (own === '' && facts.blockNames.length === 0) return NO_TOOLS;
  const names = new Set<string>();
  if (own !== '') names.add(cutName(own));
  for (const name of facts.blockNames) names.add(cutName(name));
  return [...names];
}

const NO_TOOLS: string[] = [];

/** format.md 2.4. */
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
  let prompt = statedPrompt(raw);
  const includesCached = raw.cached_tokens !== undefined || inputDetails !== undefined || promptDetails !== undefined;
  if (prompt !== undefined && includesCached && cacheRead !== undefined) prompt -= cacheRead;
  const input = tokenCount(prompt);
  const output = statedOutput(raw);
  const cacheWrite = tokenCount(raw.cacheWrite ?? raw.cache_write ?? raw.cache_creation_input_tokens);
  const total = statedTotal(raw);
  // Reasoning tokens count in nothing, but a usage that has only them is still a usage record.
  const reasoning = tokenCount(
    raw.reasoningTokens ??
      raw.reasoning_tokens ??
      nested(raw.completion_tokens_details).reasoning_tokens ??
      nested(raw.output_tokens_details).reasoning_tokens,
  );
  const any = input ?? output ?? cacheRead ?? cacheWrite ?? total ?? reasoning;
  return any === undefined ? null : { input, output, cacheRead, cacheWrite, cacheWrite1h: 0, total };
}
