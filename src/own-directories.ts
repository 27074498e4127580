/** Where Clawgauge keeps its own files: the base directories of the XDG specification, or the one that the user names. */
import { createHash } from 'node:crypto';
import { isAbsolute, join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface OwnDirectories {
  /** Where the ledger lies: what can't be computed again. */
  readonly dataDir: string;
  /** Where the digest store and the last snapshot lie: all of it disposable. */
  readonly cacheDir: string;
}

/** Both absolute. Each list of state directories has its own, so that two never mix; a directory that the user names holds everything. */
export function ownDirectories(
  dataDir: string | null,
  stateDirectories: readonly string[],
  env: Environment,
  homedir: string,
): OwnDirectories {
  if (dataDir !== null) {
    const directory = absolutePath(dataDir, homedir);
    return { dataDir: directory, cacheDir: directory };
  }
  const name = join('clawgauge', createHash('sha256').update(stateDirectories.join('\0')).digest('hex').slice(0, 16));
  return {
    dataDir: join(xdgDirectory('STATE', '.local/state', env, homedir), name),
    cacheDir: join(xdgDirectory('CACHE', '.cache', env, homedir), name),
  };
}

/** One of the XDG base directories; a relative one is ignored, as the specification says. */
export function xdgDirectory(
  name: 'CONFIG' | 'STATE' | 'CACHE',
  otherwise: string,
  env: Environment,
  homedir: string,
): string {
  const directory = env[`XDG_${name}_HOME`];
  return directory !== undefined && isAbsolute(directory) ? directory : join(homedir, otherwise);
}

/** A path as a user wrote it, with `~` for the home directory. */
export function absolutePath(path: string, homedir: string): string {
  return resolve(path.replace(/^~(?=$|[\\/])/, () => homedir));
}
