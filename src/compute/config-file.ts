/** Reads OpenClaw's configuration files: what is in one, or what is wrong with it, told without quoting it. */
import { messageOf } from '../errors.ts';
import { MIB } from '../units.ts';
import type { SmallFile } from './small-file.ts';

/** The largest configuration file that is read. */
export const MAX_CONFIG = 32 * MIB;

/** The object that a file holds; null when it is missing, undefined when it was reported instead. */
export function parseFile(
  file: SmallFile,
  report: (detail: string) => void,
  parse: (text: string) => unknown,
): unknown {
  if (file.kind === 'missing') return null;
  if (file.kind === 'unreadable') {
    report(file.reason);
    return undefined;
  }
  try {
    const content = parse(file.text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
    report('expected an object');
  } catch (error) {
    report(messageOf(error));
  }
  return undefined;
}

/** JSON.parse whose error does not quote the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position \d+/.exec(messageOf(error))?.[0];
    throw new Error(position === undefined ? 'expected JSON' : `expected JSON, which ends at ${position}`);
  }
}

/** What an object has under a name of its own; undefined of anything else. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
