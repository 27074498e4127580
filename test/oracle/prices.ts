/**
 * List prices as the gateway's files state them (format.md 2.5): `agents/main/agent/models.json` first, then
 * `openclaw.json`. Plain look-ups in plain maps; no network, no plugins.
 */
import { finite, member } from './json.ts';

/** US dollars per million tokens. */
export interface OracleRates {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface OracleTier extends OracleRates {
  /** Half-open, in input tokens; the end may be Infinity. */
  range: [number, number];
}

/** With tiers the rates beside them are never used, and may be NaN. */
export interface OraclePrice extends OracleRates {
  tiers?: OracleTier[];
}

export interface OraclePrices {
  lookup(provider: string | null, model: string | null): OraclePrice | null;
}

/** The prices of a parsed `openclaw.json` (or null) and a parsed `models.json` (or null). */
export function oraclePrices(openclawJson: unknown, modelsJson: unknown): OraclePrices {
  const configured = indexOf(member(member(openclawJson, 'models'), 'providers'));
  const generated = indexOf(member(modelsJson, 'providers'));
  return {
    lookup(provider, model) {
      const key = keyOf(provider, model);
      if (key === null) return null;
      // An entry of models.json hides the one of openclaw.json even when its own price is unusable.
      return (generated.has(key) ? generated.get(key) : configured.get(key)) ?? null;
    },
  };
}

/** The rates that hold for one record; tiers are chosen by input alone (`selectPricingTier` of the gateway). */
export function ratesFor(price: OraclePrice, input: number): OracleRates {
  const tiers = price.tiers;
  if (tiers === undefined || tiers.length === 0) return price;
  const sorted = [...tiers].sort((a, b) => a.range[0] - b.range[0]);
  const first = sorted[0] as OracleTier;
  if (input <= 0) return first;
  const holding = sorted.find((tier) => input >= tier.range[0] && input < tier.range[1]);
  return holding ?? sorted.findLast((tier) => input >= tier.range[0]) ?? first;
}

const ALIASES: Record<string, string> = {
  modelstudio: 'qwen',
  qwencloud: 'qwen',
  'z.ai': 'zai',
  'z-ai': 'zai',
  'opencode-zen': 'opencode',
  'opencode-go-auth': 'opencode-go',
  'anthropic-cli': 'claude-cli',
  'kimi-code': 'kimi',
  'kimi-coding': 'kimi',
  moonshotai: 'moonshot',
  'moonshot-ai': 'moonshot',
  bedrock: 'amazon-bedrock',
  'aws-bedrock': 'amazon-bedrock',
  bytedance: 'volcengine',
  doubao: 'volcengine',
};

/** `provider/model`, the provider lower-cased; a model that already starts with its provider stays as it is. */
function keyOf(provider: string | null, model: string | null): string | null {
  const lower = (provider ?? '').trim().toLowerCase();
  const providerId = Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] as string) : lower;
  const modelId = (model ?? '').trim();
  if (providerId === '' || modelId === '') return null;
  return modelId.toLowerCase().startsWith(`${providerId}/`) ? modelId : `${providerId}/${modelId}`;
}

function indexOf(providers: unknown): Map<string, OraclePrice | null> {
  const index = new Map<string, OraclePrice | null>();
  if (typeof providers !== 'object' || providers === null) return index;
  for (const [provider, settings] of Object.entries(providers)) {
    const models = member(settings, 'models');
    if (!Array.isArray(models)) continue;
    for (const model of models) {
      const id = member(model, 'id');
      const key = typeof id === 'string' ? keyOf(provider, id) : null;
      if (key !== null) index.set(key, priceOf(member(model, 'cost')));
    }
  }
  return index;
}

function priceOf(cost: unknown): OraclePrice | null {
  const rates = ratesOf(cost);
  const tiers = tiersOf(member(cost, 'tieredPricing'));
  if (tiers.length > 0) {
    return {
      ...(rates ?? { input: Number.NaN, output: Number.NaN, cacheRead: Number.NaN, cacheWrite: Number.NaN }),
      tiers,
    };
  }
  return rates;
}

function ratesOf(cost: unknown): OracleRates | null {
  const [input, output, cacheRead, cacheWrite] = ['input', 'output', 'cacheRead', 'cacheWrite'].map((name) =>
    finite(member(cost, name)),
  );
  if (input === undefined || output === undefined || cacheRead === undefined || cacheWrite === undefined) return null;
  return { input, output, cacheRead, cacheWrite };
}

function tiersOf(list: unknown): OracleTier[] {
  if (!Array.isArray(list)) return [];
  const tiers: OracleTier[] = [];
  for (const item of list) {
    const range = member(item, 'range');
    const rates = ratesOf(item);
    if (!Array.isArray(range) || rates === null) continue;
    const [start, end] = range;
    if (typeof start !== 'number' || !Number.isFinite(start)) continue;
    const closed = typeof end === 'number' && Number.isFinite(end) && end > start;
    tiers.push({ ...rates, range: [start, closed ? end : Number.POSITIVE_INFINITY] });
  }
  return tiers;
}
