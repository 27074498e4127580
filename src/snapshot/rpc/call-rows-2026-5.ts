/** Which rows the gateway of 2026.5 lists (format.md 2.10 and 2.11). */
import { exactMtimeOf } from '../../compute/file-stamp.ts';
import type { SessionEntry } from '../../compute/transcript.ts';
import type { TranscriptRow } from '../catalog.ts';
import { type BuildSteps, PAUSE } from './call-build.ts';
import type { AgentTranscripts, CallRow, TakeRow } from './call-rows.ts';
import type { SessionsCall } from './rpc-query.ts';
import { keyOfAgent } from './session-key.ts';

/** Hands out all rows of an agent, in no order. */
export function* earlierRows(
  transcripts: AgentTranscripts,
  { window, groupBy }: SessionsCall,
  take: TakeRow,
): BuildSteps<void> {
  const again = (lead: TranscriptRow) => earlierRow(transcripts, lead, groupBy);
  for (const lead of yield* transcripts.discover(window.startMs)) {
    yield PAUSE;
    const entry = transcripts.entry(lead.sessionId);
    const owns = entry?.sessionId === lead.sessionId;
    // An earlier session of a family stands in the row of its family only.
    if (groupBy === 'family' && entry !== null && !owns) continue;
    take(again(lead), lead, again);
  }
}

function earlierRow(transcripts: AgentTranscripts, lead: TranscriptRow, groupBy: SessionsCall['groupBy']): CallRow {
  const entry = transcripts.entry(lead.sessionId);
  const owns = entry?.sessionId === lead.sessionId;
  return owns ? entryRow(transcripts, entry, lead, groupBy) : orphanRow(transcripts.agent, lead);
}

/** The row of a session that has no entry of its own. */
export function orphanRow(agent: string, lead: TranscriptRow): CallRow {
  const { sessionId } = lead;
  const key = `agent:${agent}:${sessionId}`;
  return {
    agent,
    key,
    sessionId,
    entry: null,
    creator: null,
    updatedAt: exactMtimeOf(lead.stamp),
    lead,
    transcripts: [lead],
    family: null,
  };
}

/** The row of an entry whose current session has a transcript. */
export function entryRow(
  transcripts: AgentTranscripts,
  entry: SessionEntry,
  lead: TranscriptRow,
  groupBy: SessionsCall['groupBy'],
): CallRow {
  const { agent } = transcripts;
  const family = groupBy === 'family' ? [...new Set([entry.sessionId, ...entry.familySessionIds])] : null;
  const earlier = (family ?? []).slice(1).flatMap((sessionId) => transcripts.current(sessionId) ?? []);
  return {
    agent,
    key: keyOfAgent(entry.key, agent),
    sessionId: entry.sessionId,
    entry,
    creator: null,
    updatedAt: entry.updatedAt ?? exactMtimeOf(lead.stamp),
    lead,
    transcripts: [lead, ...earlier],
    family,
  };
}
