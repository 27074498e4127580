/**
 * One of OpenClaw's own databases (format.md 1.4), opened so that reading leaves no trace: nothing is written, no file is
 * left beside it, and what was read of one that changed meanwhile is known to be void.
 */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Database, openByUrl, type Statement } from '../sqlite-driver.ts';
import { databaseStamp } from './agent-database.ts';
import type { FileIdentity } from './file-stamp.ts';

/** Something was written in the middle of a reading: what was read is void, and can be read again. */
export class DatabaseChanged extends Error {
  override readonly name = 'DatabaseChanged';
}

export class QuietDatabase implements Pick<Database, 'exec' | 'prepare'> {
  /** Of the file that was opened. */
  readonly identity: FileIdentity;
  readonly #file: string;
  /** What it has to be like at the end; null where SQLite itself sees to it. */
  readonly #stamp: string | null;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #tables = new Map<string, boolean>();

  /**
   * A log (`-wal`) can only be read together with the database, through the index that its writers share (`-shm`).
   * Without a log the database is opened as a file that does not change: only so does SQLite create nothing beside it.
   * @throws the driver's error, whose message names no path
   */
  constructor(file: string) {
    this.#file = file;
    const hasLog = sizeOf(`${file}-wal`) > 0;
    if (hasLog && sizeOf(`${file}-shm`) === 0) {
      throw new Error('its log was left behind by a process that ended: OpenClaw has to open it first');
    }
    if (sizeOf(`${file}-journal`) > 0) throw new Error('it is being changed as a whole, or such a change was cut off');
    this.#stamp = hasLog ? null : databaseStamp(file);
    const url = pathToFileURL(file);
    url.search = hasLog ? 'mode=ro' : 'immutable=1';
    const { dev, ino } = statSync(file, { bigint: true });
    this.identity = { dev, ino };
    this.#database = openByUrl(url);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Prepared once, however often it is asked for. */
  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Whether there is such a table. Asked once: another one would be another state of the database. */
  hasTable(name: string): boolean {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const found = this.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
    this.#tables.set(name, found);
    return found;
  }

  /** Runs reads in one transaction, so that they see one state. */
  inOneState<T>(read: () => T): T {
    this.exec('BEGIN');
    try {
      return read();
    } finally {
      this.exec('ROLLBACK');
    }
  }

  /** Whether what was read may be of no state that there ever was. To be asked before it is closed. */
  get isTorn(): boolean {
    return this.#stamp !== null && databaseStamp(this.#file) !== this.#stamp;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

/** Opens a database, reads, and closes it again. Throws the driver's error, or DatabaseChanged. */
export function readDatabase<T>(file: string, read: (database: QuietDatabase) => T): T {
  const database = new QuietDatabase(file);
  try {
    const result = read(database);
    if (database.isTorn) throw new DatabaseChanged('the database changed while it was read');
    return result;
  } finally {
    database.close();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
