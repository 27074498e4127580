/** Our own databases, through the driver that this Node version has. Loaded in the keeper thread only. */
import type { Database, SqlValue } from '../sqlite-driver.ts';

export {
  blobOf,
  type Database,
  openOwn as openDatabase,
  type SqlRow,
  type SqlValue,
  type Statement,
} from '../sqlite-driver.ts';

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
