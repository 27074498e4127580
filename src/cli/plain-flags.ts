/**
 * The flags of a command line that needs no parser: flags that are known, each with its value, and none twice unless it
 * is a list. A parser with help and suggestions takes as long to load as everything else before the first answer.
 */
import { camelCase, type Flags } from '../option-sources.ts';
import { type OptionName, optionNames, optionOf } from '../options.ts';

/** One flag of a command: `--name <argument>`, or a switch. */
export interface CommandFlag {
  readonly flag: string;
  readonly meaning: string;
  /** It can be repeated. */
  readonly list?: boolean;
}

/** The flags of some options of the service, and the one that names the config file. */
export function optionFlags(names: readonly OptionName[] = optionNames): CommandFlag[] {
  const config = { flag: '--config <file>', meaning: 'the config file to read' };
  return [
    config,
    ...names.flatMap((name) => {
      const { flag, default: otherwise, meaning } = optionOf(name);
      return flag === null ? [] : [{ flag, meaning, list: Array.isArray(otherwise) }];
    }),
  ];
}

/** The flags as the parser would give them; null for whatever the parser must look at. */
export function plainFlags(args: readonly string[], known: readonly CommandFlag[] = optionFlags()): Flags | null {
  const flags: Record<string, string | true | string[]> = {};
  for (let at = 0; at < args.length; at++) {
    const name = args[at] as string;
    const found = known.find(({ flag }) => flag.split(' ')[0] === name);
    if (found === undefined) return null;
    const key = camelCase(name);
    if (found.flag === name) {
      flags[key] = true;
      continue;
    }
    const value = args[++at];
    if (value === undefined || value.startsWith('-')) return null;
    const before = flags[key];
    if (found.list) flags[key] = Array.isArray(before) ? [...before, value] : [value];
    else if (before === undefined) flags[key] = value;
    else return null;
  }
  return flags;
}
