/**
 * The prices in force: a book a store, made of the model catalog that its prices begin with, of openclaw.json and of our
 * own configuration. Stores of one state directory whose catalogs are equal share a book.
 */
import { placeOf } from '../agent-id.ts';
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

type Priced = Pick<StoreRows, 'agent' | 'catalog'>;

/** Of a catalog that was never read. */
const UNREAD = '';

export class PriceBooks {
  readonly #own: PriceBookData;
  /** Of openclaw.json, by the place of its state directory. */
  readonly #configured = new Map<string | null, readonly PriceEntry[]>();
  /** Of the catalogs in force, by their hash. */
  readonly #catalogs = new Map<string, readonly PriceEntry[]>();
  /** Made when first asked for, by place and hash of the catalog. */
  readonly #books = new Map<string, FoldPrices>();

  constructor(own: OwnPrices) {
    this.#own = ownPricesOnly(own);
  }

  /** Takes the prices of an openclaw.json over; those known stay while it cannot be read. */
  configure({ configured }: Pick<OpenClawConfig, 'configured'>, place: string | null = null): void {
    if (configured === null) return;
    this.#configured.set(place, configured);
    this.#books.clear();
  }

  /** Takes catalogs over, by their hash. */
  add(catalogs: Readonly<Record<string, readonly PriceEntry[]>>): void {
    for (const [key, prices] of Object.entries(catalogs)) this.#catalogs.set(key, prices);
  }

  /** Forgets the catalogs that none of the stores begins with any more. */
  keepThoseOf(stores: Iterable<Priced>): void {
    const all = [...stores];
    const catalogs = new Set(all.map(catalogOf));
    const books = new Set(all.map(bookOf));
    for (const key of this.#catalogs.keys()) if (!catalogs.has(key)) this.#catalogs.delete(key);
    for (const key of this.#books.keys()) if (!books.has(key)) this.#books.delete(key);
  }

  of(store: Priced): FoldPrices {
    const key = bookOf(store);
    const known = this.#books.get(key);
    if (known !== undefined) return known;
    const data: PriceBookData = {
      catalog: this.#catalogs.get(catalogOf(store)) ?? [],
      configured: this.#configured.get(placeOf(store.agent)) ?? [],
      own: this.#own.own,
    };
    const book = { epoch: epochOf(data), book: Buffer.from(JSON.stringify(data)) };
    this.#books.set(key, book);
    return book;
  }
}

function catalogOf({ catalog }: Priced): string {
  return catalog?.key ?? UNREAD;
}

function bookOf(store: Priced): string {
  return `${placeOf(store.agent) ?? ''}/${catalogOf(store)}`;
}
