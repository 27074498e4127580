/** The places where options can stand: the flags of the command line, the environment, and the config file. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type JSON5 from 'json5';
import { ClawgaugeError, messageOf } from './errors.ts';
import { nearestName } from './nearest.ts';
import { flagOf, type OptionName, optionNames, type UserOptions, variableOf } from './options.ts';
import { absolutePath, type Environment, xdgDirectory } from './own-directories.ts';

/** What one place says. */
export interface OptionSource {
  readonly options: UserOptions;
  /** How a message calls the place where an option stood. */
  readonly nameOf: (name: OptionName) => string;
}

/** By name in camel case (`allowedHost` of --allowed-host), as a command-line parser gives them. */
export type Flags = Readonly<Record<string, unknown>>;

const CONFIG_VARIABLE = 'CLAWGAUGE_CONFIG';

/** What the command line says. Flags that are no options of the service, such as a report's, are left alone. */
export function commandLine(flags: Flags): OptionSource {
  const options = optionNames.map((name) => {
    const flag = flagOf(name);
    return [name, flag === null ? undefined : flags[camelCase(flag)]];
  });
  return { options: Object.fromEntries(options), nameOf: (name) => `flag ${flagOf(name)}` };
}

/** What code says, by the names of the options; a name that is none is refused. */
export function inCode(options: Readonly<Record<string, unknown>>): OptionSource {
  return { options: checkNames(options, 'in code'), nameOf: () => 'in code' };
}

/** What the environment says. An empty variable counts as not set; one that looks misspelt is refused, foreign ones are not. */
export function environment(env: Environment): OptionSource {
  const known = [CONFIG_VARIABLE, ...optionNames.map(variableOf).filter((variable) => variable !== null)];
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith('CLAWGAUGE_') || known.includes(variable)) continue;
    const meant = nearestName(variable, known, 2);
    if (meant !== null) throw invalidOption(`environment variable ${variable}: not known; did you mean ${meant}?`);
  }
  const options = optionNames.map((name) => [name, env[variableOf(name) ?? ''] || undefined]);
  return { options: Object.fromEntries(options), nameOf: (name) => `environment variable ${variableOf(name)}` };
}

/**
 * What the config file (JSON5) says. One that --config or CLAWGAUGE_CONFIG names has to be there; the one at
 * `<XDG config>/clawgauge/config.json` need not.
 * @param readFile the text of a file; throws an error with `code` ENOENT where there is none
 */
export function configFile(
  flags: Flags,
  env: Environment,
  homedir: string,
  readFile: (path: string) => string,
): OptionSource {
  const { path, isNamed } = configPlace(flags, env, homedir);
  const place = `config file ${path}`;
  const nameOf = () => place;

  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && !isNamed) return { options: {}, nameOf };
    throw invalidOption(`${place}: expected a readable file; got ${messageOf(error)}`);
  }
  return { options: parseOptions(text, place), nameOf };
}

/** Where the config file lies, and whether somebody said so. Throws `invalid_option`. */
export function configPlace(flags: Flags, env: Environment, homedir: string): { path: string; isNamed: boolean } {
  const named = flags.config ?? (env[CONFIG_VARIABLE] || undefined);
  if (named === undefined) {
    return { path: join(xdgDirectory('CONFIG', '.config', env, homedir), 'clawgauge', 'config.json'), isNamed: false };
  }
  if (typeof named !== 'string' || named === '') {
    throw invalidOption(`config (flag --config): expected the path of a file; got ${shown(named)}`);
  }
  return { path: absolutePath(named, homedir), isNamed: true };
}

/** The refusal of an option. */
export function invalidOption(detail: string): ClawgaugeError {
  return new ClawgaugeError('invalid_option', detail);
}

/** A value in a message: as JSON, cut where it gets long. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

/** The name of a flag's value: `allowedHost` of --allowed-host. */
export function camelCase(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function parseOptions(text: string, place: string): UserOptions {
  let content: unknown;
  try {
    content = json5().parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalidOption(`${place}: expected JSON5; got ${messageOf(error)}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalidOption(`${place}: expected an object of options; got ${shown(content)}`);
  }
  return checkNames(content, place);
}

function checkNames(options: object, place: string): UserOptions {
  for (const key of Object.keys(options)) {
    if (optionNames.some((name) => name === key)) continue;
    const meant = nearestName(key, optionNames, Math.ceil(key.length / 2));
    const hint = meant === null ? `the known ones are ${optionNames.join(', ')}` : `did you mean ${meant}?`;
    throw invalidOption(`${place}: the option ${shown(key)} is not known; ${hint}`);
  }
  return options;
}

/** Loaded where there is a file to parse: most starts have none, and every start waits for what it loads. */
function json5(): typeof JSON5 {
  return createRequire(import.meta.url)('json5') as typeof JSON5;
}
