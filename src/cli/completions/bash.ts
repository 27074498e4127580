/** Completions for bash, from 3.2 on, which is what macOS brings. */
import { allCommands, type Outline, type OutlineFlag, type OutlineValue } from '../outline.ts';

/** A script to be sourced. */
export function bashCompletions(program: Outline): string {
  const commands = allCommands(program);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# Completions of ${program.name} for bash: source this file, or eval "$(${program.name} completions bash)".

_${program.name}_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_${program.name}_paths() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$current"))
}

_${program.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' next at
  COMPREPLY=()
  # --flag=value comes as three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    next="\${command:+$command }\${COMP_WORDS[at]}"
    case "$next" in
      ${paths.join(' | ')}) command=$next ;;
    esac
  done
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _${program.name} ${program.name}
`;

  function commandCase({ path, flags, commands, arguments: [argument] }: Outline): string {
    const names = flags.flatMap(({ short, long }) => (short === null ? [long] : [short, long]));
    const values = flags.filter(({ value }) => value !== null).map(valueCase);
    const offered = commands.length > 0 ? offerWords(commands.map(({ name }) => name)) : offer(argument ?? null);
    return [
      `    '${path}')`,
      ...(values.length > 0 ? ['      case "$previous" in', ...values, '      esac'] : []),
      '      if [[ $current == -* ]]; then',
      `        ${offerWords(names)}`,
      ...(offered === null ? [] : ['      else', `        ${offered}`]),
      '      fi',
      '      ;;',
    ].join('\n');
  }

  function valueCase({ short, long, value }: OutlineFlag): string {
    const offered = offer(value);
    return `        ${short === null ? long : `${short} | ${long}`}) ${offered === null ? '' : `${offered}; `}return ;;`;
  }

  /** Null where there is nothing to offer. */
  function offer(value: OutlineValue | null): string | null {
    if (value?.kind === 'file') return `_${program.name}_paths -f`;
    if (value?.kind === 'directory') return `_${program.name}_paths -d`;
    return value?.kind === 'words' ? offerWords(value.words) : null;
  }

  function offerWords(words: readonly string[]): string {
    return `_${program.name}_words '${words.join(' ')}'`;
  }
}
