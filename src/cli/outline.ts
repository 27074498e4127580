/**
 * What the command line takes, as data: every command with its arguments and flags, found in the program itself.
 * Shell completions and the man page are written from it, so that neither can lack what the program has.
 */
import type { Argument, Command, Option } from 'commander';
import { flagOf, type OptionName, optionNames, optionOf } from '../options.ts';
import { collect } from './repeated.ts';

export interface Outline {
  /** The words that lead to the command, behind the program's name: `ledger backup`; empty for the program. */
  readonly path: string;
  readonly name: string;
  /** One sentence, or a part of one, without a full stop. */
  readonly description: string;
  readonly arguments: readonly OutlineValue[];
  readonly flags: readonly OutlineFlag[];
  readonly commands: readonly Outline[];
}

export interface OutlineFlag {
  /** Such as `-h`; null where there is none. */
  readonly short: string | null;
  /** Such as `--host`. */
  readonly long: string;
  readonly meaning: string;
  /** Null for a switch. */
  readonly value: OutlineValue | null;
  readonly repeatable: boolean;
  /** The option of the service that it sets; null for a flag of the command alone. */
  readonly option: OptionName | null;
}

/** What a flag or an argument takes. */
export interface OutlineValue {
  /** As the help shows it, without brackets: `dir`. */
  readonly name: string;
  readonly meaning: string;
  readonly required: boolean;
  /** `words` are then all that there are. */
  readonly kind: 'words' | 'file' | 'directory' | 'other';
  readonly words: readonly string[];
}

/** The outline of a program, its hidden commands and flags left out. */
export function outlineOf(command: Command, path = ''): Outline {
  const help = command.createHelp();
  const below = (name: string) => (path === '' ? name : `${path} ${name}`);
  return {
    path,
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map(outlineArgument),
    flags: help.visibleOptions(command).map(outlineFlag),
    commands: help.visibleCommands(command).map((child) => outlineOf(child, below(child.name()))),
  };
}

/** A command and all below it, itself first. */
export function allCommands(outline: Outline): Outline[] {
  return [outline, ...outline.commands.flatMap(allCommands)];
}

function outlineArgument(argument: Argument): OutlineValue {
  return outlineValue(argument.name(), argument.description, argument.required, argument.argChoices);
}

function outlineFlag({ flags, short, long, description, required, parseArg, argChoices }: Option): OutlineFlag {
  const option = optionNames.find((name) => flagOf(name) === long) ?? null;
  const row = option === null ? null : optionOf(option);
  const name = /[<[]([\w-]+)/.exec(flags)?.[1];
  return {
    short: short ?? null,
    long: long ?? flags,
    meaning: description,
    value: name === undefined ? null : outlineValue(name, '', required, argChoices ?? row?.kind.words),
    repeatable: parseArg === collect,
    option,
  };
}

function outlineValue(name: string, meaning: string, required: boolean, words: readonly string[] = []): OutlineValue {
  const paths = { dir: 'directory', file: 'file' } as const;
  const path = name === 'dir' || name === 'file' ? paths[name] : 'other';
  return { name, meaning, required, kind: words.length > 0 ? 'words' : path, words };
}
