/** A keeper over a state directory, refreshed in this thread: the very steps of refresh.ts, without threads between them. */
import { join } from 'node:path';
import { valueSymbol } from 'piscina';
import { DigestCache } from '../../src/cache/digest-cache.ts';
import type { DigestStore } from '../../src/cache/digest-store.ts';
import { type Inventory, takeInventory } from '../../src/compute/inventory.ts';
import type { OwnPrices } from '../../src/compute/price-list.ts';
import { scan } from '../../src/compute/scan.worker.ts';
import { type InventoryOutcome, Keeper } from '../../src/snapshot/keeper.ts';
import { MIB } from '../../src/units.ts';

/** The moment of refreshes that don't depend on one. */
export const REFRESHED_AT = Date.parse('2026-11-22T12:34:56Z');

export interface RefreshResult extends InventoryOutcome {
  /** Transcripts folded, and transcripts set aside. */
  readonly folded: number;
  readonly failed: number;
}

export class KeptStore {
  readonly directory: string;
  readonly cache: DigestCache;
  readonly keeper: Keeper;
  readonly #ownPrices: OwnPrices;

  constructor(
    directory: string,
    options: { cacheBytes?: number; digests?: DigestStore | null; ownPrices?: OwnPrices } = {},
  ) {
    this.directory = directory;
    this.cache = new DigestCache(options.cacheBytes ?? 64 * MIB);
    this.keeper = new Keeper(this.cache, options.digests ?? null);
    this.#ownPrices = options.ownPrices ?? {};
  }

  /** What there is on disk now. */
  inventory(): Inventory {
    return takeInventory({
      stateDirectory: this.directory,
      configPath: join(this.directory, 'openclaw.json'),
      ownPrices: this.#ownPrices,
      ...this.keeper.knownStores(),
    });
  }

  /** A whole refresh, by default with what there is on disk. */
  refresh(now = REFRESHED_AT, inventory = this.inventory()): RefreshResult {
    const outcome = this.keeper.takeInventory(inventory);
    while (this.keeper.restore());
    let folded = 0;
    let failed = 0;
    for (let round = 0; round < 3; round++) {
      this.keeper.settle();
      const { batches } = this.keeper.plan(now);
      if (batches.length === 0) break;
      for (const batch of batches) {
        const accepted = this.keeper.accept(scanned(batch), now);
        folded += accepted.folded;
        failed += accepted.failed;
      }
    }
    return { ...outcome, folded, failed };
  }
}

/** A keeper that has just read everything there is in a state directory. */
export function keptStore(directory: string): KeptStore {
  const kept = new KeptStore(directory);
  kept.refresh();
  return kept;
}

/** What a scan thread answers to a batch. */
export function scanned(batch: Uint8Array): Uint8Array {
  return (scan(batch) as { [valueSymbol]: Uint8Array })[valueSymbol];
}
