/** What `clawgauge report` is asked for: its flags, checked, as a question for figures and a way to show them. */
import { type Flags, invalidOption, shown } from '../../option-sources.ts';
import type { OptionName } from '../../options.ts';
import {
  type FilterChoice,
  SESSION_KINDS,
  type SessionSort,
  type SessionsQuery,
  type SplitBy,
  sessionsQuery,
  type UsageQuery,
  usageQuery,
  type WindowChoice,
} from '../../snapshot/query.ts';
import { dayOfDate, formatDay, parseDay, zoneOf } from '../../snapshot/zone.ts';
import type { Milliseconds } from '../../units.ts';
import { type CommandFlag, optionFlags, plainFlags } from '../plain-flags.ts';
import { serviceAddress, URL_FLAG } from '../service-address.ts';

export const KINDS = ['daily', 'weekly', 'monthly', 'sessions', 'models', 'agents', 'channels', 'kinds'] as const;
export type ReportKind = (typeof KINDS)[number];
export type ReportForm = 'table' | 'json' | 'csv';

const SORTS = ['updated', 'cost', 'tokens'] as const satisfies readonly SessionSort[];
const FILTERS = ['agent', 'channel', 'kind', 'provider', 'model'] as const satisfies readonly SplitBy[];

/** The options of the service that matter to a report. */
export const REPORT_OPTIONS: readonly OptionName[] = [
  'stateDir',
  'profile',
  'dataDir',
  'timeZone',
  'memoryCap',
  'refreshInterval',
  'retain',
  'redact',
  'accounting',
  'token',
];

/** What a report has beside them. */
export const REPORT_FLAGS: readonly CommandFlag[] = [
  {
    flag: '--since <date>',
    meaning: 'The first day, such as 2026-01-31 or 20260131 (default: that of the first activity).',
  },
  { flag: '--until <date>', meaning: 'The last day, inclusive (default: that of the last activity).' },
  { flag: '--agent <id>', meaning: 'Only this agent; can be repeated, as all filters.', list: true },
  { flag: '--model <name>', meaning: 'Only this model.', list: true },
  { flag: '--provider <name>', meaning: 'Only this provider.', list: true },
  { flag: '--channel <name>', meaning: 'Only this channel.', list: true },
  {
    flag: '--kind <name>',
    meaning: `Only sessions of this kind: ${SESSION_KINDS.join(', ')}.`,
    list: true,
  },
  { flag: '--sort <order>', meaning: 'Sessions by updated, cost or tokens (default: updated).' },
  { flag: '--limit <n>', meaning: 'How many sessions (default: 50 in a table, all in JSON and CSV).' },
  { flag: '--json', meaning: 'As JSON, with the field names of ccusage.' },
  { flag: '--csv', meaning: 'As CSV.' },
  { flag: '--watch', meaning: 'Show it anew whenever figures change, until Ctrl-C.' },
  URL_FLAG,
];

/** A report's command line, where it is said in the plainest way; null for whatever the parser must look at. */
export function plainReport(args: readonly string[]): { kind: string | undefined; flags: Flags } | null {
  const [first] = args;
  const kind = first?.startsWith('-') ? undefined : first;
  const flags = plainFlags(kind === undefined ? args : args.slice(1), [
    ...optionFlags(REPORT_OPTIONS),
    ...REPORT_FLAGS,
  ]);
  return flags === null ? null : { kind, flags };
}

export interface ReportRequest {
  readonly kind: ReportKind;
  readonly form: ReportForm;
  readonly watch: boolean;
  /** Of the service to ask; null for whatever there is here. */
  readonly url: string | null;
  readonly timeZone: string;
  readonly window: WindowChoice;
  readonly filters: FilterChoice;
  readonly sort: SessionSort;
  /** Null for all. */
  readonly limit: number | null;
}

const SESSIONS_IN_A_TABLE = 50;
/** The most sessions of one page. */
const PAGE = 1_000;

/**
 * Checks what the command line says. Throws `invalid_option`.
 * @param timeZone the canonical name of the zone of days
 */
export function reportRequest(
  kind: string | undefined,
  flags: Readonly<Record<string, unknown>>,
  timeZone: string,
  now: Milliseconds,
): ReportRequest {
  const { json, csv, watch } = flags;
  if (json && csv) throw invalidOption('csv (flag --csv): expected either --json or --csv; got both');
  if (watch && (json || csv)) throw invalidOption('watch (flag --watch): expected a table; got --json or --csv');
  const form = json ? 'json' : csv ? 'csv' : 'table';
  const known = kind === undefined ? 'daily' : oneOf('report', KINDS, kind);
  for (const name of ['sort', 'limit']) {
    if (known !== 'sessions' && flags[name] !== undefined) {
      throw invalidOption(`${name} (flag --${name}): expected for sessions only; got it for ${known}`);
    }
  }
  return {
    kind: known,
    form,
    watch: watch === true,
    url: serviceAddress(flags.url),
    timeZone,
    window: windowOf(flags, timeZone, now),
    filters: Object.fromEntries(FILTERS.map((name) => [name, namesOf(name, flags[name] as string[] | undefined)])),
    sort: flags.sort === undefined ? 'updated' : oneOf('sort', SORTS, flags.sort),
    limit: flags.limit === undefined ? (form === 'table' ? SESSIONS_IN_A_TABLE : null) : wholeNumber(flags.limit),
  };
}

/** What is asked of the figures, unless it is about sessions. */
export function usageQuestion({ kind, window, filters }: ReportRequest): UsageQuery {
  const hasDays = kind === 'daily' || kind === 'weekly' || kind === 'monthly';
  return usageQuery(window, filters, hasDays ? 'model' : null);
}

/** One page of sessions, at most as long as what is still wanted of them. */
export function sessionsQuestion(
  { window, filters, sort }: ReportRequest,
  wanted: number,
  cursor: string | null,
): SessionsQuery {
  return sessionsQuery(window, filters, { sort, cursor, limit: Math.min(PAGE, wanted) });
}

function windowOf(flags: Readonly<Record<string, unknown>>, timeZone: string, now: Milliseconds): WindowChoice {
  const since = dayFlag('since', flags.since);
  const until = dayFlag('until', flags.until);
  if (since === null && until === null) return { timeZone, range: 'all' };
  const startDate = since ?? '1970-01-01';
  const endDate = until ?? formatDay(zoneOf(timeZone).dayOf(now));
  if (dayOfDate(startDate) > dayOfDate(endDate)) {
    throw invalidOption(`since (flag --since): expected no day after ${endDate}; got ${startDate}`);
  }
  return { timeZone, startDate, endDate };
}

/** A day as YYYY-MM-DD. */
function dayFlag(name: string, value: unknown): string | null {
  if (value === undefined) return null;
  const text = String(value).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  if (parseDay(text) !== null) return text;
  throw invalidOption(`${name} (flag --${name}): expected a day such as 2026-01-31 or 20260131; got ${shown(value)}`);
}

function oneOf<Choice extends string>(name: string, choices: readonly Choice[], value: unknown): Choice {
  const choice = choices.find((it) => it === value);
  if (choice !== undefined) return choice;
  const got = value === undefined ? 'nothing' : shown(value);
  throw invalidOption(`${name}: expected one of ${choices.join(', ')}; got ${got}`);
}

/** What a filter asks for; a kind that there is not would match nothing in silence. */
function namesOf(filter: SplitBy, names: readonly string[] = []): readonly string[] {
  return filter === 'kind' ? names.map((name) => oneOf('kind', SESSION_KINDS, name)) : names;
}

function wholeNumber(value: unknown): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw invalidOption(`limit (flag --limit): expected a whole number from 1 on; got ${shown(value)}`);
}
