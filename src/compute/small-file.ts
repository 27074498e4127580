/** Reading of files that are small by their nature, with a cap; what goes wrong is told without the file's path or content. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Bytes } from '../units.ts';

export type SmallFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Opening a pipe that took a file's place must not wait for its writer. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Reads a UTF-8 file of at most `cap` bytes, without the byte order mark that it may start with. Never throws. */
export function readSmallFile(path: string, cap: Bytes): SmallFile {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { kind: 'unreadable', reason: 'expected a regular file' };
    if (stats.size > cap) {
      return { kind: 'unreadable', reason: `expected at most ${cap} bytes, found ${stats.size}` };
    }
    const buffer = Buffer.allocUnsafe(stats.size);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (read === 0) break;
      length += read;
    }
    const text = buffer.toString('utf8', 0, length);
    return { kind: 'text', text: text.startsWith('\uFEFF') ? text.slice(1) : text };
  } catch (error) {
    return isMissing(error) ? { kind: 'missing' } : { kind: 'unreadable', reason: errorCode(error) };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** True of a file system error that says that there is nothing at the path. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

/** What an error says; of one of the file system only its code, since its message tells the absolute path. */
export function detailOf(error: unknown): string {
  return (error as { syscall?: unknown }).syscall === undefined ? messageOf(error) : errorCode(error);
}

/** The code of a file system error, such as EACCES; its message would hold the absolute path. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown error';
}
