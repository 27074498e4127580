/** Reading and replacing a `sessions.json`, whole and at once, as OpenClaw does. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IndexEntry } from './session-entry.ts';

export type SessionIndex = Record<string, IndexEntry>;

export function readIndex(sessionsDirectory: string): SessionIndex {
  return JSON.parse(readFileSync(join(sessionsDirectory, 'sessions.json'), 'utf8')) as SessionIndex;
}

/** A reader finds the old index or the new one, never a part. */
export function changeIndex(sessionsDirectory: string, change: (index: SessionIndex) => void): void {
  const path = join(sessionsDirectory, 'sessions.json');
  const index = readIndex(sessionsDirectory);
  change(index);
  writeFileSync(`${path}.tmp`, JSON.stringify(index, null, 2), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
