/** Where an agent of OpenClaw 2026.8 or later has its database, and what tells one content of it from another. */
import path from 'node:path';
import { MISSING, stampAt } from './file-stamp.ts';

const NAME = 'openclaw-agent.sqlite';

/** Where an agent's database lies, if it has one. @param sessions absolute sessions directory of the agent */
export function databaseOf(sessions: string): string {
  return path.join(path.dirname(sessions), 'agent', NAME);
}

/** Whether a path that transcripts lie under is that of a database. */
export function isDatabase(directory: string): boolean {
  return path.basename(directory) === NAME;
}

/**
 * Another one whenever the content may be another; MISSING when there is no database. Throws the file system's error.
 * The log's time of change is left out: run by root, SQLite sets the log's owner even when it only reads.
 */
export function databaseStamp(file: string): string {
  const stamp = stampAt(file);
  if (stamp === MISSING) return MISSING;
  const log = stampAt(`${file}-wal`);
  return `${stamp}+${log.split(':').slice(0, -1).join(':')}`;
}
