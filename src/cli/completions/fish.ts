/** Completions for fish, one line for each thing that it can offer. */
import { allCommands, type Outline, type OutlineFlag, type OutlineValue } from '../outline.ts';

/** A script to be sourced, or to lie in ~/.config/fish/completions. */
export function fishCompletions(program: Outline): string {
  const commands = allCommands(program);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const at = `__${program.name}_at`;
  return `# Completions of ${program.name} for fish: ~/.config/fish/completions/${program.name}.fish

# Whether the words so far lead to a command.
function ${at}
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$path $word")
        if contains -- $next ${paths.join(' ')}
            set path $next
        end
    end
    test "$path" = "$argv"
end

complete -c ${program.name} -f
${commands.flatMap(linesOf).join('\n')}
`;

  function linesOf({ path, flags, commands, arguments: [argument] }: Outline): string[] {
    const when = `complete -c ${program.name} -n ${quoted(path === '' ? at : `${at} ${path}`)}`;
    const named = commands.map(({ name, description }) => `${when} -a ${name} -d ${quoted(description)}`);
    const offered = argument === undefined ? '' : offer(argument);
    return [
      ...named,
      ...(offered === '' ? [] : [`${when} ${offered}`]),
      ...flags.map((flag) => `${when} ${flagArguments(flag)}`),
    ];
  }
}

function flagArguments({ short, long, meaning, value }: OutlineFlag): string {
  const names = `${short === null ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const takes = value === null ? '' : ` -x ${offer(value)}`.trimEnd();
  return `${names}${value?.kind === 'file' ? ' -r -F' : takes} -d ${quoted(meaning)}`;
}

function offer({ kind, words }: OutlineValue): string {
  return {
    file: '-F',
    directory: "-a '(__fish_complete_directories)'",
    words: `-a ${quoted(words.join(' '))}`,
    other: '',
  }[kind];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
