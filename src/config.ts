/**
 * The options of the service: gathered from their sources, checked once, and filled. Whatever gets a ServiceOptions
 * may trust it.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Budget } from './budget-options.ts';
import { resolveStateDirectory } from './compute/state-directory.ts';
import type { NoticeTarget } from './notice-options.ts';
import { Mismatch, type OwnPrices, timeZone } from './option-kinds.ts';
import {
  commandLine,
  configFile,
  environment,
  type Flags,
  inCode,
  invalidOption,
  type OptionSource,
  shown,
} from './option-sources.ts';
import { defaults, type OptionName, type OptionValues, optionNames, optionOf } from './options.ts';
import { type Environment, type OwnDirectories, ownDirectories } from './own-directories.ts';
import { stateNames } from './state-names.ts';
import type { Bytes, Milliseconds } from './units.ts';

/** What each option means stands in options.ts; here is what the service gets of it. */
export interface ServiceOptions extends OwnDirectories {
  /** Absolute; need not exist. */
  readonly stateDirectory: string;
  /** OpenClaw's own configuration; absolute, need not exist. */
  readonly openclawConfigPath: string;
  /** State directories beside that one. */
  readonly otherStates: readonly OtherState[];
  /** A host name or IP address. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly memoryCap: Bytes;
  readonly refreshInterval: Milliseconds;
  readonly timeZone: string;
  /** Zones besides `timeZone` whose views are precomputed. */
  readonly timeZones: readonly string[];
  readonly token: string | null;
  /** Whether the text of conversations is served; only with a token. */
  readonly transcripts: boolean;
  /** `name`, `name:port`, IPv6 in brackets; in lower case. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks whose `X-Forwarded-` headers are believed. */
  readonly trustedProxies: readonly string[];
  /** '' or '/path'. */
  readonly basePath: string;
  readonly redact: boolean;
  readonly retain: Milliseconds;
  readonly viewDeadline: Milliseconds;
  readonly taskDeadline: Milliseconds;
  readonly refreshDeadline: Milliseconds;
  readonly accounting: 'auto' | '2026.5' | '2026.9';
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly prices: OwnPrices | null;
  readonly budgets: readonly Budget[];
  readonly notices: readonly NoticeTarget[];
}

/** A state directory beside the first one. */
export interface OtherState {
  /** Stands behind the `@` of its agents' ids. */
  readonly name: string;
  /** Absolute; need not exist, like `configPath`. */
  readonly directory: string;
  readonly configPath: string;
}

/**
 * The options of the service. Later sources overrule earlier ones: defaults, config file, environment, flags, code.
 * @param code what a program says in which the service is embedded, by the names of the options
 * @param readFile the text of a file; throws an error with `code` ENOENT where there is none
 * @throws ClawgaugeError invalid_option, which names the option, its source, what was expected and what came
 */
export function loadOptions({
  flags,
  code = {},
  env,
  homedir,
  readFile,
}: {
  readonly flags: Flags;
  readonly code?: Readonly<Record<string, unknown>>;
  readonly env: Environment;
  readonly homedir: string;
  readonly readFile: (path: string) => string;
}): ServiceOptions {
  const { values, places } = readAll([
    { options: defaults, nameOf: () => 'default' },
    configFile(flags, env, homedir, readFile),
    environment(env),
    commandLine(flags),
    inCode(code),
  ]);
  checkRelations(values, places);

  const { stateDir, profile, dataDir, ...others } = values;
  const [state, ...otherStates] = statesOf(env, homedir, stateDir, profile);
  const zone = values.timeZone ?? hostTimeZone();
  return {
    ...others,
    ...ownDirectories(
      dataDir,
      [state, ...otherStates].map(({ directory }) => directory),
      env,
      homedir,
    ),
    stateDirectory: state.directory,
    openclawConfigPath: state.configPath,
    otherStates,
    timeZone: zone,
    timeZones: values.timeZones.filter((name) => name !== zone),
  };
}

/** The state directories, each once: those that are named, then those of the profiles, or the one that OpenClaw finds. */
function statesOf(
  env: Environment,
  homedir: string,
  stateDirs: readonly string[],
  profiles: readonly string[],
): readonly [Omit<OtherState, 'name'>, ...OtherState[]] {
  const named = [
    ...stateDirs.map((stateDir) => ({ stateDir, profile: undefined })),
    ...profiles.map((profile) => ({ stateDir: undefined, profile })),
  ];
  const [one = {}] = named;
  const first = resolveStateDirectory(env, homedir, one);
  if (named.length < 2) return [first];
  // What the environment says of the one state directory of a gateway cannot be meant for several.
  const { OPENCLAW_STATE_DIR: _directory, OPENCLAW_CONFIG_PATH: _config, ...rest } = env;
  const all = new Map<string, { directory: string; configPath: string; profile: string | null }>();
  for (const choice of named) {
    const { directory, configPath } = resolveStateDirectory(rest, homedir, choice);
    if (!all.has(directory)) all.set(directory, { directory, configPath, profile: choice.profile ?? null });
  }
  const [head, ...others] = [...all.values()];
  const [, ...names] = stateNames([...all.values()]);
  return [
    head ?? first,
    ...others.map(({ directory, configPath }, at) => ({ name: names[at] as string, directory, configPath })),
  ];
}

/** Where each option was taken from, for messages. */
type Places = Readonly<Partial<Record<OptionName, string>>>;

/** Reads every source, also what a later one overrules: a bad value is told now, not on the day it comes to count. */
function readAll(sources: readonly OptionSource[]): { values: OptionValues; places: Places } {
  const values: Partial<Record<OptionName, unknown>> = {};
  const places: Partial<Record<OptionName, string>> = {};
  for (const name of optionNames) {
    values[name] = null;
    for (const { options, nameOf } of sources) {
      if (options[name] === undefined) continue;
      places[name] = nameOf(name);
      values[name] = read(name, options[name], nameOf(name));
    }
  }
  return { values: values as OptionValues, places };
}

function read(name: OptionName, input: unknown, place: string): unknown {
  const { kind, secret } = optionOf(name);
  try {
    return kind(input);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const came = secret ? 'something else, which is not shown' : shown(error.came);
    throw invalidOption(`${name}${error.at} (${place}): expected ${error.expected}; got ${came}`);
  }
}

function checkRelations(values: OptionValues, places: Places): void {
  if (values.token === null) {
    const expected = 'expected a token (--token, CLAWGAUGE_TOKEN, or token in the config file); got none';
    if (!isLoopback(values.host)) {
      throw invalidOption(
        `token: with host ${shown(values.host)} (${places.host}), which is not loopback, ${expected}`,
      );
    }
    if (values.transcripts) throw invalidOption(`token: with transcripts (${places.transcripts}) ${expected}`);
  }
  if (values.transcripts && values.redact) {
    throw invalidOption(
      `transcripts (${places.transcripts}): with redact (${places.redact}) expected false, ` +
        'since what people write cannot be redacted; got true',
    );
  }
  if (values.refreshDeadline < 2 * values.taskDeadline) {
    throw invalidOption(
      `refreshDeadline (${places.refreshDeadline}): expected at least twice taskDeadline (${places.taskDeadline}), ` +
        `${values.taskDeadline} ms; got ${values.refreshDeadline} ms`,
    );
  }
}

/** Whether only this machine can reach what listens on a host. */
export function isLoopback(host: string): boolean {
  // In this order: the first question after an IPv6 address takes milliseconds of every start.
  if (isIPv4(host)) return host.startsWith('127.');
  if (!isIPv6(host)) return host === 'localhost';
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(host, 'ipv6');
}

/** UTC where the host has no zone that can be told. */
function hostTimeZone(): string {
  try {
    return timeZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch (error) {
    if (error instanceof Mismatch) return 'UTC';
    throw error;
  }
}
