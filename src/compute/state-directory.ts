/**
 * Where OpenClaw keeps its state, found as OpenClaw itself finds it (format.md 1.1). Path logic only: nothing is
 * read, and the file system is asked for nothing but existence, so the main thread may use it.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ClawgaugeError } from '../errors.ts';

/** What decided on the state directory, for logs and messages. */
export type StateDirectorySource =
  | '--state-dir'
  | 'OPENCLAW_STATE_DIR'
  | '--profile'
  | 'OPENCLAW_PROFILE'
  | 'default'
  | 'legacy default';

export interface StateDirectory {
  /** Absolute; may not exist. */
  readonly directory: string;
  /** Absolute path of OpenClaw's own configuration; may not exist. */
  readonly configPath: string;
  readonly source: StateDirectorySource;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROFILE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

/**
 * Resolves the state directory and the configuration path. As in OpenClaw, OPENCLAW_STATE_DIR beats a profile
 * and OPENCLAW_CONFIG_PATH beats everything; our own `stateDir` option beats both.
 * @param homedir the operating system's home directory, used when neither OPENCLAW_HOME nor HOME says otherwise
 * @throws ClawgaugeError invalid_option for a profile name that OpenClaw would refuse
 */
export function resolveStateDirectory(
  env: Environment,
  homedir: string,
  options: { readonly stateDir?: string | undefined; readonly profile?: string | undefined } = {},
): StateDirectory {
  const home = homeOf(env, homedir);
  const { directory, source } = chooseDirectory(env, home, options);
  const override = setting(env.OPENCLAW_CONFIG_PATH);
  return { directory, configPath: override === null ? findConfig(directory) : expandPath(override, home), source };
}

/**
 * What `~` stands for to OpenClaw: OPENCLAW_HOME takes the place of the home directory, and may itself start with `~`.
 * @param homedir as for `resolveStateDirectory`
 */
export function homeOf(env: Environment, homedir: string): string {
  const system = homeSetting(env.HOME) ?? homeSetting(env.USERPROFILE) ?? homeSetting(homedir) ?? process.cwd();
  const own = homeSetting(env.OPENCLAW_HOME);
  return own === null ? path.resolve(system) : expandPath(own, system);
}

/** Absolute, with `~` expanded. */
export function expandPath(input: string, home: string): string {
  return path.resolve(input.replace(/^~(?=$|[\\/])/, () => home));
}

function chooseDirectory(
  env: Environment,
  home: string,
  options: { readonly stateDir?: string | undefined; readonly profile?: string | undefined },
): { directory: string; source: StateDirectorySource } {
  const option = setting(options.stateDir);
  if (option !== null) return { directory: expandPath(option, home), source: '--state-dir' };
  const override = setting(env.OPENCLAW_STATE_DIR);
  if (override !== null) return { directory: expandPath(override, home), source: 'OPENCLAW_STATE_DIR' };
  const flag = setting(options.profile);
  const profile = flag ?? setting(env.OPENCLAW_PROFILE);
  if (profile !== null) {
    const source = flag === null ? 'OPENCLAW_PROFILE' : '--profile';
    return { directory: profileDirectory(profile, home, source), source };
  }
  const current = path.join(home, '.openclaw');
  const legacy = path.join(home, '.clawdbot');
  if (!existsSync(current) && existsSync(legacy)) return { directory: legacy, source: 'legacy default' };
  return { directory: current, source: 'default' };
}

function profileDirectory(profile: string, home: string, source: StateDirectorySource): string {
  if (!PROFILE_NAME.test(profile)) {
    throw new ClawgaugeError(
      'invalid_option',
      `${source}: expected 1 to 64 letters, digits, "_" or "-" that start with a letter or digit, got ${JSON.stringify(profile)}`,
    );
  }
  return path.join(home, profile.toLowerCase() === 'default' ? '.openclaw' : `.openclaw-${profile}`);
}

/** openclaw.json, or the name it had before if only that exists. */
function findConfig(directory: string): string {
  const current = path.join(directory, 'openclaw.json');
  const legacy = path.join(directory, 'clawdbot.json');
  return !existsSync(current) && existsSync(legacy) ? legacy : current;
}

function setting(value: string | undefined): string | null {
  const trimmed = value?.trim();
  return trimmed ? trimmed : null;
}

/** Shells and service files are known to leave these two words behind. */
function homeSetting(value: string | undefined): string | null {
  const text = setting(value);
  return text === 'undefined' || text === 'null' ? null : text;
}
