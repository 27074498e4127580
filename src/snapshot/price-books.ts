/**
 * The prices in force: a book a store, made of the model catalog that its prices begin with, of openclaw.json and of our
 * own configuration. Stores whose catalogs are equal share a book. Of one state directory: another has its own openclaw.json.
 */
import type { OpenClawConfig } from '../compute/openclaw-config.ts';
import type { PriceBookData } from '../compute/price-book.ts';
import type { OwnPrices, PriceEntry } from '../compute/price-list.ts';
import { epochOf, ownPricesOnly } from '../compute/price-sources.ts';
import type { StoreRows } from './store-rows.ts';

/** The prices that a fold is to use. */
export interface FoldPrices {
  readonly epoch: string;
  /** JSON of a PriceBookData. */
  readonly book: Uint8Array;
}

/** Of a catalog that was never read. */
const UNREAD = '';

export class PriceBooks {
  #common: Pick<PriceBookData, 'configured' | 'own'>;
  /** Of the catalogs in force, by their hash. */
  readonly #catalogs = new Map<string, readonly PriceEntry[]>();
  /** Made when first asked for, by the hash of the catalog. */
  readonly #books = new Map<string, FoldPrices>();

  constructor(own: OwnPrices) {
    this.#common = ownPricesOnly(own);
  }

  /** Takes the prices of openclaw.json over; those known stay while it cannot be read. */
  configure({ configured }: Pick<OpenClawConfig, 'configured'>): void {
    if (configured === null) return;
    this.#common = { ...this.#common, configured };
    this.#books.clear();
  }

  /** Takes catalogs over, by their hash. */
  add(catalogs: Readonly<Record<string, readonly PriceEntry[]>>): void {
    for (const [key, prices] of Object.entries(catalogs)) this.#catalogs.set(key, prices);
  }

  /** Forgets the catalogs that none of the stores begins with any more. */
  keepThoseOf(stores: Iterable<Pick<StoreRows, 'catalog'>>): void {
    const used = new Set([...stores].map(keyOf));
    for (const key of this.#catalogs.keys()) if (!used.has(key)) this.#catalogs.delete(key);
    for (const key of this.#books.keys()) if (!used.has(key)) this.#books.delete(key);
  }

  of(store: Pick<StoreRows, 'catalog'>): FoldPrices {
    const key = keyOf(store);
    const known = this.#books.get(key);
    if (known !== undefined) return known;
    const { configured, own } = this.#common;
    const data: PriceBookData = { catalog: this.#catalogs.get(key) ?? [], configured, own };
    const book = { epoch: epochOf(data), book: Buffer.from(JSON.stringify(data)) };
    this.#books.set(key, book);
    return book;
  }
}

function keyOf({ catalog }: Pick<StoreRows, 'catalog'>): string {
  return catalog?.key ?? UNREAD;
}
