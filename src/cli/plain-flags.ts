/**
 * The flags of a command line that needs no parser: flags that are known, each with its value, and none twice unless it
 * is a list. A parser with help and suggestions takes as long to load as everything else before the first answer.
 */
import { camelCase, type Flags } from '../option-sources.ts';
import { flagOf, optionNames, optionOf } from '../options.ts';

interface Known {
  readonly takesValue: boolean;
  readonly isList: boolean;
}

const KNOWN = new Map<string, Known>([['--config', { takesValue: true, isList: false }]]);
for (const name of optionNames) {
  const flag = flagOf(name);
  if (flag === null) continue;
  const { flag: text, default: otherwise } = optionOf(name);
  KNOWN.set(flag, { takesValue: text !== flag, isList: Array.isArray(otherwise) });
}

/** The flags as the parser would give them; null for whatever the parser must look at. */
export function plainFlags(args: readonly string[]): Flags | null {
  const flags: Record<string, string | true | string[]> = {};
  for (let at = 0; at < args.length; at++) {
    const flag = args[at] as string;
    const known = KNOWN.get(flag);
    if (known === undefined) return null;
    const key = camelCase(flag);
    if (!known.takesValue) {
      flags[key] = true;
      continue;
    }
    const value = args[++at];
    if (value === undefined || value.startsWith('-')) return null;
    const before = flags[key];
    if (known.isList) flags[key] = Array.isArray(before) ? [...before, value] : [value];
    else if (before === undefined) flags[key] = value;
    else return null;
  }
  return flags;
}
