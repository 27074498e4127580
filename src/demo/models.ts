/**
 * The models of generated stores. Together they cover every way in which a transcript tells, or does not tell, what an
 * answer used and what it cost (format.md 2.4, 2.5).
 */
import type { Random } from './random.ts';

/** US dollars per million tokens. */
interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

interface TieredPrice extends Price {
  readonly tieredPricing?: readonly (Price & { readonly range: readonly number[] })[];
}

export interface DemoModel {
  readonly weight: number;
  readonly provider: string;
  readonly model: string;
  readonly api: string;
  /** Null where nobody knows one. */
  readonly price: TieredPrice | null;
  /** How `usage.cost` stands in a transcript: with its parts, as a total only, all zero, or not at all. */
  readonly recorded: 'full' | 'total' | 'zero' | 'none';
  /** Whose names the usage fields have. */
  readonly spelling: 'openclaw' | 'anthropic' | 'openai' | 'llamacpp';
  /** The file that holds the price as configuration. */
  readonly configuredIn?: 'openclaw.json' | 'models.json';
}

const QWEN_TIERS = [
  { input: 1.2, output: 6, cacheRead: 0.24, cacheWrite: 0, range: [0, 32_000] },
  { input: 2.4, output: 12, cacheRead: 0.48, cacheWrite: 0, range: [32_000, 128_000] },
  { input: 3, output: 15, cacheRead: 0.6, cacheWrite: 0, range: [128_000] },
];

export const demoModels: readonly DemoModel[] = [
  {
    weight: 30,
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    api: 'anthropic-messages',
    price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
    recorded: 'full',
    spelling: 'openclaw',
  },
  {
    weight: 12,
    provider: 'anthropic',
    model: 'claude-opus-4-7',
    api: 'anthropic-messages',
    price: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
    recorded: 'full',
    spelling: 'openclaw',
  },
  {
    weight: 15,
    provider: 'openai-codex',
    model: 'gpt-5.5',
    api: 'openai-codex-responses',
    price: { input: 1.75, output: 14, cacheRead: 0.175, cacheWrite: 0 },
    recorded: 'full',
    spelling: 'openclaw',
  },
  {
    weight: 8,
    provider: 'openrouter',
    model: 'moonshotai/kimi-k2.6',
    api: 'openai-completions',
    price: { input: 0.6, output: 2.5, cacheRead: 0.15, cacheWrite: 0 },
    recorded: 'total',
    spelling: 'openclaw',
  },
  {
    weight: 8,
    provider: 'ollama',
    model: 'gemma4:31b',
    api: 'openai-completions',
    price: null,
    recorded: 'zero',
    spelling: 'openclaw',
  },
  {
    weight: 8,
    provider: 'mistral',
    model: 'mistral-large-3',
    api: 'openai-completions',
    price: { input: 2, output: 6, cacheRead: 0.2, cacheWrite: 2.5 },
    recorded: 'none',
    spelling: 'openclaw',
    configuredIn: 'openclaw.json',
  },
  {
    weight: 6,
    provider: 'qwen',
    model: 'qwen3.6-max',
    api: 'openai-completions',
    price: { input: 1.2, output: 6, cacheRead: 0.24, cacheWrite: 0, tieredPricing: QWEN_TIERS },
    recorded: 'full',
    spelling: 'openclaw',
    configuredIn: 'openclaw.json',
  },
  {
    weight: 5,
    provider: 'deepseek',
    model: 'deepseek-v4',
    api: 'openai-completions',
    price: { input: 0.28, output: 0.42, cacheRead: 0.028, cacheWrite: 0 },
    recorded: 'none',
    spelling: 'openai',
    configuredIn: 'models.json',
  },
  {
    weight: 3,
    provider: 'house-proxy',
    model: 'claude-haiku-5',
    api: 'anthropic-messages',
    price: null,
    recorded: 'none',
    spelling: 'anthropic',
  },
  {
    weight: 3,
    provider: 'llama-server',
    model: 'gpt-oss-120b',
    api: 'openai-completions',
    price: null,
    recorded: 'none',
    spelling: 'llamacpp',
  },
];

/** The providers of one configuration file, in the shape of `models.providers`. */
export function configuredProviders(file: NonNullable<DemoModel['configuredIn']>): Record<string, unknown> {
  return Object.fromEntries(
    demoModels
      .filter((model) => model.configuredIn === file)
      .map(({ provider, model, api, price }) => [
        provider,
        {
          baseUrl: 'http://127.0.0.1:9/v1',
          api,
          models: [{ id: model, name: model, input: ['text'], contextWindow: 200_000, maxTokens: 8192, cost: price }],
        },
      ]),
  );
}

/** The usage of one answer: `context` tokens went in, cached ones included, and `output` came out. */
export function usageOf(model: DemoModel, context: number, output: number, random: Random): Record<string, unknown> {
  const caches = model.spelling !== 'llamacpp' && model.recorded !== 'zero' && random.chance(0.85);
  const cacheRead = caches ? Math.floor(context * (0.6 + 0.39 * random.next())) : 0;
  const writes = model.api === 'anthropic-messages' && random.chance(0.6);
  const cacheWrite = writes ? Math.floor((context - cacheRead) * random.next()) : 0;
  const input = Math.max(1, context - cacheRead - cacheWrite);
  const totalTokens = input + output + cacheRead + cacheWrite;
  switch (model.spelling) {
    case 'anthropic':
      return {
        input_tokens: input,
        output_tokens: output,
        cache_read_input_tokens: cacheRead,
        cache_creation_input_tokens: cacheWrite,
      };
    case 'openai':
      return {
        prompt_tokens: input + cacheRead,
        completion_tokens: output,
        total_tokens: totalTokens,
        prompt_tokens_details: { cached_tokens: cacheRead },
      };
    case 'llamacpp':
      return { timings: { prompt_n: input, predicted_n: output, predicted_ms: output * 21 } };
    case 'openclaw':
      return {
        input,
        output,
        cacheRead,
        cacheWrite,
        totalTokens,
        ...recordedCost(model, { input, output, cacheRead, cacheWrite }),
      };
  }
}

/** What the gateway writes for lines that no model was asked for, and for calls that failed. */
export function noUsage(): Record<string, unknown> {
  return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0, cost: costOf(null, NO_PRICE) };
}

const NO_PRICE: Price = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

function recordedCost(model: DemoModel, tokens: Price): { cost?: Record<string, number> } {
  if (model.recorded === 'none') return {};
  const cost = costOf(model.price, tokens);
  return { cost: model.recorded === 'total' ? { total: cost.total } : cost };
}

function costOf(price: Price | null, tokens: Price) {
  const { input, output, cacheRead, cacheWrite } = price ?? NO_PRICE;
  const cost = {
    input: dollars(tokens.input * input),
    output: dollars(tokens.output * output),
    cacheRead: dollars(tokens.cacheRead * cacheRead),
    cacheWrite: dollars(tokens.cacheWrite * cacheWrite),
  };
  return { ...cost, total: dollars((cost.input + cost.output + cost.cacheRead + cost.cacheWrite) * 1e6) };
}

/** From tokens times price, with the noise of binary fractions cut off. */
function dollars(tokensTimesPrice: number): number {
  return Number((tokensTimesPrice / 1e6).toPrecision(12));
}
