/**
 * SQLite through whatever this Node version has: node:sqlite from 22.13 on, libsql before. Only what the digest store
 * and the ledger need is wrapped. Never loaded in the main thread: the native library costs memory in every thread that
 * loads it.
 */
import { createRequire } from 'node:module';

export type SqlValue = string | number | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Statement {
  run(...values: SqlValue[]): void;
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

type DatabaseClass = new (path: string, options?: Readonly<Record<string, unknown>>) => Database;

/** Opens or creates a database file. Throws the driver's error, whose message names the cause. */
export function openDatabase(path: string): Database {
  const require = createRequire(import.meta.url);
  if (hasBuiltIn()) {
    const { DatabaseSync } = withoutWarnings(() => require('node:sqlite') as { DatabaseSync: DatabaseClass });
    return new DatabaseSync(path);
  }
  const Libsql = require('libsql') as DatabaseClass;
  return new Libsql(path);
}

/** Bytes of a BLOB column: the drivers hand them out as Buffer, Uint8Array or ArrayBuffer, by call. */
export function blobOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`expected a BLOB; got ${value === null ? 'null' : typeof value}`);
}

export function textOrNull(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Runs an action in one transaction: all of it is kept, or none. */
export function inTransaction<T>(database: Database, action: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = action();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself.
    }
    throw error;
  }
}

/** Whether a driver's message is that of SQLITE_CORRUPT or SQLITE_NOTADB. */
export function saysDamaged(message: string): boolean {
  return /malformed|not a database/i.test(message);
}

/** The version that an application gave to its tables; 0 for a new file. */
export function userVersion(database: Database): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** Node 22 tells each user on the console that its SQLite is experimental. */
function withoutWarnings<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** node:sqlite is there without a flag from 22.13 on; 23 began without it and got it in 23.4. */
function hasBuiltIn(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major === 22) return minor >= 13;
  if (major === 23) return minor >= 4;
  return major >= 24;
}
