/**
 * The kinds of value an option can have. A kind takes what a user wrote (the text of a flag or a variable, or a value
 * of the config file), and gives what the service works with, or throws a Mismatch.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { delimiter } from 'node:path';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { ClawgaugeError } from './errors.ts';
import { zoneOf } from './snapshot/zone.ts';
import type { Bytes, Milliseconds } from './units.ts';

export type Kind<Value, Written = Value> = ((input: unknown) => Value) & {
  /** Never there: as what type code writes it, where that is another. */
  readonly written?: Written;
};

/** A kind that takes a few words, which help and completions can offer. */
export interface Choice<Word extends string> extends Kind<Word> {
  readonly words: readonly Word[];
}

/** What was expected in place of `came`; `at` leads from the option to the part that is wrong (`.openai.gpt-5`). */
export class Mismatch extends Error {
  readonly expected: string;
  readonly came: unknown;
  readonly at: string;

  constructor(expected: string, came: unknown, at = '') {
    super(`expected ${expected}`);
    this.expected = expected;
    this.came = came;
    this.at = at;
  }
}

/** Own prices: provider, model, and US dollars per million tokens. */
export type OwnPrices = Readonly<Record<string, Readonly<Record<string, OwnPrice>>>>;

export interface OwnPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Text that `accepts` takes. */
export function text(expected: string, accepts: (text: string) => boolean): Kind<string> {
  return (input) => {
    if (typeof input !== 'string' || !accepts(input)) throw new Mismatch(expected, input);
    return input;
  };
}

/** A whole number, both limits included. */
export function integer(least: number, most: number): Kind<number> {
  return (input) => {
    const number = typeof input === 'string' && /^\d+$/.test(input) ? Number(input) : input;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
      throw new Mismatch(`a whole number from ${least} to ${most}`, input);
    }
    return number;
  };
}

/** A size of at least `least`, given as the user would write it. */
export function byteSize(least: string): Kind<Bytes, string> {
  const limit = parseByteSize(least)!;
  return (input) => {
    const size = typeof input === 'string' ? parseByteSize(input) : null;
    if (size === null || size < limit) {
      throw new Mismatch(`a size of at least ${least}, as a whole number with b, kb, mb or gb`, input);
    }
    return size;
  };
}

/** A duration; the limits are given as the user would write them, and are included. */
export function duration(least: string, most: string): Kind<Milliseconds, string> {
  const shortest = parseDuration(least)!;
  const longest = parseDuration(most)!;
  return (input) => {
    const time = typeof input === 'string' ? parseDuration(input) : null;
    if (time === null || time < shortest || time > longest) {
      throw new Mismatch(`a duration from ${least} to ${most}, as a whole number with ms, s, m, h or d`, input);
    }
    return time;
  };
}

/** How long something is kept: a duration up to `most`, or 0 for not at all. */
export function retention(most: string): Kind<Milliseconds, string | 0> {
  const kept = duration('0ms', most);
  return (input) => {
    if (input === 0 || input === '0') return 0;
    try {
      return kept(input);
    } catch {
      throw new Mismatch(`0, or a duration up to ${most}, as a whole number with ms, s, m, h or d`, input);
    }
  };
}

/** true or false; 1 and 0 in flags and variables. */
export const boolean: Kind<boolean> = (input) => {
  if (input === true || input === 'true' || input === '1') return true;
  if (input === false || input === 'false' || input === '0') return false;
  throw new Mismatch('true or false', input);
};

/** One of a few words. */
export function choice<Word extends string>(...words: readonly Word[]): Choice<Word> {
  const kind: Kind<Word> = (input) => {
    const word = words.find((known) => known === input);
    if (word === undefined) throw new Mismatch(`one of ${words.map((known) => `"${known}"`).join(', ')}`, input);
    return word;
  };
  return Object.assign(kind, { words });
}

/** Several values of one kind without repetition: an array, a text with commas, or both (a repeated flag). */
export function list<Value>(kind: Kind<Value>, most: number): Kind<readonly Value[], Value | readonly Value[]> {
  return (input) => {
    const parts: unknown[] = Array.isArray(input) ? input : [input];
    const items = parts.flatMap((part) =>
      typeof part === 'string' ? part.split(',').map((item) => item.trim()) : [part],
    );
    if (items.length > most) throw new Mismatch(`a list of at most ${most}`, input);
    return [...new Set(items.map(kind))];
  };
}

/**
 * Several texts: an array, or a text with the separator that the system has for paths between them. Commas separate
 * nothing, since paths may hold them.
 */
export function paths(kind: Kind<string>, most: number): Kind<readonly string[], string | readonly string[]> {
  return (input) => {
    const items: unknown[] =
      typeof input === 'string' ? input.split(delimiter) : Array.isArray(input) ? input : [input];
    if (items.length > most) throw new Mismatch(`a list of at most ${most}`, input);
    return [...new Set(items.map(kind))];
  };
}

/** An address to listen on, in lower case. */
export const host: Kind<string> = (input) => {
  const name = typeof input === 'string' ? input.toLowerCase() : '';
  if (!isHostName(name) && isIP(name) === 0) {
    throw new Mismatch('a host name or an IP address, without scheme, port, path or brackets', input);
  }
  return name;
};

/** A host as the Host header names it, in lower case: for one port, or without a port for every one. */
export const allowedHost: Kind<string> = (input) => {
  const authority = typeof input === 'string' ? input.toLowerCase() : '';
  const [, name = '', port = '1'] = /^(\[[0-9a-f:.]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const known = name.startsWith('[') ? isIPv6(name.slice(1, -1)) : isHostName(name) || isIPv4(name);
  if (!known || Number(port) < 1 || Number(port) > 65_535) {
    throw new Mismatch(
      'a host name or an IP address (IPv6 in brackets), with or without a port, no scheme or path',
      input,
    );
  }
  return authority;
};

/** An IP address, or a network as `address/bits`. */
export const network: Kind<string> = (input) => {
  const [address = '', bits, ...more] = typeof input === 'string' ? input.toLowerCase().split('/') : [];
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const size = bits === undefined || /^\d{1,3}$/.test(bits) ? Number(bits ?? 0) : Number.POSITIVE_INFINITY;
  if (size > most || more.length > 0) throw new Mismatch('an IP address, or a network such as 10.0.0.0/8', input);
  return bits === undefined ? address : `${address}/${size}`;
};

function isHostName(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1)!)
  );
}

/** A time zone by the name that the service gives it. */
export const timeZone: Kind<string> = (input) => {
  try {
    if (typeof input === 'string') return zoneOf(input).name;
  } catch (error) {
    if (!(error instanceof ClawgaugeError)) throw error;
  }
  throw new Mismatch('a time zone such as Europe/Paris, UTC or UTC+5:30', input);
};

/** Own prices. A model needs all four, so that none of its usage is left without a price. */
export const prices: Kind<OwnPrices> = (input) =>
  eachMember(input, '', (models, provider) => eachMember(models, provider, ownPrice));

function ownPrice(value: unknown, at: string): OwnPrice {
  const { input, output, cacheRead, cacheWrite, ...others } = eachMember(value, at, dollars);
  const complete = [input, output, cacheRead, cacheWrite].every((amount) => amount !== undefined);
  if (!complete || Object.keys(others).length > 0) {
    throw new Mismatch('input, output, cacheRead and cacheWrite, and nothing else', value, at);
  }
  return { input: input!, output: output!, cacheRead: cacheRead!, cacheWrite: cacheWrite! };
}

function dollars(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new Mismatch('US dollars per million tokens, a number from 0', value, at);
  }
  return value;
}

function eachMember<Value>(
  input: unknown,
  at: string,
  read: (value: unknown, at: string) => Value,
): Record<string, Value> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new Mismatch('an object', input, at);
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, read(value, `${at}.${name}`)]));
}
