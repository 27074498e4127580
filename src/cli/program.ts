/** The command line as a whole: help, suggestions, and whatever is not said in the plainest way. */
import { homedir } from 'node:os';
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import type { ServiceOptions } from '../config.ts';
import { configPlace, type Flags } from '../option-sources.ts';
import { OPTIONS, type OptionName, optionNames, optionOf } from '../options.ts';
import type { Milliseconds } from '../units.ts';
import { version } from '../version.ts';
import { addCompletions } from './completions.ts';
import type { CommandFlag } from './plain-flags.ts';
import { collect } from './repeated.ts';
import { KINDS, REPORT_FLAGS, REPORT_OPTIONS } from './report/request.ts';
import { serviceAddress, URL_FLAG } from './service-address.ts';

const FAILED = 1;
const USAGE = 2;
/** The options that say where things are. */
const PLACES: readonly OptionName[] = ['stateDir', 'profile', 'dataDir'];

/** Runs the command of an `argv` such as process.argv; resolves when it has begun. Sets the exit code for wrong usage. */
export async function runProgram(argv: readonly string[], optionsOf: (flags: Flags) => ServiceOptions): Promise<void> {
  try {
    await programOf(optionsOf).parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed it; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  }
}

/** @param optionsOf fills and checks what the flags leave open; throws `invalid_option` */
export function programOf(optionsOf: (flags: Flags) => ServiceOptions): Command {
  const program = new Command('clawgauge')
    .description('Instant usage and cost for OpenClaw under a hard memory cap')
    .version(version)
    .exitOverride();
  withServiceOptions(program.command('serve'))
    .description('serve usage and cost of the OpenClaw state on this machine')
    .action(async (flags: object) => {
      const { serve } = await import('./serve.ts');
      const options = () => optionsOf({ ...flags });
      await serve(options(), options);
    });
  withServiceOptions(program.command('demo'))
    .description('serve a made-up store that goes on growing')
    .option('--sessions <n>', 'sessions of each of the 9 agents', wholeNumber, 20)
    .action(async ({ sessions, ...flags }: { sessions: number; logLevel?: string }) => {
      const { demo } = await import('./demo.ts');
      await demo(optionsOf({ logLevel: 'warn', refreshInterval: '1s', ...flags }), sessions);
    });
  addReport(program.command('report'), optionsOf);
  withFlags(withOptions(program.command('status'), [...PLACES, 'token']), [URL_FLAG])
    .description('say how the service that runs is')
    .option('--json', 'as JSON: the answers of /v1/status and /v1/cache')
    .action(async ({ json, url, ...flags }: { json?: true; url?: string }) => {
      const { status } = await import('./status.ts');
      await status(optionsOf(flags), serviceAddress(url), json === true, process.stdout);
    });
  withServiceOptions(program.command('doctor'))
    .description('look for what would keep a service from its work, and say what to do')
    .option('--json', 'as JSON: each finding with its level')
    .action(async ({ json, ...flags }: { json?: true }) => {
      const { doctor } = await import('./doctor.ts');
      const { path } = configPlace(flags, process.env, homedir());
      if (!(await doctor(optionsOf(flags), path, json === true, process.stdout))) process.exitCode = FAILED;
    });
  addLedger(program.command('ledger').exitOverride(), optionsOf);
  withServiceOptions(program.command('unit'))
    .description('print a unit that runs the service with these options, for systemd or launchd')
    .addArgument(new Argument('<manager>', 'whose unit it is to be').choices(['systemd', 'launchd']))
    .action(async (manager: 'systemd' | 'launchd', flags: object) => {
      const { unitFor } = await import('./unit.ts');
      process.stdout.write(unitFor(manager, { ...flags }, optionsOf({ ...flags })));
    });
  addCompletions(program, print);
  return program;
}

function addReport(command: Command, optionsOf: (flags: Flags) => ServiceOptions): void {
  command.description('show usage and cost: of the service that runs, or else read anew');
  command.addArgument(new Argument('[kind]', 'what by (default: daily)').choices(KINDS));
  withFlags(withOptions(command, REPORT_OPTIONS), REPORT_FLAGS).action(
    async (kind: string | undefined, flags: object) => {
      const { report } = await import('./report.ts');
      await report(kind, { ...flags }, optionsOf({ ...flags }), { out: process.stdout, err: process.stderr });
    },
  );
}

function addLedger(ledger: Command, optionsOf: (flags: Flags) => ServiceOptions): void {
  ledger.description('keep or forget the usage of transcripts that were deleted');
  withPlaceOptions(ledger.command('backup'))
    .description('copy the ledger to a new file; a running service is not disturbed')
    .argument('<file>', 'where to')
    .action(async (file: string, flags: object) => {
      const { backUpLedger } = await import('./ledger.ts');
      backUpLedger(optionsOf({ ...flags }), file, print);
    });
  withPlaceOptions(ledger.command('purge'))
    .description('forget the usage of deleted transcripts, for good; no service may be running on it')
    .option('--agent <id>', 'only of this agent', once)
    .option('--before <date>', 'only of transcripts whose last activity is before this day (UTC)', day)
    .option('--yes', 'do it, rather than say what would be forgotten')
    .action(async ({ agent, before, yes, ...flags }: { agent?: string; before?: number; yes?: true }) => {
      const { purgeLedger } = await import('./ledger.ts');
      const purge = { agent: agent ?? null, before: before ?? null, confirmed: yes === true };
      if (!(await purgeLedger(optionsOf(flags), purge, print))) process.exitCode = USAGE;
    });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function withPlaceOptions(command: Command): Command {
  return withOptions(command, PLACES);
}

function withServiceOptions(command: Command): Command {
  return withOptions(command, optionNames);
}

/** Flags carry no defaults here: what was not given must stay open for the environment and the config file. */
function withOptions(command: Command, names: readonly OptionName[]): Command {
  command.exitOverride().option('--config <file>', 'the config file to read');
  for (const name of names) {
    const { flag, meaning } = OPTIONS[name];
    if (flag === null) continue;
    const text = `${meaning} (${defaultOf(name)})`;
    if (isList(name)) command.option(flag, text, collect);
    else if (flag.includes('<')) command.option(flag, text, once);
    else command.option(flag, text);
  }
  return command;
}

/** Flags that are no options of the service. */
function withFlags(command: Command, flags: readonly CommandFlag[]): Command {
  for (const { flag, meaning, list } of flags) {
    if (list) command.option(flag, meaning, collect);
    else if (flag.includes('<')) command.option(flag, meaning, once);
    else command.option(flag, meaning);
  }
  return command;
}

function isList(name: OptionName): boolean {
  return Array.isArray(OPTIONS[name].default);
}

/** What counts where nothing is said, as the help shows it. */
function defaultOf(name: OptionName): string {
  const option = optionOf(name);
  if (option.otherwise !== undefined) return `default: ${option.otherwise}`;
  const text = String(option.default);
  return text === '' ? 'default: none' : `default: ${text}`;
}

/** The last of several values would win in silence. */
function once(value: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError(`expected one value; got ${before} and ${value}`);
  return value;
}

/** The start of a day in UTC. */
function day(text: string): Milliseconds {
  const start = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(start || 0).toISOString().startsWith(text)) return start;
  throw new InvalidArgumentError(`expected a day such as 2026-01-31; got ${text}`);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 100_000) return number;
  throw new InvalidArgumentError(`expected a whole number from 1 to 100000; got ${text}`);
}
