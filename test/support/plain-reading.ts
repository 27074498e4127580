/** Reads generated stores the plain way: whole files, split, JSON.parse. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTranscriptName } from '../../src/compute/transcript-name.ts';

export interface PlainRecord {
  readonly type?: string;
  readonly id?: string;
  readonly parentId?: string | null;
  readonly timestamp?: string;
  readonly usage?: Record<string, unknown>;
  readonly message?: PlainMessage;
}

export interface PlainMessage {
  readonly role: string;
  readonly content: unknown;
  readonly timestamp?: number;
  readonly usage?: Record<string, unknown>;
  readonly provider?: string;
  readonly model?: string;
  readonly stopReason?: string;
  readonly durationMs?: unknown;
  readonly isError?: boolean;
}

export interface PlainTranscript {
  readonly agent: string;
  readonly name: string;
  readonly sessionId: string;
  readonly class: string;
  readonly path: string;
  readonly text: string;
  /** Lines that hold more than white space. */
  readonly lines: readonly string[];
  /** Those of them that are JSON objects. */
  readonly records: readonly PlainRecord[];
}

/** The counted transcripts of all agents. */
export function readTranscripts(directory: string): PlainTranscript[] {
  return readdirSync(join(directory, 'agents')).flatMap((agent) =>
    sessionFiles(directory, agent).flatMap((name) => {
      const parsed = parseTranscriptName(name);
      if (parsed === null) return [];
      const path = join(directory, 'agents', agent, 'sessions', name);
      const text = readFileSync(path, 'utf8');
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      return [{ agent, name, ...parsed, path, text, lines, records: lines.flatMap(recordOf) }];
    }),
  );
}

/** Every file name of an agent's sessions directory. */
export function sessionFiles(directory: string, agent: string): string[] {
  return readdirSync(join(directory, 'agents', agent, 'sessions'));
}

/** User and assistant messages: what usage counts. */
export function countedRecords(transcripts: readonly PlainTranscript[]): (PlainRecord & { message: PlainMessage })[] {
  return transcripts
    .flatMap((transcript) => transcript.records)
    .filter((record): record is PlainRecord & { message: PlainMessage } =>
      ['user', 'assistant'].includes(record.message?.role ?? ''),
    );
}

function recordOf(line: string): PlainRecord[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return [];
  }
}
