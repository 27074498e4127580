/**
 * Clawgauge as its users get it: packed, unpacked elsewhere, with the dependencies that its package.json names and no
 * others. What is packed is the build in dist/.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { eventually } from './eventually.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** The directory of the unpacked package, shared by all tests of a run: packed by the first that asks. */
export async function unpackedPackage(): Promise<string> {
  const directory = inject('packageDirectory');
  const unpacked = join(directory, 'package');
  if (!existsSync(unpacked) && takes(join(directory, 'lock'))) pack(directory, unpacked);
  return eventually(() => {
    if (!existsSync(unpacked)) throw new Error(`nothing was packed into ${directory}; was the project built?`);
    return unpacked;
  });
}

/** A copy of the unpacked package that a test may damage; `directory` must not exist yet. */
export async function copyOfPackage(directory: string): Promise<string> {
  cpSync(await unpackedPackage(), directory, { recursive: true, verbatimSymlinks: true });
  return directory;
}

/** Test files run in several processes: making a directory succeeds in one of them. */
function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function pack(directory: string, unpacked: string): void {
  const workshop = join(directory, 'lock');
  const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', workshop];
  const packed = execFileSync('npm', packing, { cwd: REPOSITORY, stdio: 'pipe' });
  const [{ filename }] = JSON.parse(packed.toString()) as [{ filename: string }];
  execFileSync('tar', ['-xzf', join(workshop, filename), '-C', workshop]);
  const { dependencies } = JSON.parse(readFileSync(join(workshop, 'package', 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const link = join(workshop, 'package', 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules', name), link);
  }
  renameSync(join(workshop, 'package'), unpacked);
}
