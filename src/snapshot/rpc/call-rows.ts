/** The rows of `sessions.usage` before anything is added up: which session each is, and which transcripts it counts. */
import type { SessionEntry } from '../../compute/transcript.ts';
import type { Milliseconds } from '../../units.ts';
import type { TranscriptRow } from '../catalog.ts';
import type { StoreRows } from '../store-rows.ts';
import { entryOf } from './model-sum.ts';
import { keyOfAgent, parseSessionKey } from './session-key.ts';

export interface CallRow {
  readonly agent: string;
  /** In the open, also where keys are hidden in answers. */
  readonly key: string;
  readonly sessionId: string;
  /** What the session index says of it; null where it says nothing. */
  readonly entry: SessionEntry | null;
  /** The entry that tells who made it: of its family, where it has none of its own. */
  readonly creator: SessionEntry | null;
  readonly updatedAt: Milliseconds;
  /** The transcript that the row is named after. */
  readonly lead: TranscriptRow;
  /** Those that it counts, of several sessions where it stands for a family. */
  readonly transcripts: readonly TranscriptRow[];
  /** The sessions of a family, its current one first; null where the row is one session. */
  readonly family: readonly string[] | null;
}

/** The transcripts of one agent that there are, by session id. */
export class AgentTranscripts {
  readonly agent: string;
  readonly #store: StoreRows | undefined;
  readonly #bySession = new Map<string, TranscriptRow[]>();

  constructor(agent: string, store: StoreRows | undefined) {
    this.agent = agent;
    this.#store = store;
    for (const row of store?.rows() ?? []) entryOf(this.#bySession, row.sessionId, () => []).push(row);
  }

  /** Of each session with a transcript written since a moment: the one that stands for it, the latest first. */
  discover(since: Milliseconds): TranscriptRow[] {
    const found: Dated[] = [];
    for (const rows of this.#bySession.values()) {
      let best: Dated | null = null;
      for (const row of rows) {
        const { mtimeMs } = row;
        if (mtimeMs >= since && (best === null || isBetter(row, mtimeMs, best))) best = { row, mtimeMs };
      }
      if (best !== null) found.push(best);
    }
    return found.sort((a, b) => b.mtimeMs - a.mtimeMs).map(({ row }) => row);
  }

  /** The file that a session is in now, or else the archive that was made last. */
  current(sessionId: string): TranscriptRow | undefined {
    const rows = this.#bySession.get(sessionId) ?? [];
    const archives = rows.filter(isArchive);
    return (
      rows.find((row) => !isArchive(row)) ??
      archives.sort((a, b) =>
        archivedAt(a) < archivedAt(b) || (archivedAt(a) === archivedAt(b) && a.name < b.name) ? 1 : -1,
      )[0]
    );
  }

  named(fileName: string): TranscriptRow | undefined {
    for (const rows of this.#bySession.values()) {
      const row = rows.find((candidate) => candidate.fileName === fileName);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  /** The entry whose session it is or, failing that, in whose family it stands; null for one of another agent's sessions. */
  entry(sessionId: string): SessionEntry | null {
    const entry = this.#store?.sessions.find(sessionId) ?? null;
    const owner = entry === null ? undefined : parseSessionKey(entry.key)?.agent;
    return owner === undefined || owner === this.agent ? entry : null;
  }

  /** The entry of this key. */
  entryOfKey(isKey: (key: string) => boolean): SessionEntry | null {
    for (const entry of this.#store?.sessions.all() ?? []) {
      if (isKey(keyOfAgent(entry.key, this.agent))) return entry;
    }
    return null;
  }
}

function isArchive(row: TranscriptRow): boolean {
  return row.class === 'reset' || row.class === 'deleted';
}

/** A row works its time out of its stamp each time that it is asked for it. */
interface Dated {
  readonly row: TranscriptRow;
  readonly mtimeMs: Milliseconds;
}

/** Live ones before archives, then the one that was written last. */
function isBetter(row: TranscriptRow, mtimeMs: Milliseconds, other: Dated): boolean {
  if (isArchive(row) !== isArchive(other.row)) return isArchive(other.row);
  return mtimeMs >= other.mtimeMs;
}

/** The time in its name, as text. */
function archivedAt({ fileName }: TranscriptRow): string {
  return /\.(?:reset|deleted)\.(.+)$/.exec(fileName)?.[1] ?? '';
}
