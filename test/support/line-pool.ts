/** Realistic transcript lines of a generated store, with its prices in the forms that the fold and the oracle take. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Accounting } from '../../src/compute/accounting.ts';
import { RULES } from '../../src/compute/eras.ts';
import { PriceBook } from '../../src/compute/price-book.ts';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import { type OraclePrices, oraclePrices } from '../oracle/prices.ts';
import { type PlainTranscript, readTranscripts } from './plain-reading.ts';
import { smallStore } from './stores.ts';

export interface LinePool {
  readonly transcripts: readonly PlainTranscript[];
  /** Lines of every kind that are JSON objects, without newline. */
  readonly lines: readonly string[];
  readonly accounting: Accounting;
  readonly prices: OraclePrices;
}

/** Prices for the models of arbitrary-record.ts; `acme-tiered` has tiers, `half-price` lacks prices, `unpriced-1` has none. */
const RATES = { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 };
const PROVIDERS = {
  acme: {
    models: [
      { id: 'acme-large', cost: RATES },
      {
        id: 'acme-tiered',
        cost: {
          ...RATES,
          tieredPricing: [
            { ...RATES, input: 4, range: [100_000] },
            { ...RATES, input: 0.333, cacheRead: 0.0007, range: [0, 50_000] },
          ],
        },
      },
    ],
  },
  tiny: { models: [{ id: 'half-price', cost: { input: 1 } }] },
};

export function linePool(seed: number): LinePool {
  const { directory } = smallStore(seed, { agents: 1, sessions: 16, meanKb: 80, malformed: 0.5 });
  const transcripts = readTranscripts(directory);
  const modelsJson = readJson(join(directory, 'agents', 'main', 'agent', 'models.json'));
  const openclawJson = readJson(join(directory, 'openclaw.json')) as { models: { providers: object } };
  const providers = { ...openclawJson.models.providers, ...PROVIDERS };
  const book = new PriceBook({
    catalog: readProviderPrices((modelsJson as { providers: unknown }).providers),
    configured: readProviderPrices(providers),
    own: [],
  });
  return {
    transcripts,
    lines: transcripts.flatMap((transcript) => transcript.lines.filter(isObject)),
    accounting: new Accounting(book, RULES['2026.5']),
    prices: oraclePrices({ models: { providers } }, modelsJson),
  };
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
