/**
 * Digests on disk, in one disposable SQLite file: what a restart and a capacity miss read instead of transcripts.
 * One process at a time holds it (SQLite's own exclusive lock, which the kernel drops with the process). Whatever goes
 * wrong with it costs only time: the service goes on without it and says so.
 */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { type Bytes, MIB } from '../units.ts';
import { blobOf, type Database, openDatabase, type Statement } from './database.ts';

/** Raised whenever the file's layout or the digests' meaning changes; another version is dropped. */
const FORMAT = 1;
const FILE = 'digests.sqlite';
/** What the journal may keep of the disk between two batches: about what the pages between two checkpoints take. */
const MOST_JOURNAL: Bytes = 4 * MIB;

export interface StoredDigest {
  readonly id: string;
  readonly stamp: string;
  readonly digest: Uint8Array;
}

interface Open {
  readonly database: Database;
  readonly get: Statement;
  readonly put: Statement;
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

  /** Writes a batch in one transaction: all of it is kept, or none. */
  write(digests: readonly StoredDigest[], removed: readonly string[]): void {
    if (digests.length === 0 && removed.length === 0) return;
    if (this.#open === null) this.#tryOpen();
    this.#attempt(({ database, put, remove }) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const { id, stamp, digest } of digests) put.run(id, stamp, digest);
        for (const id of removed) remove.run(id);
        database.exec('COMMIT');
        this.#writes++;
        this.#problem = null;
      } catch (error) {
        rollBack(database);
        throw error;
      }
    });
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
      if (isDamaged(this.#problem)) this.#rebuild();
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
      if (isDamaged(this.#problem)) this.#rebuild();
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
    // Checkpoints come by SQLite's own count, every thousand pages; what a large batch took is given back at the next.
    database.exec(`PRAGMA journal_size_limit = ${MOST_JOURNAL}`);
    database.exec('PRAGMA cache_size = -1024');
    database.exec('BEGIN IMMEDIATE');
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version !== FORMAT) {
      database.exec('DROP TABLE IF EXISTS digests');
      database.exec(
        'CREATE TABLE digests (id TEXT NOT NULL PRIMARY KEY, stamp TEXT NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID',
      );
      database.exec(`PRAGMA user_version = ${FORMAT}`);
    }
    database.exec('COMMIT');
    return {
      database,
      get: database.prepare('SELECT digest FROM digests WHERE id = ? AND stamp = ?'),
      put: database.prepare('INSERT OR REPLACE INTO digests (id, stamp, digest) VALUES (?, ?, ?)'),
      remove: database.prepare('DELETE FROM digests WHERE id = ?'),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself.
  }
}

/** The messages of SQLITE_CORRUPT and SQLITE_NOTADB. */
function isDamaged(problem: string): boolean {
  return /malformed|not a database/i.test(problem);
}
