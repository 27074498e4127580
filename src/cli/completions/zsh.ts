/** Completions for zsh, by its own _arguments. */
import { allCommands, type Outline, type OutlineFlag, type OutlineValue } from '../outline.ts';

/** A script to be sourced, or to be found as `_clawgauge` in $fpath. */
export function zshCompletions(program: Outline): string {
  const name = `_${program.name}`;
  return `#compdef ${program.name}
# Completions of ${program.name} for zsh: a file _${program.name} in $fpath, or eval "$(${program.name} completions zsh)" behind compinit.

${allCommands(program).map(functionOf).join('\n\n')}

# As a file in $fpath this is the body of the function itself.
if [[ $funcstack[1] == ${name} ]]; then
  ${name} "$@"
else
  compdef ${name} ${program.name}
fi
`;

  function functionOf(command: Outline): string {
    const specs = command.flags.map(flagSpec);
    if (command.commands.length === 0) {
      const all = [...specs, ...command.arguments.map((value, at) => quoted(argumentSpec(value, at)))];
      return `${functionName(command)}() {\n  _arguments ${all.join(' \\\n    ')}\n}`;
    }
    const described = command.commands.map(({ name, description }) => quoted(`${escaped(name)}:${description}`));
    const cases = command.commands.map((child) => `    ${child.name}) ${functionName(child)} ;;`);
    return `${functionName(command)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')} && return
  if [[ $state == command ]]; then
    local -a commands=(
      ${described.join('\n      ')}
    )
    _describe -t commands command commands
    return
  fi
  case $line[1] in
${cases.join('\n')}
  esac
}`;
  }

  function functionName({ path }: Outline): string {
    return path === '' ? name : `${name}_${path.replaceAll(/[ -]/g, '_')}`;
  }
}

function flagSpec({ short, long, meaning, value, repeatable }: OutlineFlag): string {
  const text = `[${meaning.replaceAll(/[\\[\]]/g, '\\$&')}]${value === null ? '' : `:${value.name}:${action(value)}`}`;
  const names = short === null ? [long] : [short, long];
  const flags = names.map((flag) => (value !== null && flag.startsWith('--') ? `${flag}=` : flag));
  if (repeatable) return flags.map((flag) => quoted(`*${flag}${text}`)).join(' ');
  return flags.map((flag) => quoted(`(${names.join(' ')})${flag}${text}`)).join(' ');
}

function argumentSpec(value: OutlineValue, at: number): string {
  return `${at + 1}:${value.required ? '' : ':'}${escaped(value.name)}:${action(value)}`;
}

function action({ kind, words }: OutlineValue): string {
  return { file: '_files', directory: '_files -/', words: `(${words.join(' ')})`, other: ' ' }[kind];
}

function escaped(text: string): string {
  return text.replaceAll(/[\\:]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
