/** What identifies a file's content, or a directory's list of names, without reading it. */
import { type BigIntStats, statSync } from 'node:fs';
import type { Bytes, Milliseconds } from '../units.ts';

/** What a stamp says of its file. */
export interface FileState {
  readonly stamp: string;
  readonly size: Bytes;
  readonly mtimeMs: Milliseconds;
}

/** What tells a file from every other one. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Stamp of a file that is not there. */
export const MISSING = '-';
/** The coarsest times of change that a file system keeps: FAT's. */
const COARSEST: Milliseconds = 2_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** `dev:ino:size:mtimeNs:ctimeNs`. */
export function stampOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

export function fileStateOf(stamp: string): FileState {
  const [, , size, mtimeNs] = stamp.split(':', 4);
  return { stamp, size: Number(size), mtimeMs: Math.floor(Number(mtimeNs) / NANOSECONDS_PER_MS) };
}

/** The time of change in a stamp as Node's stat gives it, with its fraction: what the gateway shows. */
export function exactMtimeOf(stamp: string): Milliseconds {
  const nanoseconds = stamp.split(':', 4)[3] ?? '';
  // As one number, it would lose its last digits.
  return Number(nanoseconds.slice(0, -9)) * 1000 + Number(nanoseconds.slice(-9)) / NANOSECONDS_PER_MS;
}

/** The stamp of what is at a path now. Throws the file system's error, but for a missing file. */
export function stampAt(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? MISSING : stampOf(stats);
}

/**
 * Whether any later change gives another stamp. One that follows within the same tick of the file system's clock does
 * not, so a stamp that is so young must not be relied on. The clock is that of the machine: it set the time of change.
 */
export function isSettled({ ctimeMs }: Pick<BigIntStats, 'ctimeMs'>, now = Date.now()): boolean {
  return now - Number(ctimeMs) >= COARSEST;
}
