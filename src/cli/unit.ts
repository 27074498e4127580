/**
 * `clawgauge unit <manager>`: the unit of packaging/ for systemd or launchd, with the paths, flags and variables of this
 * machine. Each file there is right by itself; only the lines that differ are replaced.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isLoopback, type ServiceOptions } from '../config.ts';
import { camelCase, type Flags } from '../option-sources.ts';
import { flagOf, optionNames, optionOf, variableOf } from '../options.ts';
import { absolutePath, type Environment } from '../own-directories.ts';
import { MIB } from '../units.ts';

export interface Surroundings {
  /** The program and the script that it runs, absolute. */
  readonly program: readonly string[];
  readonly env: Environment;
  /** Absolute. */
  readonly homedir: string;
}

interface Facts {
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly options: ServiceOptions;
  readonly homedir: string;
}

const PACKAGING = join(import.meta.dirname, '../../packaging');

const MANAGERS = { systemd, launchd };

/**
 * The text of a unit.
 * @param options what the flags, the variables and the config file come to
 */
export function unitFor(
  manager: keyof typeof MANAGERS,
  flags: Flags,
  options: ServiceOptions,
  surroundings: Surroundings = here(),
): string {
  const { program, env, homedir } = surroundings;
  const command = [...program, 'serve', ...repeatedFlags(flags, homedir)];
  return MANAGERS[manager]({ command, variables: variablesOf(env), options, homedir });
}

function here(): Surroundings {
  return { program: [process.execPath, process.argv[1] as string], env: process.env, homedir: homedir() };
}

function systemd({ command, variables, options, homedir }: Facts): string {
  const { dataDir, cacheDir, memoryCap, host } = options;
  const directories = dataDir === cacheDir ? [dataDir] : [dirname(dataDir), dirname(cacheDir)];
  const made = [join(homedir, '.config/systemd/user'), ...directories].map((path) => `'${path}'`);
  // Specifiers begin with %, and $ stands for a variable in commands alone.
  const word = (text: string) =>
    /^[\w./:@,+=-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
  const lines: Readonly<Record<string, string>> = {
    'ExecStart=': command.map((part) => word(part).replaceAll('$', '$$$$')).join(' '),
    'ReadWritePaths=': directories.map(word).join(' '),
    'MemoryMax=': `${Math.ceil((memoryCap * 1.5) / MIB)}M`,
    '#   mkdir -p ': made.join(' '),
  };
  const filled = Object.entries(lines).reduce(
    (text, [start, rest]) => text.replace(new RegExp(`^${start}.*`, 'm'), () => start + rest),
    template('systemd/clawgauge.service'),
  );
  const environment = Object.entries(variables).map(([name, value]) => `Environment=${word(`${name}=${value}`)}\n`);
  return filled
    .replace(/^ExecStart=/m, () => `${environment.join('')}ExecStart=`)
    .replace(/^IPAddress.*\n/gm, (line) => (isLoopback(host) ? line : ''));
}

function launchd({ command, variables, homedir }: Facts): string {
  const log = join(homedir, 'Library/Logs/clawgauge.log');
  const strings = command.map((part) => `    <string>${escaped(part)}</string>\n`);
  const pairs = Object.entries(variables).map(
    ([name, value]) => `    <key>${escaped(name)}</key>\n    <string>${escaped(value)}</string>\n`,
  );
  return template('launchd/clawgauge.plist')
    .replace(/(<array>\n).*?( *<\/array>)/s, (_, start, end) => start + strings.join('') + end)
    .replace(/(<key>EnvironmentVariables<\/key>\n *<dict>\n)/, (start) => start + pairs.join(''))
    .replaceAll('/Users/you/Library/Logs/clawgauge.log', () => escaped(log));
}

/** What a command line gave, as one would write it again from another directory; no secrets, which everybody could read there. */
function repeatedFlags(flags: Flags, homedir: string): string[] {
  const path = (value: unknown) => absolutePath(String(value), homedir);
  const config = flags.config === undefined ? [] : ['--config', path(flags.config)];
  const others = optionNames.flatMap((name) => {
    const { flag: text, secret } = optionOf(name);
    const flag = flagOf(name);
    const value = flag === null ? undefined : flags[camelCase(flag)];
    if (flag === null || value === undefined || secret) return [];
    if (value === true) return [flag];
    const isPath = text?.endsWith('<dir>') === true;
    return [value].flat().flatMap((item) => [flag, isPath ? path(item) : String(item)]);
  });
  return [...config, ...others];
}

/** The variables that say where things lie and what is wanted, without secrets. */
function variablesOf(env: Environment): Record<string, string> {
  const secrets = optionNames.filter((name) => optionOf(name).secret).map(variableOf);
  const needed = /^(CLAWGAUGE_\w+|OPENCLAW_(CONFIG_PATH|HOME|PROFILE|STATE_DIR)|XDG_(CACHE|CONFIG|STATE)_HOME)$/;
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (needed.test(name) && value && !secrets.includes(name)) variables[name] = value;
  }
  return variables;
}

function template(path: string): string {
  return readFileSync(join(PACKAGING, path), 'utf8');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
