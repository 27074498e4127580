/**
 * The `$include` directive of openclaw.json: a file, or several that are merged, takes the place of the object that
 * holds the directive; its other members are merged over it. As in 5.22: arrays are concatenated, objects merged,
 * anything else replaced; only files inside the configuration's directory, at most ten deep.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { MIB } from '../units.ts';
import type { RememberedFiles } from './remembered-files.ts';

const MAX_DEPTH = 10;
const MAX_INCLUDES = 256;
const MAX_INCLUDE = 2 * MIB;

/**
 * Resolves every `$include` of a parsed configuration. An include that cannot be resolved is left out.
 * @param report called for each of those, with the path as written and the reason; once for all beyond the limit
 */
export function resolveIncludes(
  config: unknown,
  configPath: string,
  parse: (text: string) => unknown,
  files: RememberedFiles,
  report: (include: string, reason: string) => void,
): unknown {
  const root = path.dirname(path.resolve(configPath));
  let includes = 0;

  function resolve(value: unknown, chain: readonly string[]): unknown {
    if (Array.isArray(value)) return value.map((element) => resolve(element, chain));
    if (!isObject(value)) return value;
    const rest: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (key !== '$include') define(rest, key, resolve(member, chain));
    }
    if (!Object.hasOwn(value, '$include')) return rest;
    const names = Array.isArray(value.$include) ? (value.$include as readonly unknown[]) : [value.$include];
    const contents = names.map((name) => load(name, chain)).filter((content) => content !== undefined);
    if (Object.keys(rest).length > 0) contents.push(rest);
    return contents.reduce<unknown>(merge, {});
  }

  /** The resolved content of an included file; undefined when it was reported instead. */
  function load(name: unknown, chain: readonly string[]): unknown {
    includes++;
    if (includes > MAX_INCLUDES) {
      if (includes === MAX_INCLUDES + 1) report(String(name), `expected at most ${MAX_INCLUDES} in all`);
      return undefined;
    }
    if (typeof name !== 'string') {
      report(String(JSON.stringify(name)), 'expected the path of a file');
      return undefined;
    }
    const file = path.resolve(path.dirname(chain.at(-1) as string), name);
    const refusal = refuse(file, chain);
    if (refusal !== null) {
      files.note(file);
      report(name, refusal);
      return undefined;
    }
    const content = files.read(file, MAX_INCLUDE);
    if (content.kind !== 'text') {
      report(name, content.kind === 'missing' ? 'no such file' : content.reason);
      return undefined;
    }
    let parsed: unknown;
    try {
      parsed = parse(content.text);
    } catch {
      report(name, 'expected JSON5');
      return undefined;
    }
    return resolve(parsed, [...chain, file]);
  }

  function refuse(file: string, chain: readonly string[]): string | null {
    if (chain.includes(file)) return 'it includes itself';
    if (chain.length > MAX_DEPTH) return `expected at most ${MAX_DEPTH} levels`;
    return escapes(file, root) ? 'expected a file inside the directory of the configuration' : null;
  }

  return resolve(config, [path.resolve(configPath)]);
}

function merge(target: unknown, source: unknown): unknown {
  if (Array.isArray(target) && Array.isArray(source)) return [...target, ...source];
  if (!isObject(target) || !isObject(source)) return source;
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(source)) {
    define(merged, key, Object.hasOwn(merged, key) ? merge(merged[key], value) : value);
  }
  return merged;
}

/** Sets a member whatever its name is; an assignment to `__proto__` would not. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** True of a file outside of the directory, by its path or behind its symbolic links. */
function escapes(file: string, directory: string): boolean {
  if (!isInside(file, directory)) return true;
  try {
    return !isInside(realpathSync(file), realpathSync(directory));
  } catch {
    return false; // reading the file tells what is wrong with it
  }
}

function isInside(file: string, directory: string): boolean {
  const relative = path.relative(directory, file);
  return relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
