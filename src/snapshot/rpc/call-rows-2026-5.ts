/** Which rows the gateway of 2026.5 lists (format.md 2.10 and 2.11). */
import { exactMtimeOf } from '../../compute/file-stamp.ts';
import type { SessionEntry } from '../../compute/transcript.ts';
import type { TranscriptRow } from '../catalog.ts';
import type { AgentTranscripts, CallRow } from './call-rows.ts';
import type { SessionsCall } from './rpc-query.ts';
import { keyOfAgent } from './session-key.ts';

/** All rows of an agent; in no order. */
export function earlierRows(transcripts: AgentTranscripts, { window, groupBy }: SessionsCall): CallRow[] {
  return transcripts.discover(window.startMs).flatMap((lead): CallRow[] => {
    const entry = transcripts.entry(lead.sessionId);
    if (entry?.sessionId === lead.sessionId) return [entryRow(transcripts, entry, lead, groupBy)];
    // An earlier session of a family stands in the row of its family only.
    return groupBy === 'family' && entry !== null ? [] : [orphanRow(transcripts.agent, lead)];
  });
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
