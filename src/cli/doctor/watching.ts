/** Whether directories can be watched; where they cannot, changes show only when the timer looks. */
import { once } from 'node:events';
import { readFileSync, watch } from 'node:fs';
import { type Finding, ok, warn } from './finding.ts';

/** Watches each directory for a moment, as a service would for good. */
export async function lookAtWatching(directories: readonly string[]): Promise<Finding> {
  const watchers: ReturnType<typeof watch>[] = [];
  try {
    for (const directory of directories) {
      const watcher = watch(directory, { persistent: false });
      watchers.push(watcher);
      // What the system refuses is told a moment later.
      await Promise.race([once(watcher, 'error').then(([error]) => Promise.reject(error)), new Promise(setImmediate)]);
    }
    return ok('watching', `${directories.length} directories can be watched.`);
  } catch (error) {
    return refused((error as NodeJS.ErrnoException).code ?? 'error', directories.length);
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}

/** @param code of the system's error @param needed how many directories are to be watched */
export function refused(code: string, needed: number): Finding {
  const says = `Directories cannot be watched (${code}): changes show only every refreshInterval.`;
  if (code === 'ENOSPC') {
    const limit = limitOf('max_user_watches');
    const enough = Math.max(65_536, 2 * ((limit ?? 0) + needed));
    return warn(
      'watching',
      says,
      `Raise the limit, ${limit ?? 'unknown'} now: sysctl fs.inotify.max_user_watches=${enough}`,
    );
  }
  if (code === 'EMFILE') {
    const limit = limitOf('max_user_instances');
    return warn(
      'watching',
      says,
      `Raise the limit, ${limit ?? 'unknown'} now: sysctl fs.inotify.max_user_instances=${2 * (limit ?? 128)}`,
    );
  }
  return warn('watching', says, 'Nothing has to be done; a shorter --refresh-interval shows changes earlier.');
}

function limitOf(name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
  } catch {
    return null;
  }
}
