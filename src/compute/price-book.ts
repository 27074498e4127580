/** The price of a provider's model, looked up in OpenClaw's order (format.md 2.5) and remembered. */
import { normalizeProvider, plainModelKey, resolvedModelKey } from './model-key.ts';
import type { Price, PriceEntry, Tier } from './price-list.ts';

export type { Price, Tier, UnitPrices } from './price-list.ts';

/** All price lists of one moment; plain JSON, equal content gives equal text. */
export interface PriceBookData {
  /** The agent's models.json, or agent main's (model-catalog.ts). */
  readonly catalog: readonly PriceEntry[];
  /** openclaw.json. */
  readonly configured: readonly PriceEntry[];
  /** Our own configuration. */
  readonly own: readonly PriceEntry[];
}

/** The providers whose resolved model ids OpenClaw looks up in models.json too. */
const RESOLVED_IN_CATALOG: ReadonlySet<string> = new Set(['anthropic', 'openrouter', 'vercel-ai-gateway']);

/** Answers remembered at once; transcripts decide on the names that are asked for. */
const MAX_REMEMBERED = 10_000;

export class PriceBook {
  readonly #catalog: ReadonlyMap<string, Price | null>;
  readonly #configured: ReadonlyMap<string, Price | null>;
  readonly #own: ReadonlyMap<string, Price | null>;
  readonly #remembered = new Map<string, Map<string, Price | null>>();
  #count = 0;

  constructor(data: PriceBookData) {
    this.#catalog = new Map(data.catalog);
    this.#configured = new Map(data.configured);
    this.#own = new Map(data.own);
  }

  /** The list price of a model, null when there is none. */
  find(provider: string | null, model: string | null): Price | null {
    if (provider === null || model === null) return null;
    const known = this.#remembered.get(provider)?.get(model);
    return known === undefined ? this.#remember(provider, model, this.#lookUp(provider, model)) : known;
  }

  #remember(provider: string, model: string, price: Price | null): Price | null {
    if (this.#count === MAX_REMEMBERED) {
      this.#remembered.clear();
      this.#count = 0;
    }
    let models = this.#remembered.get(provider);
    if (models === undefined) {
      models = new Map();
      this.#remembered.set(provider, models);
    }
    models.set(model, price);
    this.#count++;
    return price;
  }

  /** A model that OpenClaw lists without a usable price ends its look-up, as there; our own prices fill any gap. */
  #lookUp(provider: string, model: string): Price | null {
    const plain = plainModelKey(provider, model);
    const resolved = resolvedModelKey(provider, model);
    if (plain === null || resolved === null) return null;
    let listed = this.#catalog.get(plain);
    if (listed === undefined) listed = this.#configured.get(resolved);
    if (listed === undefined && RESOLVED_IN_CATALOG.has(normalizeProvider(provider))) {
      listed = this.#catalog.get(resolved);
    }
    return listed ?? this.#own.get(plain) ?? this.#own.get(resolved) ?? null;
  }
}

/**
 * The tier for a request's input tokens (cache not counted): the first that holds them, else the last that starts
 * below them, else the first.
 * @param tiers a Price's tiers
 */
export function selectTier(tiers: readonly Tier[], input: number): Tier {
  const first = tiers[0] as Tier;
  if (input <= 0) return first;
  let below = first;
  for (const tier of tiers) {
    if (input < tier.start) break;
    if (tier.end === null || input < tier.end) return tier;
    below = tier;
  }
  return below;
}
