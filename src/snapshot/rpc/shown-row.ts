/** A row of `sessions.usage` as text. */
import { join } from 'node:path';
import { isDatabase } from '../../compute/agent-database.ts';
import type { EntryDetails } from '../../compute/entry-details.ts';
import type { TranscriptRow } from '../catalog.ts';
import type { Redaction } from '../redaction.ts';
import type { Dialect } from './answer.ts';
import type { CallRow } from './call-rows.ts';
import type { Creator } from './creators.ts';
import { channelOf } from './entry-channel.ts';
import { sessionLabel } from './session-label.ts';
import type { SessionUsage } from './session-usage.ts';

/** What is told of a row besides what the keeper remembers. */
export interface RowDetails {
  readonly entry: EntryDetails;
  /** JSON text; null where there is none. */
  readonly report: Uint8Array | null;
}

export interface ShownRowRules {
  readonly dialect: Dialect;
  readonly contextWeight: boolean;
  /** Hides who the sessions are with; null shows it. */
  readonly redact: Redaction | null;
}

/** Members of an origin that tell nothing about a person. */
const OPEN_ORIGIN = ['provider', 'surface', 'chatType'] as const;

/** @param usage null where none of its transcripts could be read yet */
export function rowText(
  row: CallRow,
  creator: Creator,
  usage: SessionUsage | null,
  details: RowDetails,
  rules: ShownRowRules,
): Buffer {
  const { entry, report } = details;
  const { dialect, contextWeight, redact } = rules;
  const later = dialect === '2026.9';
  const origin = redact === null ? entry.origin : openOrigin(entry.origin);
  const text = JSON.stringify({
    ...named(row, entry, rules),
    updatedAt: row.updatedAt,
    agentId: row.agent,
    creatorKey: later ? creator.key : undefined,
    createdActor: later ? creator.actor : undefined,
    channel: channelOf(row),
    chatType: entry.chatType ?? memberOf(entry.origin, 'chatType'),
    origin,
    modelOverride: entry.modelOverride,
    providerOverride: entry.providerOverride,
    modelProvider: entry.modelProvider,
    model: entry.model,
    usage: usage?.shown({ sessionId: row.sessionId, sessionFile: sessionFile(row.lead) }) ?? null,
    hasContextWeight: later ? entry.hasReport === true : undefined,
    contextWeight: contextWeight && report === null ? null : undefined,
  });
  if (!contextWeight || report === null) return Buffer.from(text);
  return Buffer.concat([Buffer.from(`${text.slice(0, -1)},"contextWeight":`), report, Buffer.from('}')]);
}

/** What a row is called by. */
function named(row: CallRow, details: EntryDetails, { dialect, redact }: ShownRowRules): object {
  const { key, sessionId, family, entry } = row;
  const shown = (name: string) => (redact === null || entry === null ? name : redact(name));
  const label = dialect === '2026.9' ? sessionLabel(row, details) : (entry?.label ?? undefined);
  return {
    key: shown(key),
    label: redact === null ? label : undefined,
    sessionId,
    scope: family === null ? 'instance' : 'family',
    sessionFamilyKey: family === null ? undefined : shown(entry?.familyKey ?? key),
    currentSessionId: family === null ? undefined : sessionId,
    includedSessionIds: family ?? undefined,
    historicalInstanceCount: family?.length,
  };
}

/** What is in a database is named by where it is and by its session. */
function sessionFile({ agent, sessionId, folder, directory, name }: TranscriptRow): string {
  return isDatabase(folder.path) ? `sqlite:${agent}:${sessionId}:${folder.path}` : join(directory, name);
}

function openOrigin(origin: unknown): object | undefined {
  if (typeof origin !== 'object' || origin === null) return undefined;
  return Object.fromEntries(OPEN_ORIGIN.map((name) => [name, memberOf(origin, name)]));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
