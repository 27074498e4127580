/**
 * What inventories change in the catalog: transcripts that came, have another content, went, came back, or belong
 * elsewhere by another session index.
 */
import { mayDiffer, SessionLookup } from '../compute/dimensions.ts';
import type { SessionEntries } from '../compute/session-entries.ts';
import type { Catalog, Folded, Identity } from './catalog.ts';
import { contentStamp, epochIn, fileStampOf } from './content-stamp.ts';
import type { CountedDigests } from './counted-digests.ts';
import type { Findings, Intake } from './inventory-intake.ts';
import type { LookPlan } from './look-plan.ts';
import type { PriceBooks } from './price-books.ts';
import type { Restoration } from './restoration.ts';
import type { Retention } from './retention.ts';
import { asideFor } from './set-aside.ts';
import type { Folder, StoreRows } from './store-rows.ts';
import { TranscriptRow } from './transcript-row.ts';

/** What of the keeper a change reaches. */
interface Reached {
  readonly catalog: Catalog;
  readonly counted: CountedDigests;
  readonly retention: Retention;
  readonly restoration: Restoration;
  readonly books: PriceBooks;
  readonly looks: LookPlan;
  /** Forgets what waits for a transcript whose file is not there any more. */
  forget(row: TranscriptRow): void;
  /** Takes a transcript out of everything. */
  remove(row: TranscriptRow): void;
  /** Called for every change that a view could show. */
  changed(): void;
}

export class InventoryChanges implements Findings {
  readonly #reached: Reached;
  /** What the inventory that is being taken has found. */
  #added = new Set<TranscriptRow>();
  #altered = new Set<TranscriptRow>();
  /** Session indexes that are to take the place of those in force when it is known what vanished. */
  readonly #reindexed = new Map<StoreRows, SessionLookup>();

  constructor(reached: Reached) {
    this.#reached = reached;
  }

  /** Begins an inventory. */
  begin(): void {
    this.#added = new Set();
    this.#altered = new Set();
  }

  /** Ends it; gives how many transcripts came and how many changed. */
  end({ vanished, isBlind }: Intake): { added: number; changed: number } {
    const { books, catalog } = this.#reached;
    for (const row of vanished) this.#vanish(row);
    this.#reindex();
    books.keepThoseOf(catalog.rows.stores.values());
    for (const store of catalog.rows.stores.values()) if (!isBlind(store)) this.#reprice(store);
    const [added, changed] = [this.#added.size, this.#altered.size];
    this.begin();
    return { added, changed };
  }

  /** A store's session index is another one. A transcript that went with its entry keeps the identity that it had. */
  indexed(store: StoreRows, sessions: SessionEntries): void {
    const lookup = new SessionLookup(sessions);
    if (store.rows().next().done) store.sessions = lookup;
    else this.#reindexed.set(store, lookup);
  }

  /** Enters a transcript or takes note of how it changed. */
  found(folder: Folder, fileName: string, stamp: string): void {
    const { catalog, looks, changed } = this.#reached;
    const known = folder.rows.get(fileName);
    const epoch = this.#epochOf(folder.store);
    if (known !== undefined) {
      this.update(known, stamp, epoch);
      return;
    }
    const departed = catalog.departed(idOf(folder, fileName));
    if (departed !== undefined) {
      this.#comeBack(departed, folder, stamp);
      return;
    }
    const row = new TranscriptRow(folder, fileName, contentStamp(stamp, epoch));
    catalog.enter(row);
    looks.changed(row);
    this.#added.add(row);
    changed();
  }

  /** Takes note of the content that a transcript has now, and of the prices and rules that are in force for it. */
  update(row: TranscriptRow, stamp: string, epoch: string): void {
    const { catalog, looks } = this.#reached;
    const current = contentStamp(stamp, epoch);
    if (row.stamp === current) return;
    catalog.restamp(row, current);
    if (row.setAside !== null) catalog.putAside(row, asideFor(row.setAside, current));
    looks.changed(row);
    this.#alter(row);
  }

  /** Puts the session indexes that were found in force: transcripts may belong elsewhere. */
  #reindex(): void {
    for (const [store, sessions] of this.#reindexed) {
      const before = store.sessions;
      const rows = [...store.rows()].filter(({ sessionId }) => mayDiffer(sessionId, before, sessions));
      this.#reached.catalog.families.rename(rows, () => {
        store.sessions = sessions;
      });
      for (const row of rows) this.#identify(row, store.identityOf(row, before));
    }
    this.#reindexed.clear();
  }

  /** Brings the stamps of a store in line with the prices and the rules of its era. */
  #reprice(store: StoreRows): void {
    const epoch = this.#epochOf(store);
    if (store.epoch === epoch) return;
    store.epoch = epoch;
    for (const row of store.rows()) {
      const stamp = contentStamp(fileStampOf(row.stamp), epoch);
      if (row.stamp === stamp) continue;
      this.#reached.catalog.restamp(row, stamp);
      this.#alter(row);
    }
  }

  #epochOf(store: StoreRows): string {
    return epochIn(store.era, this.#reached.books.of(store).epoch);
  }

  /** A transcript is not there any more. One that was never folded is simply gone. */
  #vanish(row: TranscriptRow): void {
    const { catalog, retention, forget, remove, changed } = this.#reached;
    if (!isFolded(row)) {
      remove(row);
      return;
    }
    catalog.depart(row);
    retention.gone(row);
    forget(row);
    changed();
  }

  /** A transcript is there again that was gone. */
  #comeBack(row: TranscriptRow, folder: Folder, stamp: string): void {
    const { catalog, retention, restoration, looks } = this.#reached;
    const before = row.identity;
    retention.forget(row);
    restoration.forget(row);
    catalog.comeBack(row, folder);
    this.update(row, stamp, this.#epochOf(folder.store));
    retention.back(row);
    looks.changed(row);
    this.#alter(row);
    this.#identify(row, before);
  }

  /** A transcript may belong elsewhere than before. */
  #identify(row: TranscriptRow, before: Identity): void {
    const { catalog, counted, restoration } = this.#reached;
    if (sameIdentity(before, row.identity)) return;
    catalog.identify(row);
    counted.refile(row);
    if (row.isFolded) restoration.identified(row);
    this.#alter(row);
  }

  #alter(row: TranscriptRow): void {
    if (!this.#added.has(row)) this.#altered.add(row);
    this.#reached.changed();
  }
}

/** The id of the transcript that a file is. */
function idOf({ store, prefix }: Folder, fileName: string): string {
  return `${store.agent}/${prefix}${fileName}`;
}

function isFolded(row: TranscriptRow): row is TranscriptRow & { folded: Folded } {
  return row.folded !== null;
}

function sameIdentity(a: Identity, b: Identity): boolean {
  return (
    a.key === b.key &&
    a.label === b.label &&
    a.channel === b.channel &&
    a.kind === b.kind &&
    a.family === b.family &&
    a.updatedAt === b.updatedAt
  );
}
