/** `clawgauge completions <shell>`: a script that completes the command line, written from the program as it is. */
import { Argument, type Command } from 'commander';
import { bashCompletions } from './completions/bash.ts';
import { fishCompletions } from './completions/fish.ts';
import { zshCompletions } from './completions/zsh.ts';
import { type Outline, outlineOf } from './outline.ts';

const SHELLS: Readonly<Record<string, (program: Outline) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

/** Prints the script of a shell. */
export function addCompletions(program: Command, print: (line: string) => void): void {
  program
    .command('completions')
    .description('print a script that completes commands and flags in a shell')
    .exitOverride()
    .addArgument(new Argument('<shell>', 'whose language it is in').choices(Object.keys(SHELLS)))
    .action((shell: string) => print(SHELLS[shell]!(outlineOf(program)).trimEnd()));
}
