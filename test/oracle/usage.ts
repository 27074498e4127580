/** The amounts of tokens that a record states, under whichever of their names (format.md 2.4). */
import { finite, member } from './json.ts';

export interface OracleUsage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
}

/** Null when nothing in it is a usage amount. In a `??` chain a value of the wrong type ends the search. */
export function usageOf(raw: unknown): OracleUsage | null {
  if (!raw) return null;
  const of = (name: string) => member(raw, name);
  const cachedInInput = member(of('input_tokens_details'), 'cached_tokens');
  const cachedInPrompt = member(of('prompt_tokens_details'), 'cached_tokens');
  const cacheRead = tokens(
    of('cacheRead') ??
      of('cache_read') ??
      of('cache_read_input_tokens') ??
      of('cached_tokens') ??
      cachedInInput ??
      cachedInPrompt,
  );
  const prompt = finite(
    of('input') ??
      of('inputTokens') ??
      of('input_tokens') ??
      of('promptTokens') ??
      of('prompt_tokens') ??
      of('prompt_n') ??
      member(of('timings'), 'prompt_n'),
  );
  const promptHoldsCached = [of('cached_tokens'), cachedInInput, cachedInPrompt].some((value) => value !== undefined);
  const input = tokens(
    prompt !== undefined && promptHoldsCached && cacheRead !== undefined ? prompt - cacheRead : prompt,
  );
  const output = tokens(
    of('output') ??
      of('outputTokens') ??
      of('output_tokens') ??
      of('completionTokens') ??
      of('completion_tokens') ??
      of('predicted_n') ??
      member(of('timings'), 'predicted_n'),
  );
  const cacheWrite = tokens(of('cacheWrite') ?? of('cache_write') ?? of('cache_creation_input_tokens'));
  const total = tokens(of('total') ?? of('totalTokens') ?? of('total_tokens'));
  const reasoning = tokens(
    of('reasoningTokens') ??
      of('reasoning_tokens') ??
      member(of('completion_tokens_details'), 'reasoning_tokens') ??
      member(of('output_tokens_details'), 'reasoning_tokens'),
  );
  if ([input, output, cacheRead, cacheWrite, total, reasoning].every((value) => value === undefined)) return null;
  const sum = (input ?? 0) + (output ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0);
  return {
    input: capTokens(input ?? 0),
    output: capTokens(output ?? 0),
    cacheRead: capTokens(cacheRead ?? 0),
    cacheWrite: capTokens(cacheWrite ?? 0),
    totalTokens: capTokens(total ?? sum),
  };
}

const MAX_TOKENS = 1e12;

function tokens(value: unknown): number | undefined {
  const number = finite(value);
  if (number === undefined) return undefined;
  return number <= 0 ? 0 : Math.min(Math.trunc(number), Number.MAX_SAFE_INTEGER);
}

function capTokens(amount: number): number {
  return Math.min(amount, MAX_TOKENS);
}
