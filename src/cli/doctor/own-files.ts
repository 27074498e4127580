/** Our own files: whether the data and cache directories can be written, by whom they can be read, and how much room there is. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServiceOptions } from '../../config.ts';
import { bytes } from '../../page/format.ts';
import { type Bytes, MIB } from '../../units.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The digests of ten thousand transcripts take about this much. */
const SCARCE: Bytes = 64 * MIB;
const NONE: Bytes = MIB;
/** What others may do with a file. */
const OTHERS = 0o077;

export function lookAtDirectories({ dataDir, cacheDir }: Pick<ServiceOptions, 'dataDir' | 'cacheDir'>): Finding[] {
  return [...new Set([dataDir, cacheDir])].map(directoryFinding);
}

/** The config file: whether others can read a token in it. @param path may not exist */
export function lookAtConfig(path: string): Finding[] {
  if (!existsSync(path)) return [];
  const exposed = (statSync(path).mode & OTHERS) !== 0 && /\btoken\b/.test(readFileSync(path, 'utf8'));
  if (!exposed) return [ok('config', `The config file is ${path}.`)];
  return [warn('config', `Others can read the token in ${path}.`, `chmod 600 ${path}`)];
}

function directoryFinding(directory: string): Finding {
  const there = existingPart(directory);
  try {
    if (!statSync(there).isDirectory()) throw new Error('it is no directory');
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      'data',
      `${there} cannot be written.`,
      'Give it to the user that runs Clawgauge, or name another directory with --data-dir.',
    );
  }
  const room = roomIn(there);
  if (room !== null && room < SCARCE) {
    const says = `The disk of ${directory} has ${bytes(room)} left.`;
    return room < NONE ? fail('data', says, 'Make room on it.') : warn('data', says, 'Make room on it.');
  }
  if (there !== directory) return ok('data', `${directory} will be made at the first start.`);
  const { mode, uid } = statSync(directory);
  if (process.getuid !== undefined && uid !== process.getuid() && process.getuid() !== 0) {
    return warn('data', `${directory} belongs to another user.`, `chown -R ${process.getuid()} ${directory}`);
  }
  if ((mode & OTHERS) !== 0) {
    return warn('data', `Others can look into ${directory}, where names of sessions lie.`, `chmod 700 ${directory}`);
  }
  return ok('data', `${directory} can be written${room === null ? '' : `, with ${bytes(room)} left on its disk`}.`);
}

function existingPart(path: string): string {
  let part = path;
  while (!existsSync(part) && dirname(part) !== part) part = dirname(part);
  return part;
}

function roomIn(directory: string): Bytes | null {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}
