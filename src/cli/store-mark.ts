/**
 * The mark of everything that a reading would look into: another one whenever figures could be others. Names and stamps
 * are looked at and nothing is read, so that it costs a system call a transcript. It runs in processes of commands.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { databaseOf } from '../compute/agent-database.ts';
import { isSettled, MISSING, stampAt, stampOf } from '../compute/file-stamp.ts';
import type { StatePlace } from '../compute/inventory.ts';
import { errorCode } from '../compute/small-file.ts';
import { parseTranscriptName } from '../compute/transcript-name.ts';
import { REDACTION_KEY } from '../snapshot/redaction.ts';

const LEDGER = 'ledger.sqlite';

export interface StoreMark {
  readonly mark: string;
  /** Any later change gives another one. */
  readonly settled: boolean;
}

/**
 * The mark of some state directories; null where something cannot be looked at.
 * @param configFiles what OpenClaw's configurations are made of: see `configFilesOf`
 */
export function storeMark(places: readonly StatePlace[], configFiles: readonly string[]): StoreMark | null {
  const began = Date.now();
  const looks = new Looks();
  try {
    for (const path of configFiles) looks.file(path);
    for (const { stateDirectory } of places) {
      looks.directory(stateDirectory);
      lookAtAgents(join(stateDirectory, 'agents'), looks);
    }
  } catch {
    return null;
  }
  return { mark: looks.hash.digest('hex'), settled: isSettled({ ctimeMs: looks.latest }, began) };
}

/**
 * The mark of what a data directory adds to the figures: the ledger, and the key that hides names. Whoever held the
 * directory since then left a higher number behind, so that no clock has to tell two writes apart. Throws the file
 * system's error.
 */
export function dataMark(dataDir: string): string {
  const looks = new Looks();
  for (const name of [REDACTION_KEY, LEDGER]) looks.file(join(dataDir, name));
  looks.log(join(dataDir, LEDGER));
  const numbers = readdirSync(dataDir).filter((name) => /^(lock|lease)\.\d+$/.test(name));
  return looks.hash.update(numbers.sort().join()).digest('hex');
}

/** Tells builds of one version apart, by the file of this module. */
export function buildMark(): string {
  return stampAt(import.meta.filename);
}

/** The files of the configurations with all that they include; null when one cannot be relied on. */
export async function configFilesOf(places: readonly StatePlace[]): Promise<string[] | null> {
  const { readOpenClawConfig } = await import('../compute/openclaw-config.ts');
  const files = places.map(({ configPath }) => readOpenClawConfig(configPath).files);
  return files.includes(null) ? null : files.flatMap((its) => (its ?? []).map(({ path }) => path));
}

/** More than a reading looks at: every entry, whether or not it is an agent. */
function lookAtAgents(agents: string, looks: Looks): void {
  if (!looks.directory(agents)) return;
  for (const agent of readdirSync(agents).sort()) {
    const sessions = join(agents, agent, 'sessions');
    const database = databaseOf(sessions);
    looks.file(join(dirname(database), 'models.json'));
    looks.database(database);
    if (!looks.directory(sessions)) continue;
    looks.file(join(sessions, 'sessions.json'));
    for (const name of readdirSync(sessions).sort()) {
      if (parseTranscriptName(name) !== null) looks.transcript(sessions, name);
    }
  }
}

class Looks {
  readonly hash = createHash('sha256');
  /** When something changed last, of all that was looked at. */
  latest = 0n;

  /** True where there is one. Its names are looked at one by one, so that its own times say nothing. */
  directory(path: string): boolean {
    const stats = statsAt(path);
    this.#take(path, stats === undefined ? MISSING : `${stats.dev}:${stats.ino}`);
    return stats?.isDirectory() ?? false;
  }

  file(path: string): void {
    this.#stamp(path, statsAt(path));
  }

  /** Links do not count. */
  transcript(directory: string, name: string): void {
    this.#stamp(name, lstatSync(`${directory}/${name}`, { bigint: true, throwIfNoEntry: false }));
  }

  /** A database whose log or journal cannot be read counts as unreadable: that shows by whether these are empty. */
  database(path: string): void {
    const database = statsAt(path);
    this.#stamp(path, database);
    if (database === undefined) return;
    this.log(path);
    for (const suffix of ['shm', 'journal']) this.#take(suffix, `${(statsAt(`${path}-${suffix}`)?.size ?? 0n) > 0n}`);
  }

  /** Of a database. Its time of change is left out, as in databaseStamp: SQLite sets it when root only reads. */
  log(database: string): void {
    const log = statsAt(`${database}-wal`);
    this.#take('wal', log === undefined ? MISSING : `${log.dev}:${log.ino}:${log.size}:${log.mtimeNs}`);
    this.#note(log?.mtimeMs);
  }

  #stamp(name: string, stats: BigIntStats | undefined): void {
    this.#take(name, stats === undefined ? MISSING : stampOf(stats));
    this.#note(stats?.ctimeMs);
  }

  #note(changed: bigint | undefined): void {
    if (changed !== undefined && changed > this.latest) this.latest = changed;
  }

  #take(name: string, stamp: string): void {
    this.hash.update(`${name}\0${stamp}\0`);
  }
}

/** Undefined where there is nothing. Throws every other error of the file system. */
function statsAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
