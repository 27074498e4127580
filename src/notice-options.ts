/** Where notices go, as the config file gives it. */
import { isAbsolute } from 'node:path';
import { type Kind, Mismatch } from './option-kinds.ts';

export type NoticeTarget = Webhook | Command;

export interface Webhook {
  readonly kind: 'webhook';
  readonly url: string;
  /** What notices are signed with, `whsec_` and base64; null: they are not. */
  readonly secret: string | null;
}

export interface Command {
  readonly kind: 'command';
  /** An absolute path, and arguments. */
  readonly command: readonly [string, ...string[]];
}

const MAX_TARGETS = 8;
const EXPECTED = 'either { url, secret } or { command: [path, ...arguments] }';
const SECRET = 'whsec_ and 24 to 64 bytes as base64';

export const notices: Kind<readonly NoticeTarget[]> = (input) => {
  if (!Array.isArray(input) || input.length > MAX_TARGETS)
    throw new Mismatch(`a list of at most ${MAX_TARGETS}`, input);
  return input.map((value, at) => target(value, `[${at}]`));
};

function target(input: unknown, at: string): NoticeTarget {
  if (typeof input !== 'object' || input === null) throw new Mismatch(EXPECTED, input, at);
  const { url, secret = null, command, ...others } = input as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Mismatch(EXPECTED, input, `${at}.${unknown}`);
  if ((url === undefined) === (command === undefined)) {
    throw new Mismatch(EXPECTED, input, at);
  }
  if (url !== undefined)
    return { kind: 'webhook', url: address(url, `${at}.url`), secret: key(secret, `${at}.secret`) };
  if (secret !== null) throw new Mismatch(EXPECTED, input, at);
  return { kind: 'command', command: program(command, `${at}.command`) };
}

function address(input: unknown, at: string): string {
  const url = typeof input === 'string' && URL.canParse(input) ? new URL(input) : null;
  const known = url !== null && ['http:', 'https:'].includes(url.protocol);
  if (!known || url.username !== '' || url.password !== '') {
    throw new Mismatch('an address that begins with http:// or https://, without a user', input, at);
  }
  return url.href;
}

function key(input: unknown, at: string): string | null {
  if (input === null) return null;
  const [, encoded] = typeof input === 'string' ? (/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(input) ?? []) : [];
  const { length } = Buffer.from(encoded ?? '', 'base64');
  if (length < 24 || length > 64) throw new Mismatch(SECRET, input, at);
  return input as string;
}

function program(input: unknown, at: string): [string, ...string[]] {
  const words: unknown[] = Array.isArray(input) ? input : [];
  const fits = words.length > 0 && words.length <= 64 && words.every(isWord) && isAbsolute(words[0] as string);
  if (!fits) throw new Mismatch('a list of the absolute path of a program and its arguments', input, at);
  return words as [string, ...string[]];
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 4096 && !value.includes('\0');
}
