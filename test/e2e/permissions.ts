/** What the tests may do to the machine, found out by trying. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The program to start a service through so that permissions of files bind it, as its first arguments; null where
 * there is none. Root reads everything, unless that power is taken from it.
 */
export const boundByPermissions: readonly string[] | null = (() => {
  const without = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--'];
  return [[], without].find((through) => !reads(through)) ?? null;
})();

/** Mounts an empty file system of so many KiB at a directory; false where that is not allowed. */
export function mountTiny(directory: string, kib: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k,mode=700`, 'tmpfs', directory]).status === 0;
}

/** Shows a directory at another one, read-only; false where that is not allowed. */
export function mountReadOnly(directory: string, at: string): boolean {
  return spawnSync('mount', ['-o', 'bind,ro', directory, at]).status === 0;
}

/** Takes it away at once, also from under a process that has files open in it. */
export function unmount(directory: string): void {
  spawnSync('umount', ['-l', directory]);
}

/** Whether a file that nobody may read is read all the same. */
function reads(through: readonly string[]): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'clawgauge-test-'));
  try {
    const closed = join(directory, 'closed');
    writeFileSync(closed, '');
    chmodSync(closed, 0o000);
    const script = `try { fs.readFileSync(${JSON.stringify(closed)}) } catch (error) { console.log(error.code) }`;
    const command = [...through, process.execPath, '-e', script];
    const { stdout } = spawnSync(command[0] as string, command.slice(1), { encoding: 'utf8' });
    return stdout?.trim() !== 'EACCES';
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
