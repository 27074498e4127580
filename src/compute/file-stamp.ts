import type { BigIntStats } from 'node:fs';

/** What identifies a file's content cheaply: `dev:ino:size:mtimeNs:ctimeNs`. */
export function stampOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}
