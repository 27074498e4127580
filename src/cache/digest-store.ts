/**
 * Digests on disk, in one disposable SQLite file: what a restart and a capacity miss read instead of transcripts.
 * One process at a time holds it (SQLite's own exclusive lock, which the kernel drops with the process). Whatever goes
 * wrong with it costs only time: the service goes on without it and says so.
 */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';
import {
  blobOf,
  type Database,
  inTransaction,
  openDatabase,
  type SqlRow,
  type SqlValue,
  type Statement,
  saysDamaged,
  textOrNull,
  userVersion,
} from './database.ts';
import { StringTable } from './string-table.ts';

/** Raised whenever the file's layout or the digests' meaning changes; another version is dropped. */
const FORMAT = 2;
const FILE = 'digests.sqlite';
/** Pages of the journal, of 4 KiB, after which it is written into the file: that waits for the disk three times. */
const CHECKPOINT_AFTER = 4_000;
/** What the journal may keep of the disk after that. */
const MOST_JOURNAL: Bytes = 4 * MIB;

/** What the session index said last of a transcript, kept for when both are gone; never redacted. */
export interface StoredIdentity {
  readonly key: string | null;
  readonly label: string | null;
  readonly channel: string;
  readonly kind: string;
  readonly family: string;
  readonly updatedAt: Milliseconds;
}

export interface StoredDigest {
  /** `agent/name`. */
  readonly id: string;
  readonly stamp: string;
  readonly digest: Uint8Array;
  readonly identity: StoredIdentity;
  /** Transcripts of the ledger, by id and stamp, whose content this one was found to hold; empty for nearly all. */
  readonly supersedes: readonly Superseded[];
}

export type Superseded = readonly [id: string, stamp: string];

interface Open {
  readonly database: Database;
  readonly strings: StringTable;
  readonly get: Statement;
  readonly find: Statement;
  readonly ids: Statement;
  readonly put: Statement;
  readonly identify: Statement;
  readonly remove: Statement;
}

export interface DigestStoreState {
  readonly available: boolean;
  /** Why it is not, or the last failure; null when the last write went well. */
  readonly problem: string | null;
  readonly writes: number;
}

export class DigestStore {
  readonly #directory: string;
  #open: Open | null = null;
  #problem: string | null = null;
  #writes = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.#tryOpen();
  }

  state(): DigestStoreState {
    return { available: this.#open !== null, problem: this.#problem, writes: this.#writes };
  }

  /** The digest of a transcript at a stamp. */
  get(id: string, stamp: string): Uint8Array | undefined {
    return this.#attempt(({ get }) => {
      const row = get.get(id, stamp);
      return row === undefined ? undefined : blobOf(row.digest);
    });
  }

  /** Everything about a transcript, whatever its stamp. */
  find(id: string): StoredDigest | undefined {
    return this.#attempt(({ find, strings }) => {
      const row = find.get(id);
      return row === undefined ? undefined : storedOf(row, strings);
    });
  }

  /** The ids of the transcripts in order, from behind `after` on; an empty page is the end. */
  ids(after: string, limit: number): string[] {
    return this.#attempt(({ ids }) => ids.all(after, limit).map(({ id }) => String(id))) ?? [];
  }

  /** Whether it holds nothing, or nothing that can be read. */
  get isEmpty(): boolean {
    return this.ids('', 1).length === 0;
  }

  /** Writes a batch in one transaction: all of it is kept, or none. True when it was written. */
  write(
    digests: readonly StoredDigest[],
    removed: readonly string[],
    identified: readonly Pick<StoredDigest, 'id' | 'identity'>[] = [],
  ): boolean {
    if (digests.length + removed.length + identified.length === 0) return true;
    if (this.#open === null) this.#tryOpen();
    const written = this.#attempt((open) => {
      try {
        inTransaction(open.database, () => {
          for (const stored of digests) open.put.run(...valuesOf(stored, open.strings));
          for (const { id, identity } of identified) open.identify.run(...identityValues(identity, open.strings), id);
          for (const id of removed) open.remove.run(id);
        });
      } catch (error) {
        open.strings.reload();
        throw error;
      }
      return true;
    });
    if (written !== true) return false;
    this.#writes++;
    this.#problem = null;
    return true;
  }

  close(): void {
    const open = this.#open;
    this.#open = null;
    open?.database.close();
  }

  /** Runs against the open file. A failure is remembered, and the file stays open: the next write tries again. */
  #attempt<T>(action: (open: Open) => T): T | undefined {
    if (this.#open === null) return undefined;
    try {
      return action(this.#open);
    } catch (error) {
      this.#problem = messageOf(error);
      if (saysDamaged(this.#problem)) this.#rebuild();
      return undefined;
    }
  }

  #tryOpen(): void {
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      this.#open = openStore(join(this.#directory, FILE));
      this.#problem = null;
    } catch (error) {
      this.#problem = messageOf(error);
      if (saysDamaged(this.#problem)) this.#rebuild();
    }
  }

  /** Drops a damaged file: everything in it can be folded again. */
  #rebuild(): void {
    const path = join(this.#directory, FILE);
    const damage = this.#problem;
    try {
      this.close();
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
      this.#open = openStore(path);
      this.#problem = `rebuilt: ${damage}`;
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }
}

function openStore(path: string): Open {
  // SQLite would make it readable for all; its journals take over the mode of the file.
  closeSync(openSync(path, 'a', 0o600));
  const database = openDatabase(path);
  try {
    // Exclusive before the first access in WAL mode: the lock is held for as long as the file is open.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_AFTER}`);
    database.exec(`PRAGMA journal_size_limit = ${MOST_JOURNAL}`);
    database.exec('PRAGMA cache_size = -1024');
    inTransaction(database, () => {
      if (userVersion(database) !== FORMAT) createTables(database);
    });
    return {
      database,
      strings: new StringTable(database),
      get: database.prepare('SELECT digest FROM digests WHERE id = ? AND stamp = ?'),
      find: database.prepare('SELECT * FROM digests WHERE id = ?'),
      ids: database.prepare('SELECT id FROM digests WHERE id > ? ORDER BY id LIMIT ?'),
      put: database.prepare(
        `INSERT OR REPLACE INTO digests (key, label, channel, kind, family, updated_at, id, stamp, digest, supersedes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      identify: database.prepare(
        'UPDATE digests SET key = ?, label = ?, channel = ?, kind = ?, family = ?, updated_at = ? WHERE id = ?',
      ),
      remove: database.prepare('DELETE FROM digests WHERE id = ?'),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The ids have an index of their own, so that going through them does not read the digests. */
function createTables(database: Database): void {
  database.exec('DROP TABLE IF EXISTS digests');
  database.exec('DROP TABLE IF EXISTS strings');
  StringTable.create(database);
  database.exec(`
    CREATE TABLE digests (
      id TEXT NOT NULL PRIMARY KEY,
      stamp TEXT NOT NULL,
      key TEXT,
      label TEXT,
      channel INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      family TEXT,
      updated_at REAL NOT NULL,
      supersedes TEXT,
      digest BLOB NOT NULL
    )`);
  database.exec(`PRAGMA user_version = ${FORMAT}`);
}

function valuesOf({ id, stamp, digest, identity, supersedes }: StoredDigest, strings: StringTable): SqlValue[] {
  const superseded = supersedes.length === 0 ? null : JSON.stringify(supersedes);
  return [...identityValues(identity, strings), id, stamp, digest, superseded];
}

/** A family is mostly named as its key is. */
function identityValues(
  { key, label, channel, kind, family, updatedAt }: StoredIdentity,
  strings: StringTable,
): SqlValue[] {
  return [key, label, strings.numberOf(channel), strings.numberOf(kind), family === key ? null : family, updatedAt];
}

function storedOf(row: SqlRow, strings: StringTable): StoredDigest {
  const key = textOrNull(row.key);
  return {
    id: String(row.id),
    stamp: String(row.stamp),
    digest: blobOf(row.digest),
    identity: {
      key,
      label: textOrNull(row.label),
      channel: strings.textOf(Number(row.channel)),
      kind: strings.textOf(Number(row.kind)),
      family: textOrNull(row.family) ?? key ?? '',
      updatedAt: Number(row.updated_at),
    },
    supersedes: row.supersedes === null ? [] : (JSON.parse(String(row.supersedes)) as Superseded[]),
  };
}
