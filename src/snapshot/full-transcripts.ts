/** Transcripts with so many quarter hours and models that what comes to them counts by day (MAX_CELLS), for /v1/status. */
import type { TranscriptRow } from './transcript-row.ts';

export interface FullTranscripts {
  readonly count: number;
  /** At most MAX_NAMED of them. */
  readonly first: readonly { readonly agent: string; readonly name: string }[];
}

const MAX_NAMED = 10;

export function fullTranscripts(rows: ReadonlySet<TranscriptRow>): FullTranscripts {
  const first = [...rows].slice(0, MAX_NAMED).map(({ agent, name }) => ({ agent, name }));
  return { count: rows.size, first };
}
