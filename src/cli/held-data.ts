/**
 * The data directory of a command that reads for itself. While another process holds it nothing there is opened for
 * writing and no lock is broken: copies of what matters in it stand in, in a temporary directory, and are removed at the
 * end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError } from '../errors.ts';
import { directoryHolder, lockDirectory } from '../lock/directory-lock.ts';
import type { OwnDirectories } from '../own-directories.ts';

export interface HeldData {
  readonly directories: OwnDirectories;
  /** Why nothing keeps another process from them; null when something does. */
  readonly unguarded: string | null;
  /** They are a copy, which nobody looks at again. */
  readonly isCopy: boolean;
  release(): Promise<void>;
}

/** Takes the data directory of the options, or a copy of what matters in it. */
export async function holdData({ dataDir, cacheDir }: ServiceOptions): Promise<HeldData> {
  try {
    const lock = await lockDirectory(dataDir);
    const { problem: unguarded } = lock;
    return { directories: { dataDir, cacheDir }, unguarded, isCopy: false, release: () => lock.release() };
  } catch (error) {
    if (!(error instanceof ClawgaugeError) || error.code !== 'data_directory_in_use') throw error;
    return borrowData({ dataDir, cacheDir });
  }
}

/** Takes a copy of what matters in the data directory, whoever holds it. */
export async function borrowData({ dataDir, cacheDir }: OwnDirectories): Promise<HeldData> {
  const copy = mkdtempSync(join(tmpdir(), 'clawgauge-'));
  const remove = () => rmSync(copy, { recursive: true, force: true });
  const interrupted = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted).once('exit', remove);
  const release = async () => {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted).off('exit', remove);
    remove();
  };
  try {
    const { copyData } = await import('./data-copy.ts');
    copyData({ dataDir, cacheDir }, copy, (await directoryHolder(dataDir)) !== null);
  } catch (error) {
    await release();
    throw error;
  }
  return { directories: { dataDir: copy, cacheDir: copy }, unguarded: null, isCopy: true, release };
}
