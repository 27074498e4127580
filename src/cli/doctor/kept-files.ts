/** What earlier runs kept: whether the ledger is whole, and whether the files that save time can be used. Changes nothing. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { saysDamaged } from '../../cache/database.ts';
import { LEDGER_FILE } from '../../cache/ledger.ts';
import { MIGRATIONS } from '../../cache/ledger-schema.ts';
import { DatabaseChanged, type QuietDatabase, readDatabase } from '../../compute/quiet-database.ts';
import { detailOf, isMissing } from '../../compute/small-file.ts';
import type { OwnDirectories } from '../../own-directories.ts';
import { CheckedFile } from '../../snapshot/checked-file.ts';
import { releaseClosed } from '../../sqlite-driver.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const DIGESTS = 'digests.sqlite';
/** What every SQLite database begins with. */
const MAGIC = 'SQLite format 3\0';
/** Each has a checksum. */
const CHECKED = ['snapshot.bin', 'calls.bin', 'reports.bin'];
/** A service writes to its ledger now and then, and never for long. */
const ATTEMPTS = 3;

/** Says nothing of files that are still to be made. */
export function lookAtKeptFiles({ dataDir, cacheDir }: OwnDirectories): Finding[] {
  const there = [DIGESTS, ...CHECKED].filter((name) => existsSync(join(cacheDir, name)));
  const findings = there.flatMap((name) => {
    const problem = name === DIGESTS ? digestsProblem(join(cacheDir, name)) : checkedProblem(cacheDir, name);
    const says = `${join(cacheDir, name)} cannot be used: ${problem}.`;
    return problem === null ? [] : [warn('cache', says, 'Delete it: what it holds is counted again.')];
  });
  const isWell = there.length > 0 && findings.length === 0;
  const all = isWell ? [ok('cache', `What ${cacheDir} keeps for the next start can be used.`)] : findings;
  return [...ledgerFindings(join(dataDir, LEDGER_FILE)), ...all];
}

function ledgerFindings(path: string): Finding[] {
  if (!existsSync(path)) return [];
  try {
    return [quietly(path, (database) => ledgerFinding(path, database))];
  } catch (error) {
    const detail = detailOf(error);
    if (saysDamaged(detail)) return [damaged(path, detail)];
    return [warn('ledger', `${path} cannot be looked into: ${detail}.`, 'Start the service, and ask again.')];
  }
}

function ledgerFinding(path: string, database: QuietDatabase): Finding {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  if (version > MIGRATIONS.length) {
    return fail(
      'ledger',
      `${path} is of a newer version of Clawgauge.`,
      'Install that version, or name another --data-dir.',
    );
  }
  const verdict = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (verdict !== 'ok') return damaged(path, String(verdict));
  return ok('ledger', `The ledger is whole: ${path}.`);
}

function damaged(path: string, detail: string): Finding {
  const advice =
    'Put a backup of it in its place while no service runs; else the next start moves it aside and begins a new one.';
  return fail('ledger', `${path} is damaged: ${detail}.`, advice);
}

/** Null where nothing is wrong with it. While there is a log only its beginning can be looked at: whoever writes it holds the lock. */
function digestsProblem(path: string): string | null {
  try {
    if (!hasMagic(path)) return 'it is no database';
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return null;
    const verdict = quietly(path, (database) => database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
    return verdict === 'ok' ? null : String(verdict);
  } catch (error) {
    return error instanceof DatabaseChanged ? null : detailOf(error);
  }
}

function checkedProblem(directory: string, name: string): string | null {
  try {
    return new CheckedFile(directory, name).read() === null ? 'its checksum is wrong' : null;
  } catch (error) {
    if (isMissing(error)) return null;
    return error instanceof RangeError ? 'it is cut off' : detailOf(error);
  }
}

/** An empty file is a database without tables. */
function hasMagic(path: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    const start = Buffer.alloc(MAGIC.length);
    const read = readSync(descriptor, start, 0, start.length, 0);
    return read === 0 || start.toString('latin1') === MAGIC;
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a database again if it changed meanwhile. It is left as it is: see QuietDatabase. */
function quietly<Result>(path: string, read: (database: QuietDatabase) => Result): Result {
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return readDatabase(path, read);
      } catch (error) {
        if (!(error instanceof DatabaseChanged) || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    releaseClosed();
  }
}
