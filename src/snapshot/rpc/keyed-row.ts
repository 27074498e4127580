/** The one row of `sessions.usage` for a key. */
import type { EntryDetails } from '../../compute/entry-details.ts';
import type { SessionEntry } from '../../compute/transcript.ts';
import type { KeptState } from '../kept-state.ts';
import type { Redaction } from '../redaction.ts';
import { askDetails } from './ask-details.ts';
import type { BuildSteps } from './call-build.ts';
import { CallRefused } from './call-refused.ts';
import type { AgentTranscripts, CallRow } from './call-rows.ts';
import { entryRow, orphanRow } from './call-rows-2026-5.ts';
import { laterEntryRow } from './call-rows-2026-9.ts';
import type { SessionsCall } from './rpc-query.ts';
import { keyOfAgent, parseSessionKey, SESSION_ID } from './session-key.ts';

/** Null where the session has no transcript. Throws CallRefused for a key that can be no session's. */
export function* keyedRow(
  state: KeptState,
  transcripts: AgentTranscripts,
  query: SessionsCall,
  key: string,
  redact: Redaction | null,
): BuildSteps<CallRow | null> {
  const { groupBy, dialect } = query;
  const { agent } = transcripts;
  const asked = keyOfAgent(key, agent);
  const entry = yield* entryFor(transcripts, asked, redact);
  if (entry !== null) {
    const details = yield* askDetails(state, [{ agent, entry }], false);
    const lead = fileOf(transcripts, entry, details.entry(agent, entry.key));
    if (lead === undefined) return null;
    const isEarlier = dialect === '2026.5';
    return isEarlier ? entryRow(transcripts, entry, lead, groupBy) : laterEntryRow(transcripts, entry, lead, query);
  }
  const sessionId = parseSessionKey(asked)?.rest ?? key;
  if (!SESSION_ID.test(sessionId)) throw new CallRefused(`Invalid session reference: ${key}`);
  const lead = transcripts.current(sessionId);
  return lead === undefined ? null : { ...orphanRow(agent, lead), key: asked };
}

/** The entry of this key or, failing that, of the session that is named in it. */
function* entryFor(
  transcripts: AgentTranscripts,
  asked: string,
  redact: Redaction | null,
): BuildSteps<SessionEntry | null> {
  const entry = yield* transcripts.entryOfKey((key) => key === asked || (redact !== null && redact(key) === asked));
  if (entry !== null) return entry;
  const sessionId = parseSessionKey(asked)?.rest ?? asked;
  const own = transcripts.entry(sessionId);
  return own?.sessionId === sessionId ? own : null;
}

/** The file that an entry names, if it is one of the agent's transcripts; else its session's. */
function fileOf(transcripts: AgentTranscripts, entry: SessionEntry, details: EntryDetails | undefined) {
  const named = details?.sessionFile;
  const fileName = typeof named === 'string' ? named.trim().split(/[\\/]/).at(-1) : undefined;
  const row = fileName === undefined ? undefined : transcripts.named(fileName);
  return row ?? transcripts.current(entry.sessionId);
}
