/** A copy of what a reading needs of the directories that another process may hold, and may write to at any moment. */
import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSettled, MISSING, stampOf } from '../compute/file-stamp.ts';
import type { OwnDirectories } from '../own-directories.ts';
import { REDACTION_KEY } from '../snapshot/redaction.ts';
import { backUpLedger, ledgerOf } from './ledger.ts';

/** Of the digest store; a log is good beside the database that it was copied with. */
const DIGESTS = ['digests.sqlite', 'digests.sqlite-wal'];

/**
 * Copies digests, ledger and key to an empty directory. Throws `ledger_unavailable`, and the file system's error.
 * @param isHeld whether some process may write to them
 */
export function copyData({ dataDir, cacheDir }: OwnDirectories, to: string, isHeld: boolean): void {
  // In this order: what is deleted goes into the ledger before the digests forget it.
  copyDigests(cacheDir, to, isHeld);
  if (existsSync(ledgerOf(dataDir))) backUpLedger({ dataDir }, ledgerOf(to), () => {});
  if (existsSync(join(dataDir, REDACTION_KEY))) copyFileSync(join(dataDir, REDACTION_KEY), join(to, REDACTION_KEY));
}

/**
 * The lock of whoever holds the digests keeps others from asking SQLite; so the files are copied, if they stand still.
 * Without them all transcripts are read.
 */
function copyDigests(from: string, to: string, isHeld: boolean): void {
  try {
    const before = stampsIn(from, isHeld);
    if (before === null) return;
    for (const name of DIGESTS) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
    if (stampsIn(from, isHeld) === before) return;
  } catch {
    // Gone meanwhile, or no room for it.
  }
  for (const name of DIGESTS) rmSync(join(to, name), { force: true });
}

/** Null where something was written so lately that the next write might not show, and there may be one. */
function stampsIn(directory: string, isHeld: boolean): string | null {
  const stats = DIGESTS.map((name) => statSync(join(directory, name), { bigint: true, throwIfNoEntry: false }));
  if (isHeld && !stats.every((it) => it === undefined || isSettled(it))) return null;
  return stats.map((it) => (it === undefined ? MISSING : stampOf(it))).join(' ');
}
