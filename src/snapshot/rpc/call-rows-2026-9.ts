/** Which rows the gateway of 2026.9 lists (format.md 3). */
import { exactMtimeOf } from '../../compute/file-stamp.ts';
import type { SessionEntry } from '../../compute/transcript.ts';
import type { TranscriptRow } from '../catalog.ts';
import { type BuildSteps, PAUSE } from './call-build.ts';
import type { AgentTranscripts, CallRow, TakeRow } from './call-rows.ts';
import { orphanRow } from './call-rows-2026-5.ts';
import type { SessionsCall } from './rpc-query.ts';
import { keyOfAgent } from './session-key.ts';

/** Hands out all rows of an agent, in no order. */
export function* laterRows(transcripts: AgentTranscripts, query: SessionsCall, take: TakeRow): BuildSteps<void> {
  const listed = new Set<string>();
  const again = (found: TranscriptRow) => laterRow(transcripts, found, query);
  for (const found of yield* transcripts.discover(query.window.startMs)) {
    yield PAUSE;
    const row = again(found);
    if (query.groupBy === 'family' && row.entry !== null) {
      // A family stands in one row, whichever of its sessions are found.
      if (listed.has(row.entry.key)) continue;
      listed.add(row.entry.key);
    }
    take(row, found, again);
  }
}

/** The row of a session, or of its family. */
function laterRow(transcripts: AgentTranscripts, found: TranscriptRow, query: SessionsCall): CallRow {
  const entry = transcripts.entry(found.sessionId);
  const owns = query.groupBy === 'family' || entry?.sessionId === found.sessionId;
  if (entry === null || !owns) return { ...orphanRow(transcripts.agent, found), creator: entry };
  const { sessionId } = entry;
  const lead = transcripts.discovered(sessionId, query.window.startMs) ?? transcripts.current(sessionId) ?? found;
  return laterEntryRow(transcripts, entry, lead, query);
}

/** The row of an entry; of a family, with those of its sessions that no other entry has a better claim to. */
export function laterEntryRow(
  transcripts: AgentTranscripts,
  entry: SessionEntry,
  lead: TranscriptRow,
  { groupBy, window }: SessionsCall,
): CallRow {
  const { agent } = transcripts;
  const { sessionId } = entry;
  const family =
    groupBy === 'family'
      ? [...new Set([sessionId, ...entry.familySessionIds])].filter(
          (id) => id === sessionId || transcripts.entry(id)?.sessionId === sessionId,
        )
      : null;
  const earlier = (family ?? []).slice(1).flatMap((id) => transcripts.discovered(id, window.startMs) ?? []);
  return {
    agent,
    key: keyOfAgent(entry.key, agent),
    sessionId,
    entry,
    creator: entry,
    updatedAt: entry.updatedAt ?? exactMtimeOf(lead.stamp),
    lead,
    transcripts: [lead, ...earlier.filter((row) => row !== lead)],
    family,
  };
}
