/**
 * What can't be computed again, in one SQLite file that is never dropped: the usage of transcripts that no longer
 * exist, and the tables of counter-ledger.ts and notice-ledger.ts. What cannot be written waits in memory, within a bound, and is written when it can be. A damaged file is moved
 * aside, one of a newer version is left alone; both are said. Which process may use it is the data directory's lock.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { type Bytes, MIB, type Milliseconds, type NanoDollars } from '../units.ts';
import {
  blobOf,
  type Database,
  inTransaction,
  openDatabase,
  type SqlRow,
  type Statement,
  saysDamaged,
  textOrNull,
} from './database.ts';
import { ForeignLedger, MIGRATIONS, type Migration, migrate } from './ledger-schema.ts';

export const LEDGER_FILE = 'ledger.sqlite';

/** Digests that may wait for a ledger that cannot be written. */
const MAX_WAITING: Bytes = 16 * MIB;

/** The usage of one transcript that no longer exists. */
export interface RetainedTranscript {
  /** `agent/name`. */
  readonly id: string;
  /** Of the content that the digest was folded from, with the prices: see content-stamp.ts. */
  readonly stamp: string;
  readonly agent: string;
  readonly sessionId: string;
  readonly name: string;
  readonly class: string;
  /** As the session index said last; never redacted. */
  readonly key: string | null;
  readonly label: string | null;
  readonly channel: string;
  readonly kind: string;
  readonly family: string;
  readonly updatedAt: Milliseconds;
  readonly retainedAt: Milliseconds;
  /** Of its last dated message, else `updatedAt`. */
  readonly lastActivity: Milliseconds;
  /** Usage records and their cost, for those who ask the file itself. */
  readonly records: number;
  readonly cost: NanoDollars;
  readonly digest: Uint8Array;
}

export interface LedgerState {
  readonly available: boolean;
  /** Why it is not, or why the last write failed. */
  readonly problem: string | null;
  /** The name that a damaged ledger was given. */
  readonly movedAside: string | null;
  /** Changes that wait in memory until they can be written. */
  readonly waiting: number;
}

interface Open {
  readonly database: Database;
  readonly get: Statement;
  readonly page: Statement;
  readonly put: Statement;
  readonly remove: Statement;
}

export class Ledger {
  readonly #directory: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #migrations: readonly Migration[];
  #open: Open | null = null;
  #problem: string | null = null;
  #movedAside: string | null = null;
  /** It must not be touched, so no further attempt is made. */
  #foreign = false;
  /** By id, null to remove. */
  readonly #waiting = new Map<string, RetainedTranscript | null>();
  #waitingBytes: Bytes = 0;

  constructor(directory: string, clock: Pick<Clock, 'now'>, migrations: readonly Migration[] = MIGRATIONS) {
    this.#directory = directory;
    this.#clock = clock;
    this.#migrations = migrations;
    this.#tryOpen();
  }

  state(): LedgerState {
    const { size: waiting } = this.#waiting;
    return { available: this.#open !== null, problem: this.#problem, movedAside: this.#movedAside, waiting };
  }

  /** Whether one more digest may wait, should it not be possible to write it. */
  get hasRoom(): boolean {
    return this.#waitingBytes < MAX_WAITING;
  }

  /** Enters a transcript in place of an earlier one of its id. In effect at once, durable with the next `flush`. */
  put(retained: RetainedTranscript): void {
    this.#wait(retained.id, retained);
  }

  /** Forgets a transcript. In effect at once, durable with the next `flush`. */
  remove(id: string): void {
    this.#wait(id, null);
  }

  /** Writes what waits, in one transaction. True when nothing is left to write. */
  flush(): boolean {
    if (this.#waiting.size === 0) return true;
    if (this.#open === null) this.#tryOpen();
    const written = this.#attempt(({ database, put, remove }) => {
      inTransaction(database, () => {
        for (const [id, retained] of this.#waiting) {
          if (retained === null) remove.run(id);
          else put.run(...valuesOf(retained));
        }
      });
      return true;
    });
    if (written !== true) return false;
    this.#problem = null;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    return true;
  }

  /** The digest of a retained transcript at its stamp. */
  get(id: string, stamp: string): Uint8Array | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) return waiting?.stamp === stamp ? waiting.digest : undefined;
    return this.#attempt(({ get }) => {
      const row = get.get(id, stamp);
      return row === undefined ? undefined : blobOf(row.digest);
    });
  }

  /** What is written, in the order of ids, from behind `after` on; an empty page is the end. */
  page(after: string, limit: number): RetainedTranscript[] {
    return this.#attempt(({ page }) => page.all(after, limit).map(retainedOf)) ?? [];
  }

  /** Does something with other tables of the file; undefined when that fails, which `state` tells. */
  use<T>(action: (database: Database) => T): T | undefined {
    if (this.#open === null) this.#tryOpen();
    return this.#attempt(({ database }) => action(database));
  }

  close(): void {
    const open = this.#open;
    this.#open = null;
    open?.database.close();
  }

  #wait(id: string, retained: RetainedTranscript | null): void {
    this.#waitingBytes += (retained?.digest.byteLength ?? 0) - (this.#waiting.get(id)?.digest.byteLength ?? 0);
    this.#waiting.set(id, retained);
  }

  #attempt<T>(action: (open: Open) => T): T | undefined {
    if (this.#open === null) return undefined;
    try {
      return action(this.#open);
    } catch (error) {
      this.#problem = messageOf(error);
      if (saysDamaged(this.#problem)) this.#moveAside();
      return undefined;
    }
  }

  #tryOpen(): void {
    if (this.#foreign) return;
    const path = join(this.#directory, LEDGER_FILE);
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      this.#open = openLedger(path, this.#migrations);
      this.#problem = null;
    } catch (error) {
      this.#problem = messageOf(error);
      this.#foreign = error instanceof ForeignLedger;
      if (saysDamaged(this.#problem)) this.#moveAside();
    }
  }

  /** Gives a damaged file another name, for its user to look at, and begins a new one. */
  #moveAside(): void {
    const path = join(this.#directory, LEDGER_FILE);
    const time = new Date(this.#clock.now()).toISOString().slice(0, 19).replaceAll(':', '-');
    const aside = `ledger.corrupt-${time}Z.sqlite`;
    try {
      this.close();
      for (const suffix of ['-wal', '-shm', '']) {
        if (existsSync(path + suffix)) renameSync(path + suffix, join(this.#directory, aside + suffix));
      }
      this.#movedAside = aside;
      this.#open = openLedger(path, this.#migrations);
      this.#problem = null;
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }
}

function openLedger(path: string, migrations: readonly Migration[]): Open {
  // SQLite would make it readable for all; its journals take over the mode of the file.
  closeSync(openSync(path, 'a', 0o600));
  const database = openDatabase(path);
  try {
    database.exec('PRAGMA busy_timeout = 2000');
    const { quick_check: verdict } = database.prepare('PRAGMA quick_check(1)').get() ?? {};
    if (verdict !== 'ok') throw new Error(`malformed: ${verdict}`);
    migrate(database, path, migrations);
    database.exec('PRAGMA journal_mode = WAL');
    // Nothing in it can be had again, so every commit has to reach the disk.
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA cache_size = -256');
    return {
      database,
      get: database.prepare('SELECT digest FROM retained WHERE id = ? AND stamp = ?'),
      page: database.prepare('SELECT * FROM retained WHERE id > ? ORDER BY id LIMIT ?'),
      put: database.prepare(
        `INSERT OR REPLACE INTO retained (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?')})`,
      ),
      remove: database.prepare('DELETE FROM retained WHERE id = ?'),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

const COLUMNS = [
  'id',
  'stamp',
  'agent',
  'session_id',
  'name',
  'class',
  'key',
  'label',
  'channel',
  'kind',
  'family',
  'updated_at',
  'retained_at',
  'last_activity',
  'records',
  'cost',
  'digest',
];

/** In the order of COLUMNS. */
function valuesOf(retained: RetainedTranscript) {
  const { id, stamp, agent, sessionId, name, class: kindOfFile, key, label, channel, kind, family } = retained;
  const { updatedAt, retainedAt, lastActivity, records, cost, digest } = retained;
  const names = [id, stamp, agent, sessionId, name, kindOfFile, key, label, channel, kind, family];
  return [...names, updatedAt, retainedAt, lastActivity, records, cost, digest];
}

function retainedOf(row: SqlRow): RetainedTranscript {
  return {
    id: String(row.id),
    stamp: String(row.stamp),
    agent: String(row.agent),
    sessionId: String(row.session_id),
    name: String(row.name),
    class: String(row.class),
    key: textOrNull(row.key),
    label: textOrNull(row.label),
    channel: String(row.channel),
    kind: String(row.kind),
    family: String(row.family),
    updatedAt: Number(row.updated_at),
    retainedAt: Number(row.retained_at),
    lastActivity: Number(row.last_activity),
    records: Number(row.records),
    cost: Number(row.cost),
    digest: blobOf(row.digest),
  };
}
