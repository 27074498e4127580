/**
 * SQLite through whatever this Node version has: node:sqlite, else libsql. Loaded on first use and only in the threads
 * that open a database: the native library costs memory in every thread that loads it.
 */
import { createRequire } from 'node:module';
import { collectGarbage } from './collect-garbage.ts';
import type { Milliseconds } from './units.ts';

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

type DatabaseClass = new (path: string | URL, options?: Readonly<Record<string, unknown>>) => Database;

/** Opens or creates a database of ours. Throws the driver's error, whose message names the cause. */
export function openOwn(path: string): Database {
  return hasBuiltIn(22, 13) ? new (builtIn())(path) : new (libsql())(path);
}

/**
 * Opens a database by a `file:` URL with SQLite's own parameters, such as `mode=ro`. Throws the driver's error.
 * After one or more were closed, releaseClosed() is to be called.
 */
export function openByUrl(url: URL): Database {
  if (hasBuiltIn(22, 15)) return new (builtIn())(url, { readOnly: true });
  unreleasedSince ??= performance.now();
  return new (libsql())(url.href);
}

/** When the first database was opened that libsql may still hold; null without any. */
let unreleasedSince: Milliseconds | null = null;
/** Objects of a task that was shorter are young still. */
const YOUNG: Milliseconds = 20;

/**
 * Frees files and locks of closed databases as soon as this thread's event loop turns: libsql holds them until the last
 * of their statements was collected as garbage, which can take forever.
 */
export function releaseClosed(): void {
  if (unreleasedSince === null) return;
  collectGarbage(performance.now() - unreleasedSince < YOUNG ? 'young' : 'all');
  unreleasedSince = null;
}

/** Bytes of a BLOB column: the drivers hand them out as Buffer, Uint8Array or ArrayBuffer, by call. */
export function blobOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`expected a BLOB; got ${value === null ? 'null' : typeof value}`);
}

function builtIn(): DatabaseClass {
  const require = createRequire(import.meta.url);
  return withoutWarnings(() => require('node:sqlite') as { DatabaseSync: DatabaseClass }).DatabaseSync;
}

function libsql(): DatabaseClass {
  const require = createRequire(import.meta.url);
  return require('libsql') as DatabaseClass;
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

/** node:sqlite is there without a flag from 22.13 on, and takes URLs from 22.15 on; 23, which got either later, does without. */
function hasBuiltIn(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number);
  return ownMajor >= 24 || (ownMajor === major && ownMinor >= minor);
}
