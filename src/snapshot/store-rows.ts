/** Rows by where their transcripts lie: in an agent's store, and there in one of the directories that are listed one by one. */
import { SessionLookup } from '../compute/dimensions.ts';
import type { Milliseconds } from '../units.ts';
import type { TranscriptRow } from './transcript-row.ts';

export class Folder {
  readonly store: StoreRows;
  /** Absolute. */
  readonly path: string;
  /** Stands before the names of its transcripts inside the store. */
  readonly prefix: string;
  /** By their names in this directory. */
  readonly rows = new Map<string, TranscriptRow>();
  identity: string | null = null;
  /** Of the list of names that the rows are in line with; null when it has to be listed again. */
  stamp: string | null = null;
  listedAt: Milliseconds = 0;

  constructor(store: StoreRows, path: string, prefix: string) {
    this.store = store;
    this.path = path;
    this.prefix = prefix;
  }
}

export class StoreRows {
  readonly agent: string;
  /** Absolute: the agent's first directory, which the names of transcripts are relative to. */
  readonly directory: string;
  /** By their paths. */
  readonly folders = new Map<string, Folder>();
  indexStamp: string | null = null;
  sessions = new SessionLookup([]);
  /** Of the prices that the stamps of its rows name. */
  priceEpoch = '';

  constructor(agent: string, directory: string) {
    this.agent = agent;
    this.directory = directory;
  }

  /** The row of a name in this store. */
  find(name: string): TranscriptRow | undefined {
    for (const { prefix, rows } of this.folders.values()) {
      const row = name.startsWith(prefix) ? rows.get(name.slice(prefix.length)) : undefined;
      if (row !== undefined) return row;
    }
    return undefined;
  }

  *rows(): Generator<TranscriptRow, undefined> {
    for (const folder of this.folders.values()) yield* folder.rows.values();
  }
}

/** All rows of all stores. */
export class RowIndex {
  /** By agent. */
  readonly stores = new Map<string, StoreRows>();
  size = 0;

  /** A row by its transcript's id. */
  get(id: string): TranscriptRow | undefined {
    const slash = id.indexOf('/');
    return this.stores.get(id.slice(0, slash))?.find(id.slice(slash + 1));
  }

  /** In the order of stores, directories, and of their coming. Rows may come and go meanwhile. */
  *values(): Generator<TranscriptRow, undefined> {
    for (const store of this.stores.values()) yield* store.rows();
  }

  *folders(): Generator<Folder, undefined> {
    for (const store of this.stores.values()) yield* store.folders.values();
  }
}
