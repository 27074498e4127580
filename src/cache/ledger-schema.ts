/**
 * The ledger's tables, and how older ones become them. The file is never dropped: a migration is only ever appended to
 * the list, and before any of them a file that holds something is copied beside itself.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { type Database, inTransaction, userVersion } from './database.ts';

export type Migration = (database: Database) => void;

/** Entry n takes a ledger from version n to n + 1. */
export const MIGRATIONS: readonly Migration[] = [createRetained, createCounters, createNotices];

/** A ledger that this version must not touch. */
export class ForeignLedger extends Error {
  override readonly name = 'ForeignLedger';
}

/**
 * Brings an open ledger to the newest version. Throws a ForeignLedger for one of a newer version or of somebody else,
 * which is left as it is, and the driver's error for anything else.
 */
export function migrate(database: Database, path: string, migrations: readonly Migration[]): void {
  const version = userVersion(database);
  if (version > migrations.length) {
    throw new ForeignLedger(`expected a ledger of version ${migrations.length} or older; found version ${version}`);
  }
  const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_master').get()?.tables);
  if (version === 0 && tables > 0) throw new ForeignLedger('expected a ledger; found the database of something else');
  if (version === migrations.length) return;
  if (version > 0) backUp(database, `${path}.${version}.bak`);
  inTransaction(database, () => {
    // Only those that are still to be done: another process may have done them meanwhile.
    for (let next = userVersion(database); next < migrations.length; next++) {
      (migrations[next] as Migration)(database);
      database.exec(`PRAGMA user_version = ${next + 1}`);
    }
  });
}

function backUp(database: Database, path: string): void {
  // One that is there is of a migration that failed.
  rmSync(path, { force: true });
  copyDatabase(database, path);
}

/** A consistent copy of an open database, for its owner alone. The file must not be there yet. */
export function copyDatabase(database: Database, path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
  database.prepare('VACUUM INTO ?').run(path);
}

function createRetained(database: Database): void {
  database.exec(`
    CREATE TABLE retained (
      id TEXT NOT NULL PRIMARY KEY,
      stamp TEXT NOT NULL,
      agent TEXT NOT NULL,
      session_id TEXT NOT NULL,
      name TEXT NOT NULL,
      class TEXT NOT NULL,
      key TEXT,
      label TEXT,
      channel TEXT NOT NULL,
      kind TEXT NOT NULL,
      family TEXT NOT NULL,
      updated_at REAL NOT NULL,
      retained_at REAL NOT NULL,
      last_activity REAL NOT NULL,
      records INTEGER NOT NULL,
      cost INTEGER NOT NULL,
      digest BLOB NOT NULL
    )`);
}

/** Amounts as counter-ledger.ts has them: what was counted, and the sum in the stores up to which that was done. */
function createCounters(database: Database): void {
  const amounts = ['records', 'input', 'output', 'cache_read', 'cache_write', 'cost'];
  database.exec(`
    CREATE TABLE counters (
      agent TEXT NOT NULL,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      channel TEXT NOT NULL,
      ${amounts.map((amount) => `${amount} INTEGER NOT NULL, ${amount}_seen INTEGER NOT NULL`).join(', ')},
      PRIMARY KEY (agent, provider, model, channel)
    )`);
}

function createNotices(database: Database): void {
  database.exec(`
    CREATE TABLE notices (
      id TEXT NOT NULL,
      target TEXT NOT NULL,
      state TEXT NOT NULL,
      body TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      next_at REAL NOT NULL,
      error TEXT,
      forget_at REAL NOT NULL,
      PRIMARY KEY (id, target)
    )`);
}
