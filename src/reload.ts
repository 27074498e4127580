/** What a running service can take over of options that were read again, and what has to wait for its next start. */
import { isLoopback, type ServiceOptions } from './config.ts';
import { invalidOption, shown } from './option-sources.ts';

/** By the name that a user knows: what is listened to, where things lie, and how memory is shared out. */
const FIXED: Readonly<Partial<Record<keyof ServiceOptions, string>>> = {
  host: 'host',
  port: 'port',
  basePath: 'basePath',
  stateDirectory: 'stateDir',
  openclawConfigPath: 'stateDir',
  otherStates: 'stateDir',
  dataDir: 'dataDir',
  cacheDir: 'dataDir',
  memoryCap: 'memoryCap',
};

/** What only the routes know of. */
const OF_ROUTES: ReadonlySet<string> = new Set(['token', 'transcripts', 'allowedHosts', 'trustedProxies', 'logLevel']);

export interface Reload {
  /** Those that were read, with the present ones in place of what cannot change. */
  readonly options: ServiceOptions;
  /** Names of those that are others than before. */
  readonly changed: readonly string[];
  /** Names of those that would be, but for a restart. */
  readonly waiting: readonly string[];
  /** Whether the service behind the routes can stay as it is. */
  readonly keepsService: boolean;
}

/** Throws `invalid_option` where what was read does not go together with what cannot change. */
export function reloadOf(current: ServiceOptions, read: ServiceOptions): Reload {
  const names = Object.keys(read) as (keyof ServiceOptions)[];
  const differing = names.filter((name) => JSON.stringify(read[name]) !== JSON.stringify(current[name]));
  const changed = differing.filter((name) => FIXED[name] === undefined);
  const fixed = Object.fromEntries(Object.keys(FIXED).map((name) => [name, current[name as keyof ServiceOptions]]));
  const options: ServiceOptions = { ...read, ...fixed };
  if (options.token === null && !isLoopback(options.host)) {
    throw invalidOption(`token: the service listens on ${shown(options.host)}, so expected a token; got none`);
  }
  return {
    options,
    changed,
    waiting: [...new Set(differing.flatMap((name) => FIXED[name] ?? []))],
    keepsService: changed.every((name) => OF_ROUTES.has(name)),
  };
}
