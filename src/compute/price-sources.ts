/** Where prices come from, put together: OpenClaw's two files, each kept as it was while it cannot be read, and our own. */
import { createHash } from 'node:crypto';
import type { OpenClawConfig } from './openclaw-config.ts';
import type { PriceBookData } from './price-book.ts';
import { type OwnPrices, readOwnPrices } from './price-list.ts';

/** The prices before OpenClaw's were read. */
export function ownPricesOnly(own: OwnPrices): PriceBookData {
  return { catalog: [], configured: [], own: readOwnPrices(own) };
}

export function withPricesOf(
  { catalog, configured }: Pick<OpenClawConfig, 'catalog' | 'configured'>,
  known: PriceBookData,
): PriceBookData {
  return { catalog: catalog ?? known.catalog, configured: configured ?? known.configured, own: known.own };
}

/** Changes exactly when the prices do; 16 hexadecimal digits. */
export function epochOf(prices: PriceBookData): string {
  return createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 16);
}
