/**
 * The session index of a store: read again only when it changed, kept when it cannot be read. A store of several
 * directories has an index in each; together they count as one.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import path from 'node:path';
import { MISSING, stampAt, stampOf } from './file-stamp.ts';
import { SessionEntryWriter } from './session-entries.ts';
import { readSessionIndex } from './session-index.ts';
import { errorCode, isMissing } from './small-file.ts';
import type { StoreListing } from './transcript.ts';

const INDEX = 'sessions.json';
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** After a stamp, stands before the byte at which that index stopped being JSON. */
const BROKEN = '!';

/**
 * Reads the indexes in the directories, unless the known stamp says that they are still the same. A broken one gives
 * the entries before the break; its stamp remembers the break, so that it stays reported without being read again.
 * One that cannot be read leaves the caller with what it had, or with the others' entries if it had nothing.
 * @param known the stamp of the last listing; undefined when there was none
 * @param report is told of the directory whose index is broken or cannot be read
 */
export function readStoreIndex(
  directories: readonly string[],
  known: string | null | undefined,
  report: (directory: string, detail: string) => void,
): Pick<StoreListing, 'indexStamp' | 'sessions'> {
  const parts = known?.split(' ') ?? [];
  try {
    const same = (directory: string, i: number) =>
      stampAt(path.join(directory, INDEX)) === (parts[i] ?? MISSING).split(BROKEN)[0];
    const asMany = known === null || parts.length === directories.length;
    if (known !== undefined && asMany && directories.every(same)) {
      for (const [i, directory] of directories.entries()) reportBreak(parts[i] ?? MISSING, directory, report);
      return { indexStamp: known, sessions: null };
    }
  } catch {
    // reading below fails in the same way, and reports it
  }
  return readAll(directories, known, report);
}

function readAll(
  directories: readonly string[],
  known: string | null | undefined,
  report: (directory: string, detail: string) => void,
): Pick<StoreListing, 'indexStamp' | 'sessions'> {
  const stamps: string[] = [];
  const entries = new SessionEntryWriter();
  for (const directory of directories) {
    try {
      const stamp = readOne(directory, entries);
      reportBreak(stamp, directory, report);
      stamps.push(stamp);
    } catch (error) {
      entries.forgetIndex();
      report(directory, errorCode(error));
    }
  }
  const sessions = entries.finish();
  if (stamps.length < directories.length) {
    return known === undefined ? { indexStamp: null, sessions } : { indexStamp: known, sessions: null };
  }
  return { indexStamp: stamps.every((stamp) => stamp === MISSING) ? null : stamps.join(' '), sessions };
}

/** Adds the entries of a directory's index; gives its stamp, taken before it was read. */
function readOne(directory: string, entries: SessionEntryWriter): string {
  let descriptor: number;
  try {
    descriptor = openSync(path.join(directory, INDEX), OPEN_FLAGS);
  } catch (error) {
    if (isMissing(error)) return MISSING;
    throw error;
  }
  try {
    const stamp = stampOf(fstatSync(descriptor, { bigint: true }));
    const brokenAt = readSessionIndex(descriptor, entries);
    entries.nextIndex();
    return brokenAt === null ? stamp : `${stamp}${BROKEN}${brokenAt}`;
  } finally {
    closeSync(descriptor);
  }
}

function reportBreak(stamp: string, directory: string, report: (directory: string, detail: string) => void): void {
  const byte = stamp.split(BROKEN)[1];
  if (byte !== undefined) report(directory, `it is JSON up to byte ${byte} only; the entries before it are used`);
}
