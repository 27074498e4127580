/** Which rows the gateway of 2026.9 lists (format.md 3). */
import { exactMtimeOf } from '../../compute/file-stamp.ts';
import type { SessionEntry } from '../../compute/transcript.ts';
import type { TranscriptRow } from '../catalog.ts';
import type { AgentTranscripts, CallRow } from './call-rows.ts';
import { orphanRow } from './call-rows-2026-5.ts';
import type { SessionsCall } from './rpc-query.ts';
import { keyOfAgent } from './session-key.ts';

/** All rows of an agent; in no order. */
export function laterRows(transcripts: AgentTranscripts, { window, groupBy }: SessionsCall): CallRow[] {
  const discovered = new Map(transcripts.discover(window.startMs).map((row) => [row.sessionId, row]));
  const listed = new Set<string>();
  return [...discovered.values()].flatMap((found): CallRow[] => {
    const entry = transcripts.entry(found.sessionId);
    const owns = groupBy === 'family' || entry?.sessionId === found.sessionId;
    if (entry === null || !owns) return [{ ...orphanRow(transcripts.agent, found), creator: entry }];
    // A family stands in one row, whichever of its sessions are found.
    if (groupBy === 'family' && listed.has(entry.key)) return [];
    listed.add(entry.key);
    const lead = discovered.get(entry.sessionId) ?? transcripts.current(entry.sessionId) ?? found;
    return [laterEntryRow(transcripts, entry, lead, groupBy, discovered)];
  });
}

/** The row of an entry; of a family, with those of its sessions that no other entry has a better claim to. */
export function laterEntryRow(
  transcripts: AgentTranscripts,
  entry: SessionEntry,
  lead: TranscriptRow,
  groupBy: SessionsCall['groupBy'],
  discovered: ReadonlyMap<string, TranscriptRow>,
): CallRow {
  const { agent } = transcripts;
  const { sessionId } = entry;
  const family =
    groupBy === 'family'
      ? [...new Set([sessionId, ...entry.familySessionIds])].filter(
          (id) => id === sessionId || transcripts.entry(id)?.sessionId === sessionId,
        )
      : null;
  const earlier = (family ?? []).slice(1).flatMap((id) => discovered.get(id) ?? []);
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
