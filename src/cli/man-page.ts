/** The man page, in the macros of man(7), written from the program as it is. */
import { variableOf } from '../options.ts';
import { allCommands, type Outline, type OutlineFlag, type OutlineValue } from './outline.ts';

/** @param version of the package, for the foot of the page */
export function manPage(program: Outline, version: string): string {
  const commands = allCommands(program).filter(({ path, name }) => path !== '' && name !== 'help');
  const ends = commands.filter((command) => command.commands.length === 0);
  const shared = sharedFlags(program, ends);
  const own = ({ flags }: Outline) => flags.filter(({ long }) => !shared.has(long));
  return `${[
    `.TH ${text(program.name.toUpperCase())} 1 "" "${program.name} ${text(version)}"`,
    '.SH NAME',
    `${program.name} \\- ${text(program.description)}`,
    '.SH SYNOPSIS',
    ...ends.flatMap(synopsis),
    '.SH DESCRIPTION',
    'Adds up what the agents of OpenClaw used and what it cost, from the transcripts on this machine, and serves it over HTTP.',
    'Transcripts are only read.',
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      '.TP',
      `.B ${text(command.path)}`,
      sentence(command.description),
      ...described([...command.arguments.map(argumentItem), ...own(command).map((flag) => flagItem(flag))]),
    ]),
    '.SH OPTIONS',
    'A flag counts before its variable, a variable before the config file.',
    ...[...shared.values()].flatMap((flag) => ['.TP', ...flagItem(flag)]),
    '.SH FILES',
    '.TP',
    '.I $XDG_CONFIG_HOME/clawgauge/config.json',
    'The config file, JSON5, with prices and other options that have no flag. ~/.config where the variable is not set.',
    '.TP',
    '.I $XDG_STATE_HOME/clawgauge/',
    'What cannot be computed again. ~/.local/state where the variable is not set.',
    '.TP',
    '.I $XDG_CACHE_HOME/clawgauge/',
    'What can be deleted at any time. ~/.cache where the variable is not set.',
    '.SH EXIT STATUS',
    '0 when all is done, 1 when something failed, 2 for wrong usage.',
  ].join('\n')}\n`;

  function synopsis(command: Outline): string[] {
    const flags = command.flags.map(
      ({ long, value }) => `[\\fB${text(long)}\\fR${value === null ? '' : ` ${variable(value)}`}]`,
    );
    return ['.HP', `.B ${program.name} ${text(command.path)}`, ...command.arguments.map(variable), ...flags];
  }
}

/** The program's own flags, and those that mean the same in several commands, by name: they are described once. */
function sharedFlags(program: Outline, commands: readonly Outline[]): ReadonlyMap<string, OutlineFlag> {
  const all = commands.flatMap(({ flags }) => flags);
  const often = all.filter(({ long, meaning }) => {
    const alike = all.filter((flag) => flag.long === long);
    return alike.length > 1 && alike.every((flag) => flag.meaning === meaning);
  });
  return new Map([...program.flags, ...often].map((flag) => [flag.long, flag]));
}

/** Items indented below what they belong to. */
function described(items: readonly (readonly string[])[]): string[] {
  if (items.length === 0) return [];
  return ['.RS', ...items.flatMap((item) => ['.TP', ...item]), '.RE'];
}

function argumentItem(value: OutlineValue): string[] {
  const words = value.words.length > 0 ? ` (${value.words.join(', ')})` : '';
  return [variable(value), sentence(`${value.meaning}${words}`)];
}

function flagItem({ short, long, meaning, value, option }: OutlineFlag): string[] {
  const names = [short, long].filter((name) => name !== null).map((name) => `\\fB${text(name)}\\fR`);
  const environment = option === null ? null : variableOf(option);
  return [
    `${names.join(', ')}${value === null ? '' : ` ${variable(value)}`}`,
    sentence(meaning),
    ...(environment === null ? [] : ['.br', `Variable: \\fB${environment}\\fR`]),
  ];
}

function variable({ name, required }: OutlineValue): string {
  const shown = `\\fI${text(name)}\\fR`;
  return required ? shown : `[${shown}]`;
}

function sentence(words: string): string {
  const started = words.charAt(0).toUpperCase() + words.slice(1);
  return text(/[.)]$/.test(started) ? started : `${started}.`);
}

/** No character is taken for a macro or an escape. */
function text(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}
