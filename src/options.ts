/**
 * Every option of `clawgauge serve`, once: its kind, its flag, its default and what it means. The command line, the
 * environment, the config file and docs/configuration.md all follow this table. Plain code rather than a schema
 * library: it runs before the first answer after a restart, and loading a library would take longer than that answer.
 */
import { budgets } from './budget-options.ts';
import { leastMemoryCap } from './cache/memory-budget.ts';
import { notices } from './notice-options.ts';
import {
  allowedHost,
  boolean,
  byteSize,
  choice,
  duration,
  host,
  integer,
  type Kind,
  list,
  network,
  paths,
  prices,
  retention,
  text,
  timeZone,
} from './option-kinds.ts';
import { MIB } from './units.ts';

interface Option {
  /** Reads and checks what the user wrote. */
  readonly kind: Kind<unknown> & { readonly words?: readonly string[] };
  /** `--name <argument>`; without an argument it switches on; null: only in the config file. */
  readonly flag: string | null;
  /** As a user would write it; null: nothing, and `otherwise` says what that means. */
  readonly default: string | number | boolean | readonly string[] | null;
  readonly otherwise?: string;
  readonly meaning: string;
  /** Its value is never shown. */
  readonly secret?: true;
}

const directory = text('a path', (path) => path !== '' && !path.includes('\0'));

export const OPTIONS = {
  stateDir: {
    kind: paths(directory, 16),
    flag: '--state-dir <dir>',
    default: [],
    otherwise: 'as OpenClaw finds it',
    meaning: 'The OpenClaw state directory to read, or several; at most 16.',
  },
  profile: {
    kind: list(
      text('a profile name: letters, digits, _ and -, at most 64', (name) => /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name)),
      16,
    ),
    flag: '--profile <name>',
    default: [],
    meaning: 'The OpenClaw profile whose state directory to read, or several; at most 16.',
  },
  dataDir: {
    kind: directory,
    flag: '--data-dir <dir>',
    default: null,
    otherwise: 'the XDG state and cache directories',
    meaning: 'The directory for everything that Clawgauge writes.',
  },
  host: {
    kind: host,
    flag: '--host <host>',
    default: '127.0.0.1',
    meaning: 'The address to listen on. One that is not loopback needs a token.',
  },
  port: {
    kind: integer(0, 65_535),
    flag: '--port <n>',
    default: 18_790,
    meaning: 'The port to listen on; 0 takes any free one.',
  },
  memoryCap: {
    kind: byteSize(`${leastMemoryCap() / MIB}mb`),
    flag: '--memory-cap <size>',
    default: '256mb',
    meaning: 'What the whole process may hold in memory (RSS); at least 144mb, on Node 22 152mb, on Node 24 160mb.',
  },
  refreshInterval: {
    kind: duration('1s', '24h'),
    flag: '--refresh-interval <time>',
    default: '10s',
    meaning: 'How often the stores are looked through at the latest; 1s to 24h.',
  },
  timeZone: {
    kind: timeZone,
    flag: '--time-zone <zone>',
    default: null,
    otherwise: "the host's",
    meaning: 'The time zone of days where a request names none.',
  },
  timeZones: {
    kind: list(timeZone, 8),
    flag: '--time-zones <zones>',
    default: [],
    meaning: 'More time zones whose views are kept ready; at most 8.',
  },
  token: {
    kind: text('a token of 16 to 512 visible ASCII characters without spaces', (token) =>
      /^[!-~]{16,512}$/.test(token),
    ),
    flag: '--token <token>',
    default: null,
    otherwise: 'none',
    meaning: 'What a client has to send as bearer token; at least 16 characters.',
    secret: true,
  },
  transcripts: {
    kind: boolean,
    flag: '--transcripts',
    default: false,
    meaning: 'Also serve the text of conversations, to whoever sends the token; not together with redact.',
  },
  allowedHosts: {
    kind: list(allowedHost, 64),
    flag: '--allowed-host <host>',
    default: [],
    meaning: 'More hosts under which the service may be asked for, such as that of a proxy; at most 64.',
  },
  trustedProxies: {
    kind: list(network, 64),
    flag: '--trusted-proxy <address>',
    default: [],
    meaning: 'Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded headers are believed; at most 64.',
  },
  basePath: {
    kind: text('nothing, or a path such as /clawgauge: it starts with / and does not end in one', isBasePath),
    flag: '--base-path <path>',
    default: '',
    meaning: 'The path under which a proxy serves Clawgauge.',
  },
  redact: {
    kind: boolean,
    flag: '--redact',
    default: false,
    meaning: 'Hide session keys and labels, which can hold phone numbers.',
  },
  retain: {
    kind: retention('36500d'),
    flag: '--retain <time>',
    default: '400d',
    meaning: 'How long the usage of a deleted transcript counts after its last activity; 0 for not at all, to 36500d.',
  },
  viewDeadline: {
    kind: duration('10ms', '30s'),
    flag: '--view-deadline <time>',
    default: '250ms',
    meaning: 'How long a request waits at most for a view that is not ready; 10ms to 30s.',
  },
  taskDeadline: {
    kind: duration('1s', '1h'),
    flag: '--task-deadline <time>',
    default: '30s',
    meaning: 'The least time that a worker task gets before it is stopped; 1s to 1h.',
  },
  refreshDeadline: {
    kind: duration('10s', '24h'),
    flag: '--refresh-deadline <time>',
    default: '10m',
    meaning: 'How long one refresh may take; 10s to 24h, and at least twice taskDeadline.',
  },
  accounting: {
    kind: choice('auto', '2026.5', '2026.9'),
    flag: '--accounting <era>',
    default: 'auto',
    meaning: 'Whose rules count: auto, those of the OpenClaw version that keeps the store, or always 2026.5 or 2026.9.',
  },
  logLevel: {
    kind: choice('silent', 'error', 'warn', 'info', 'debug'),
    flag: '--log-level <level>',
    default: 'info',
    meaning: 'How much is logged: silent, error, warn, info or debug.',
  },
  prices: {
    kind: prices,
    flag: null,
    default: null,
    otherwise: 'none',
    meaning: 'Prices for models that OpenClaw has none for.',
  },
  budgets: {
    kind: budgets,
    flag: null,
    default: [],
    meaning: 'How much may be used, and when to say so; at most 64.',
  },
  notices: {
    kind: notices,
    flag: null,
    default: [],
    meaning: 'Who is told when a budget reaches a threshold: webhooks and programs; at most 8.',
    secret: true,
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

export const optionNames = Object.keys(OPTIONS) as readonly OptionName[];

/** One option as the table describes it, whichever it is. */
export function optionOf(name: OptionName): Option {
  return OPTIONS[name];
}

/** What one source says, by option name; not checked yet. */
export type UserOptions = Readonly<Partial<Record<OptionName, unknown>>>;

/** Every option checked, in the units of the service; null where nothing was said and there is no default. */
export type OptionValues = {
  readonly [Name in OptionName]:
    | ReturnType<(typeof OPTIONS)[Name]['kind']>
    | (null extends (typeof OPTIONS)[Name]['default'] ? null : never);
};

/** The source that every other overrules. */
export const defaults: UserOptions = Object.fromEntries(
  optionNames.map((name) => [name, optionOf(name).default ?? undefined]),
);

/** The environment variable of an option: `CLAWGAUGE_MEMORY_CAP` of memoryCap; null for one of the config file only. */
export function variableOf(name: OptionName): string | null {
  if (OPTIONS[name].flag === null) return null;
  return `CLAWGAUGE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The long flag of an option, without its argument: `--memory-cap`; null for one of the config file only. */
export function flagOf(name: OptionName): string | null {
  return OPTIONS[name].flag?.split(' ')[0] ?? null;
}

function isBasePath(path: string): boolean {
  const [first, ...segments] = path.split('/');
  return first === '' && segments.every((segment) => /^(?!\.{1,2}$)[\w.~-]+$/.test(segment));
}
