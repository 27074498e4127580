/** The command line as a whole: help, suggestions, and whatever is not said in the plainest way. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { ServiceOptions } from '../config.ts';
import type { Flags } from '../option-sources.ts';
import { OPTIONS, type OptionName, optionNames, optionOf } from '../options.ts';
import { version } from '../version.ts';

const USAGE = 2;

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
      await serve(optionsOf({ ...flags }));
    });
  withServiceOptions(program.command('demo'))
    .description('serve a made-up store that goes on growing')
    .option('--sessions <n>', 'sessions of each of the 9 agents', wholeNumber, 20)
    .action(async ({ sessions, ...flags }: { sessions: number; logLevel?: string }) => {
      const { demo } = await import('./demo.ts');
      await demo(optionsOf({ logLevel: 'warn', refreshInterval: '1s', ...flags }), sessions);
    });
  return program;
}

/** Flags carry no defaults here: what was not given must stay open for the environment and the config file. */
function withServiceOptions(command: Command): Command {
  command.exitOverride().option('--config <file>', 'the config file to read');
  for (const name of optionNames) {
    const { flag, meaning } = OPTIONS[name];
    if (flag === null) continue;
    const text = `${meaning} (${defaultOf(name)})`;
    if (isList(name)) command.option(flag, text, collect);
    else if (flag.includes('<')) command.option(flag, text, once);
    else command.option(flag, text);
  }
  return command;
}

function isList(name: OptionName): boolean {
  return Array.isArray(OPTIONS[name].default);
}

/** What counts where nothing is said, as the help shows it. */
function defaultOf(name: OptionName): string {
  const option = optionOf(name);
  if (option.default === null) return `default: ${option.otherwise}`;
  const text = String(option.default);
  return text === '' ? 'default: none' : `default: ${text}`;
}

/** The last of several values would win in silence. */
function once(value: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError(`expected one value; got ${before} and ${value}`);
  return value;
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 100_000) return number;
  throw new InvalidArgumentError(`expected a whole number from 1 to 100000; got ${text}`);
}
