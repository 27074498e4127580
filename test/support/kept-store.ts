/** A keeper over a state directory, refreshed in this thread: the very steps of refresh.ts, without threads between them. */
import { join } from 'node:path';
import { DigestCache } from '../../src/cache/digest-cache.ts';
import type { DigestStore } from '../../src/cache/digest-store.ts';
import type { StatePlace } from '../../src/compute/inventory.ts';
import {
  type InventoryAnswer,
  type InventoryTask,
  packTask,
  performTask,
  unpackAnswer,
} from '../../src/compute/inventory-envelope.ts';
import { scan } from '../../src/compute/scan.worker.ts';
import type { TranscriptRow } from '../../src/snapshot/catalog.ts';
import { type InventoryOutcome, Keeper, type KeeperOptions } from '../../src/snapshot/keeper.ts';
import type { LookReason } from '../../src/snapshot/look-plan.ts';
import { MIB } from '../../src/units.ts';

/** The moment of refreshes that don't depend on one. */
export const REFRESHED_AT = Date.parse('2026-11-22T12:34:56Z');

export interface RefreshResult extends InventoryOutcome {
  /** Transcripts folded, and transcripts set aside. */
  readonly folded: number;
  readonly failed: number;
  readonly bytesRead: number;
  readonly bytesAppended: number;
}

/** Looks at everything, whatever watchers and clocks say. */
const EVERYTHING: LookReason = { everything: true, changes: [] };

interface KeptStoreOptions extends KeeperOptions {
  readonly cacheBytes?: number;
  readonly digests?: DigestStore | null;
  /** State directories beside the first one. */
  readonly otherStates?: readonly { readonly name: string; readonly directory: string }[];
}

export class KeptStore {
  readonly directory: string;
  readonly cache: DigestCache;
  readonly keeper: Keeper;
  /** What scan threads answer; tests put others in their place. */
  scan = scanned;
  perform = performed;
  readonly #digests: DigestStore | null;
  readonly #places: readonly StatePlace[];

  constructor(directory: string, options: KeptStoreOptions = {}) {
    this.directory = directory;
    const states = [{ name: null, directory }, ...(options.otherStates ?? [])];
    this.#places = states.map(({ name, directory }) => ({
      stateDirectory: directory,
      configPath: join(directory, 'openclaw.json'),
      place: name,
    }));
    this.cache = new DigestCache(options.cacheBytes ?? 64 * MIB);
    this.#digests = options.digests ?? null;
    this.keeper = new Keeper(this.cache, this.#digests, options);
  }

  /** The digest of a transcript as it is now, from memory or disk. */
  digest({ id, stamp }: TranscriptRow): Uint8Array | undefined {
    return this.cache.get(id, stamp) ?? this.#digests?.get(id, stamp);
  }

  /** Takes over what there is on disk now. */
  inventory(reason = EVERYTHING, now = REFRESHED_AT): InventoryOutcome {
    let step: ReturnType<Keeper['takeInventory']> = this.keeper.beginInventory(this.#places, reason, now);
    while ('looks' in step) step = this.keeper.takeInventory(this.perform(step));
    return step;
  }

  /** A whole refresh, by default of everything there is on disk. */
  refresh(now = REFRESHED_AT, reason = EVERYTHING): RefreshResult {
    const outcome = this.inventory(reason, now);
    while (this.keeper.restore(now));
    const sums = { folded: 0, failed: 0, bytesRead: 0, bytesAppended: 0 };
    for (let round = 0; round < 3; round++) {
      this.keeper.settle();
      const batches = this.keeper.plan(now);
      if (batches.length === 0) break;
      for (const batch of batches) {
        const { folded, failed, bytesAppended, header } = this.keeper.accept(this.scan(batch), now);
        sums.folded += folded;
        sums.failed += failed;
        sums.bytesRead += header.bytesRead;
        sums.bytesAppended += bytesAppended;
      }
    }
    return { ...outcome, ...sums };
  }
}

/** A keeper that has just read everything there is in a state directory. */
export function keptStore(directory: string): KeptStore {
  const kept = new KeptStore(directory);
  kept.refresh();
  return kept;
}

/** What a scan thread answers to a batch. */
export const scanned = scan;

/** What a scan thread answers to a task of an inventory. */
export function performed(task: InventoryTask): InventoryAnswer {
  return unpackAnswer(performTask(packTask(task)));
}
