/** Where prices come from, put together: OpenClaw's two files and our own configuration. */
import { createHash } from 'node:crypto';
import type { PriceBookData } from './price-book.ts';
import { type OwnPrices, type PriceEntry, readOwnPrices } from './price-list.ts';

/** The prices before OpenClaw's were read. */
export function ownPricesOnly(own: OwnPrices): PriceBookData {
  return { catalog: [], configured: [], own: readOwnPrices(own) };
}

/** Changes exactly when the prices do; 16 hexadecimal digits. */
export function epochOf(prices: PriceBookData | readonly PriceEntry[]): string {
  return createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 16);
}
