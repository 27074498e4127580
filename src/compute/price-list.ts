/**
 * Price lists as OpenClaw's files and our own configuration hold them, read into one normal form that is plain JSON
 * (so that it crosses threads and can be hashed).
 */
import { plainModelKey, resolvedModelKey } from './model-key.ts';

/** USD per million tokens; finite. */
export interface UnitPrices {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

const UNITS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const satisfies readonly (keyof UnitPrices)[];

/** The prices of a request whose input tokens lie in [start, end); no end is null. */
export interface Tier extends UnitPrices {
  readonly start: number;
  readonly end: number | null;
}

/** What one model costs; never both null. `tiers`, where there are any, count before `units`; not empty, sorted by start. */
export interface Price {
  readonly units: UnitPrices | null;
  readonly tiers: readonly Tier[] | null;
}

/** A model key with its price; null when the model is listed, but without a usable price. */
export type PriceEntry = readonly [key: string, price: Price | null];

/** Our own configuration's `prices`: provider -> model -> prices. */
export type OwnPrices = Readonly<Record<string, Readonly<Record<string, UnitPrices>>>>;

/**
 * The prices of `models.providers` in openclaw.json and `providers` in models.json (format.md 2.5), sorted by key;
 * of models that share a key the last counts. Whatever has another shape is not a price and is left out.
 * @param unpriced whether models of which no price is stated at all, not even a broken one, are listed
 */
export function readProviderPrices(providers: unknown, { unpriced = true } = {}): PriceEntry[] {
  const entries = new Map<string, Price | null>();
  for (const [provider, settings] of membersOf(providers)) {
    const models = isRecord(settings) ? settings.models : null;
    if (!Array.isArray(models)) continue;
    for (const model of models as readonly unknown[]) {
      if (!isRecord(model) || typeof model.id !== 'string') continue;
      const key = resolvedModelKey(provider, model.id);
      if (key !== null && (unpriced || statesPrice(model.cost))) entries.set(key, readPrice(model.cost));
    }
  }
  return sortByKey(entries);
}

/** The prices of our own configuration; its border has checked them. */
export function readOwnPrices(prices: OwnPrices): PriceEntry[] {
  const entries = new Map<string, Price | null>();
  for (const [provider, models] of Object.entries(prices)) {
    for (const [model, units] of Object.entries(models)) {
      const key = plainModelKey(provider, model);
      if (key !== null) entries.set(key, readPrice(units));
    }
  }
  return sortByKey(entries);
}

/** As `hasModelCostRates` of 2026.9. */
function statesPrice(cost: unknown): boolean {
  if (!isRecord(cost)) return false;
  const { tieredPricing } = cost;
  return UNITS.some((unit) => cost[unit] !== undefined) || (Array.isArray(tieredPricing) && tieredPricing.length > 0);
}

function readPrice(cost: unknown): Price | null {
  if (!isRecord(cost)) return null;
  const units = readUnits(cost);
  const tiers = readTiers(cost.tieredPricing);
  return units === null && tiers === null ? null : { units, tiers };
}

function readUnits(record: Readonly<Record<string, unknown>>): UnitPrices | null {
  const { input, output, cacheRead, cacheWrite } = record;
  return isNumber(input) && isNumber(output) && isNumber(cacheRead) && isNumber(cacheWrite)
    ? { input, output, cacheRead, cacheWrite }
    : null;
}

/** `range` is [start, end], [start] or [start, -1]; a tier without a start or one of its four prices is left out. */
function readTiers(raw: unknown): readonly Tier[] | null {
  if (!Array.isArray(raw)) return null;
  const tiers: Tier[] = [];
  for (const tier of raw as readonly unknown[]) {
    if (!isRecord(tier) || !Array.isArray(tier.range)) continue;
    const units = readUnits(tier);
    const [start, end] = tier.range as readonly unknown[];
    if (units === null || !isNumber(start)) continue;
    tiers.push({ start, end: isNumber(end) && end > start ? end : null, ...units });
  }
  return tiers.length === 0 ? null : tiers.sort((a, b) => a.start - b.start);
}

function sortByKey(entries: ReadonlyMap<string, Price | null>): PriceEntry[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function membersOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
