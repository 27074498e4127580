/** Rows by where their transcripts lie: in an agent's store, and there in one of the directories that are listed one by one. */
import { dimensionsOf, namesOf, SessionLookup, type SessionNames } from '../compute/dimensions.ts';
import type { Era } from '../compute/era.ts';
import type { CatalogListing } from '../compute/model-catalog.ts';
import { SessionEntries } from '../compute/session-entries.ts';
import type { Milliseconds } from '../units.ts';
import type { Identity } from './catalog.ts';
import { FolderRows } from './folder-rows.ts';
import type { Redaction } from './redaction.ts';
import { RowRecords } from './row-records.ts';
import { shownIdentity, shownNames } from './stored-identity.ts';
import type { TranscriptRow } from './transcript-row.ts';

export class Folder {
  readonly store: StoreRows;
  /** Absolute; of a directory or a database. */
  readonly path: string;
  /** Stands before the names of its transcripts inside the store. */
  readonly prefix: string;
  /** By their names in this directory. */
  readonly rows = new FolderRows();
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
  era: Era = '2026.5';
  indexStamp: string | null = null;
  /** What its prices begin with; null when that was never read. */
  catalog: CatalogListing | null = null;
  sessions = new SessionLookup(SessionEntries.of([]));
  readonly records: RowRecords;
  /** Names of the transcripts in its database: files of these sessions do not count. */
  inDatabase: ReadonlySet<string> = new Set();
  /** Of the prices and rules that the stamps of its rows name. */
  epoch = '';
  readonly #redact: Redaction | null;

  constructor(agent: string, directory: string, records: RowRecords, redact: Redaction | null) {
    this.agent = agent;
    this.directory = directory;
    this.records = records;
    this.#redact = redact;
  }

  /** Where a transcript belongs by the session index, or by another one. */
  identityOf(row: TranscriptRow, sessions = this.sessions): Identity {
    const { agent } = this;
    const dimensions = dimensionsOf(agent, row.sessionId, sessions);
    return shownIdentity({ agent, ...dimensions, updatedAt: dimensions.updatedAt ?? row.mtimeMs }, this.#redact);
  }

  /** Those of its identity. */
  namesOf({ sessionId }: TranscriptRow): SessionNames {
    return shownNames(namesOf(this.agent, sessionId, this.sessions), this.#redact);
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
  readonly #records = new RowRecords();
  readonly #redact: Redaction | null;
  /** By agent and prefix. */
  readonly #nowhere = new Map<string, Folder>();

  /** @param redact hides what keys say about persons; null shows them */
  constructor(redact: Redaction | null = null) {
    this.#redact = redact;
  }

  /** Enters a store without any rows. */
  open(agent: string, directory: string): StoreRows {
    const store = new StoreRows(agent, directory, this.#records, this.#redact);
    this.stores.set(agent, store);
    return store;
  }

  /** Where transcripts lay of which no more is known than their ids: in no store that is entered. */
  nowhere(agent: string, prefix: string): Folder {
    const key = JSON.stringify([agent, prefix]);
    const folder =
      this.#nowhere.get(key) ?? new Folder(new StoreRows(agent, '', this.#records, this.#redact), '', prefix);
    this.#nowhere.set(key, folder);
    return folder;
  }

  /** A row by its transcript's id. */
  get(id: string): TranscriptRow | undefined {
    const slash = id.indexOf('/');
    return this.stores.get(id.slice(0, slash))?.find(id.slice(slash + 1));
  }

  /** In the order of stores and directories. Rows may come and go meanwhile. */
  *values(): Generator<TranscriptRow, undefined> {
    for (const store of this.stores.values()) yield* store.rows();
  }

  *folders(): Generator<Folder, undefined> {
    for (const store of this.stores.values()) yield* store.folders.values();
  }
}
