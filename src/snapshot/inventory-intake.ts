/**
 * Takes an inventory over into the catalog, task by task: first what the scan thread found of the directories and of
 * the transcripts that it was told to look at, then looks at the names that turned out to be new. A store that could
 * not be seen keeps what it had.
 */
import { placeOf } from '../agent-id.ts';
import { isDatabase } from '../compute/agent-database.ts';
import type { Era } from '../compute/era.ts';
import type { Inventory, InventoryRequest, PricedStore } from '../compute/inventory.ts';
import type { InventoryAnswer, InventoryTask } from '../compute/inventory-envelope.ts';
import type { Looked } from '../compute/look.ts';
import { foundIn } from '../compute/look-list.ts';
import type { SessionEntries } from '../compute/session-entries.ts';
import type { DirectoryListing, Problem, StoreListing } from '../compute/transcript.ts';
import { parseTranscriptName } from '../compute/transcript-name.ts';
import type { KnownDirectory, KnownStore } from '../compute/transcript-source.ts';
import type { Milliseconds } from '../units.ts';
import { InventoryRun } from './inventory-run.ts';
import type { LookPlan, LookReason } from './look-plan.ts';
import type { FolderLooks, Looks } from './looks.ts';
import { Folder, type RowIndex, type StoreRows } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';
import { Unlookable } from './unlookable.ts';

/** Told of what an inventory finds, as it finds it. */
export interface Findings {
  /** A store is new, or its session index changed. */
  indexed(store: StoreRows, sessions: SessionEntries): void;
  /** A transcript is there. */
  found(folder: Folder, fileName: string, stamp: string): void;
}

/** What one inventory amounts to. */
export interface Intake {
  readonly stores: number;
  readonly looked: number;
  readonly vanished: readonly TranscriptRow[];
  readonly problems: readonly Problem[];
  /** Whether nothing could be seen of a store, or of any. */
  isBlind(store: Pick<StoreRows, 'agent'>): boolean;
  /** Whether a transcript that was not found may be there all the same. */
  isHidden(row: Pick<TranscriptRow, 'agent' | 'name'>): boolean;
}

export class InventoryIntake {
  readonly #rows: RowIndex;
  readonly #plan: LookPlan;
  readonly #accounting: Era | null;
  readonly #findings: Findings;
  readonly #unlookable = new Unlookable();
  #run = new InventoryRun(0);

  /** @param accounting whose rules count for all stores; null: for each those of its era */
  constructor(rows: RowIndex, plan: LookPlan, accounting: Era | null, findings: Findings) {
    this.#accounting = accounting;
    this.#rows = rows;
    this.#plan = plan;
    this.#findings = findings;
  }

  /** Begins an inventory: its first task. What an earlier one left unfinished is forgotten. */
  begin(
    places: readonly Omit<InventoryRequest, 'stores' | 'accounting'>[],
    reason: LookReason,
    now: Milliseconds,
  ): InventoryTask {
    this.#run = new InventoryRun(now);
    const looks = this.#plan.next(now, reason);
    for (const [folder, fileName] of this.#unlookable.toTry()) looks.add(folder, fileName);
    const all = [...this.#rows.stores.values()];
    const requests = places.map((request) => {
      const own = all.filter(({ agent }) => placeOf(agent) === request.place);
      const stores = Object.fromEntries(own.map((store) => [store.agent, this.#known(store, looks)]));
      return { ...request, accounting: this.#accounting, stores };
    });
    this.#run.queue(looks);
    return { requests, looks: this.#run.nextLooks() };
  }

  /** Takes over the answer to the last task; gives the next one, null after the last. */
  take({ inventories, looked }: InventoryAnswer): InventoryTask | null {
    const run = this.#run;
    for (const inventory of inventories) this.#takeInventory(inventory);
    if (inventories.length > 0) this.#dropStrangers(inventories);
    for (const [at, asked] of run.asked.entries()) {
      const { folder } = asked;
      if (!run.isBlind(folder.store.agent) && this.#isKept(folder)) this.#takeLooked(asked, looked[at] as Looked);
    }
    const looks = run.nextLooks();
    return looks.length === 0 ? null : { requests: [], looks };
  }

  /** Ends the inventory. Its vanished rows are still in the catalog. */
  end(): Intake {
    const { stores, looked, problems, vanished } = this.#run;
    const run = this.#run;
    const isBlind = ({ agent }: Pick<StoreRows, 'agent'>) => run.isBlind(agent);
    const isHidden = (row: Pick<TranscriptRow, 'agent' | 'name'>) => isBlind(row) || this.#unlookable.has(row);
    const unlookable = this.#unlookable.problems().filter(({ agent }) => agent === null || !run.isPlaceBlind(agent));
    return { stores, looked, vanished: [...vanished], problems: [...problems, ...unlookable], isBlind, isHidden };
  }

  #known(store: StoreRows, looks: Looks): KnownStore & PricedStore {
    const directories = [...store.folders.values()].map((folder): KnownDirectory => {
      const { path, prefix, identity } = folder;
      const stamp = this.#plan.isListDue(folder, this.#run.now) ? null : folder.stamp;
      return { path, prefix, identity, stamp, leave: looks.leave.has(folder) };
    });
    const { directory, era, indexStamp, catalog } = store;
    return { directory, era, indexStamp, catalog, directories };
  }

  #takeInventory({ place, stores, problems, blind }: Inventory): void {
    const run = this.#run;
    run.problems.push(...problems);
    if (blind) run.blindPlaces.add(place);
    run.stores += stores.length;
    for (const listing of stores) {
      run.problems.push(...listing.problems);
      if (listing.problems.some(({ code }) => code === 'store_unreadable')) run.blindAgents.add(listing.agent);
      this.#takeListing(listing);
    }
  }

  /** Stores that are no more. */
  #dropStrangers(inventories: readonly Inventory[]): void {
    const agents = new Set(inventories.flatMap(({ stores }) => stores.map(({ agent }) => agent)));
    for (const store of [...this.#rows.stores.values()]) {
      if (!agents.has(store.agent) && !this.#run.isPlaceBlind(store.agent)) this.#drop(store);
    }
  }

  #takeListing(listing: StoreListing & PricedStore): void {
    let store = this.#rows.stores.get(listing.agent);
    if (store !== undefined && store.directory !== listing.directory) {
      this.#drop(store);
      store = undefined;
    }
    if (store === undefined) {
      store = this.#rows.open(listing.agent, listing.directory);
    }
    store.era = listing.era;
    // One that cannot be read leaves the prices that are known in force.
    if (listing.catalog !== null)
      store.catalog = { ...listing.catalog, key: listing.catalog.key ?? store.catalog?.key ?? null };
    store.indexStamp = listing.indexStamp;
    if (listing.sessions !== null) this.#findings.indexed(store, listing.sessions);
    for (const directory of listing.directories) this.#takeDirectory(store, directory);
    const paths = new Set(listing.directories.map(({ path }) => path));
    for (const folder of [...store.folders.values()]) {
      if (paths.has(folder.path)) continue;
      if (isDatabase(folder.path)) store.inDatabase = new Set();
      this.#close(folder);
    }
  }

  #takeDirectory(store: StoreRows, { path, prefix, identity, stamp, names }: DirectoryListing): void {
    const folder = store.folders.get(path) ?? new Folder(store, path, prefix);
    store.folders.set(path, folder);
    folder.identity = identity;
    folder.stamp = stamp;
    if (names === null) return;
    if (isDatabase(path)) store.inDatabase = new Set(names);
    folder.listedAt = this.#run.now;
    const fresh = names.filter((name) => !folder.rows.has(name));
    // A database is looked at as a whole, whenever it changed.
    this.#run.queueNames(folder, isDatabase(path) ? names : fresh);
    if (names.length - fresh.length === folder.rows.size) return;
    const listed = new Set(names);
    this.#vanish([...folder.rows.values()].filter(({ fileName }) => !listed.has(fileName)));
  }

  #takeLooked({ folder, list, count }: FolderLooks, looked: Looked): void {
    const run = this.#run;
    run.looked += count;
    // One that is as it was known says something only where it was not listed, or could not be looked at before.
    const all = run.vanished.size > 0 || this.#unlookable.isIn(folder);
    for (const [name, found] of foundIn(list, looked, all)) {
      const state = this.#counts(folder, name) ? found : null;
      const row = folder.rows.get(name);
      this.#unlookable.forget(folder, name);
      if (state === null) {
        if (row !== undefined && !run.isBlind(folder.store.agent)) run.vanished.add(row);
      } else if (state !== undefined && 'error' in state) {
        this.#unlookable.add(folder, name, state.error);
      } else {
        if (state !== undefined) this.#findings.found(folder, name, state.stamp);
        if (row !== undefined) run.vanished.delete(row);
      }
    }
  }

  /** A file that was looked at may be one of a session that has just moved into the database. */
  #counts(folder: Folder, name: string): boolean {
    if (folder.store.inDatabase.size === 0 || isDatabase(folder.path)) return true;
    return !folder.store.inDatabase.has(`${parseTranscriptName(name)?.sessionId}.jsonl`);
  }

  #drop(store: StoreRows): void {
    for (const folder of [...store.folders.values()]) this.#close(folder);
    this.#rows.stores.delete(store.agent);
  }

  #close(folder: Folder): void {
    this.#vanish(folder.rows.values());
    this.#unlookable.forgetAll(folder);
    folder.store.folders.delete(folder.path);
  }

  #vanish(rows: Iterable<TranscriptRow>): void {
    for (const row of rows) this.#run.vanished.add(row);
  }

  #isKept(folder: Folder): boolean {
    return this.#rows.stores.get(folder.store.agent)?.folders.get(folder.path) === folder;
  }
}
