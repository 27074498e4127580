/** A row of `sessions.usage` as text. */
import { join } from 'node:path';
import type { EntryDetails } from '../../compute/entry-details.ts';
import type { TranscriptRow } from '../catalog.ts';
import type { Redaction } from '../redaction.ts';
import type { Dialect } from './answer.ts';
import type { CallRow } from './call-rows.ts';
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
  usage: SessionUsage | null,
  { entry, report }: RowDetails,
  { contextWeight, redact }: ShownRowRules,
): Buffer {
  const { key, sessionId, family } = row;
  const shown = (name: string) => (redact === null || row.entry === null ? name : redact(name));
  const text = JSON.stringify({
    key: shown(key),
    label: redact === null ? (row.entry?.label ?? undefined) : undefined,
    sessionId,
    scope: family === null ? 'instance' : 'family',
    ...(family === null
      ? {}
      : {
          sessionFamilyKey: shown(row.entry?.familyKey ?? key),
          currentSessionId: sessionId,
          includedSessionIds: family,
          historicalInstanceCount: family.length,
        }),
    updatedAt: row.updatedAt,
    agentId: row.agent,
    channel: channelOf(row) ?? undefined,
    chatType: entry.chatType ?? memberOf(entry.origin, 'chatType'),
    origin: redact === null ? entry.origin : openOrigin(entry.origin),
    modelOverride: entry.modelOverride,
    providerOverride: entry.providerOverride,
    modelProvider: entry.modelProvider,
    model: entry.model,
    usage: usage?.shown({ sessionId, sessionFile: sessionFile(row.lead) }) ?? null,
    contextWeight: contextWeight && report === null ? null : undefined,
  });
  if (!contextWeight || report === null) return Buffer.from(text);
  return Buffer.concat([Buffer.from(`${text.slice(0, -1)},"contextWeight":`), report, Buffer.from('}')]);
}

/** As the entry has it, in its own case. */
export function channelOf({ entry }: CallRow): string | null {
  return entry?.channel ?? entry?.originProvider ?? null;
}

function sessionFile({ directory, name }: TranscriptRow): string {
  return join(directory, name);
}

function openOrigin(origin: unknown): object | undefined {
  if (typeof origin !== 'object' || origin === null) return undefined;
  return Object.fromEntries(OPEN_ORIGIN.map((name) => [name, memberOf(origin, name)]));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
