/** Transcripts that are rows of an agent's database, and no files. */
import { isDatabase } from '../compute/agent-database.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** Also of one that is gone: what stands before its name in the store is the database. */
export function isInDatabase({ folder }: Pick<TranscriptRow, 'folder'>): boolean {
  return isDatabase(folder.prefix);
}

/**
 * Whether the second is the first, moved: a session that an import took from its files into the database, or that
 * OpenClaw took out of it into an archive. Its bytes are others than before, so no hash can tell.
 */
export function isCrossing(from: TranscriptRow, to: TranscriptRow): boolean {
  return from.agent === to.agent && from.sessionId === to.sessionId && isInDatabase(from) !== isInDatabase(to);
}
