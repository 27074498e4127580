/**
 * Reading of OpenClaw's own databases (format.md 1.4) without a trace: nothing is written, no file is left beside them,
 * and what was read while one changed is thrown away.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Database, openByUrl } from '../sqlite-driver.ts';
import { MISSING, stampAt } from './file-stamp.ts';

const NAME = 'openclaw-agent.sqlite';

/** Where an agent's database lies, if it has one. @param sessions absolute sessions directory of the agent */
export function databaseOf(sessions: string): string {
  return path.join(path.dirname(sessions), 'agent', NAME);
}

/** Whether a path that transcripts lie under is that of a database. */
export function isDatabase(directory: string): boolean {
  return path.basename(directory) === NAME;
}

/**
 * Another one whenever the content may be another; MISSING when there is no database. Throws the file system's error.
 * The log's time of change is left out: run by root, SQLite sets the log's owner even when it only reads.
 */
export function databaseStamp(file: string): string {
  const stamp = stampAt(file);
  if (stamp === MISSING) return MISSING;
  const log = stampAt(`${file}-wal`);
  return `${stamp}+${log.split(':').slice(0, -1).join(':')}`;
}

/**
 * Opens a database, reads, and closes it again. A log (`-wal`) can only be read together with the database while it
 * stays where it is. Without one the database is opened as a file that does not change, which is how SQLite creates
 * nothing beside it; if it changed all the same, that is an error and what was read is lost.
 * @throws the driver's error, whose message names no path
 */
export function readDatabase<T>(file: string, read: (database: Database) => T): T {
  const before = databaseStamp(file);
  const frozen = logSize(file) === 0;
  const url = pathToFileURL(file);
  url.search = frozen ? 'immutable=1' : 'mode=ro';
  const database = openByUrl(url);
  let result: T;
  try {
    result = read(database);
  } finally {
    database.close();
  }
  if (frozen && databaseStamp(file) !== before) throw new Error('the database changed while it was read');
  return result;
}

/** Runs reads in one transaction, so that they see one state. */
export function inOneState<T>(database: Database, read: () => T): T {
  database.exec('BEGIN');
  try {
    return read();
  } finally {
    database.exec('ROLLBACK');
  }
}

function logSize(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
