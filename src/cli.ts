#!/usr/bin/env node
/** The command line: `clawgauge serve` and `clawgauge demo`. Exit codes: 0 done, 1 failed, 2 usage. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { loadOptions, type ServiceOptions } from './config.ts';
import { ClawgaugeError } from './errors.ts';
import { OPTIONS, type OptionName, optionNames, optionOf } from './options.ts';
import { version } from './version.ts';

const FAILED = 1;
const USAGE = 2;

/** Runs the command line; resolves when the command has begun, since both serve until a signal. */
async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('clawgauge')
    .description('Instant usage and cost for OpenClaw under a hard memory cap')
    .version(version)
    .exitOverride();
  withServiceOptions(program.command('serve'))
    .description('serve usage and cost of the OpenClaw state on this machine')
    .action(async (flags: object) => {
      const { serve } = await import('./cli/serve.ts');
      await serve(optionsOf(flags));
    });
  withServiceOptions(program.command('demo'))
    .description('serve a made-up store that goes on growing')
    .option('--sessions <n>', 'sessions of each of the 9 agents', wholeNumber, 20)
    .action(async ({ sessions, ...flags }: { sessions: number; logLevel?: string }) => {
      const { demo } = await import('./cli/demo.ts');
      await demo(optionsOf({ logLevel: 'warn', refreshInterval: '1s', ...flags }), sessions);
    });
  await program.parseAsync(argv);
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

function optionsOf(flags: object): ServiceOptions {
  return loadOptions({
    flags: { ...flags },
    env: process.env,
    homedir: homedir(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}

try {
  await main(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed it; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  } else {
    process.stderr.write(`clawgauge: ${error instanceof ClawgaugeError ? error.message : (error as Error).stack}\n`);
    process.exitCode = error instanceof ClawgaugeError && error.code === 'invalid_option' ? USAGE : FAILED;
  }
}
