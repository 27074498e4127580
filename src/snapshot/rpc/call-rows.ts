/** The rows of `sessions.usage` before anything is added up: which session each is, and which transcripts it counts. */
import type { SessionEntry } from '../../compute/transcript.ts';
import { parseTranscriptName } from '../../compute/transcript-name.ts';
import type { Milliseconds } from '../../units.ts';
import type { Catalog, TranscriptRow } from '../catalog.ts';
import type { Instances } from '../instances.ts';
import type { StoreRows } from '../store-rows.ts';
import { type BuildSteps, PAUSE } from './call-build.ts';
import { latestFirst } from './latest-first.ts';
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

/**
 * Takes a row of a listing. There can be a hundred thousand, which are too large to be kept: `again` makes the row anew
 * of the transcript by which it was found.
 */
export type TakeRow = (row: CallRow, found: TranscriptRow, again: MakeRow) => void;
export type MakeRow = (found: TranscriptRow) => CallRow;

/** The transcripts of one agent that there are. */
export class AgentTranscripts {
  readonly agent: string;
  readonly #store: StoreRows | undefined;
  readonly #instances: Pick<Instances, 'of'>;

  constructor(agent: string, { rows, instances }: Pick<Catalog, 'rows' | 'instances'>) {
    this.agent = agent;
    this.#store = rows.stores.get(agent);
    this.#instances = instances;
  }

  /** Of each session with a transcript written since a moment: the one that stands for it, the latest first. */
  *discover(since: Milliseconds): BuildSteps<TranscriptRow[]> {
    const rows: TranscriptRow[] = [];
    const times: Milliseconds[] = [];
    for (const row of this.#store?.rows() ?? []) {
      const found = this.#best(row.sessionId, since);
      yield PAUSE;
      if (found?.row !== row) continue;
      rows.push(row);
      times.push(found.mtimeMs);
    }
    return Array.from(yield* latestFirst(times), (at) => rows[at] as TranscriptRow);
  }

  /** The transcript that stands for a session; undefined where none was written since the moment. */
  discovered(sessionId: string, since: Milliseconds): TranscriptRow | undefined {
    return this.#best(sessionId, since)?.row;
  }

  /** The file that a session is in now, or else the archive that was made last. */
  current(sessionId: string): TranscriptRow | undefined {
    const rows = this.#of(sessionId);
    const archives = rows.filter(isArchive);
    return (
      rows.find((row) => !isArchive(row)) ??
      archives.sort((a, b) =>
        archivedAt(a) < archivedAt(b) || (archivedAt(a) === archivedAt(b) && a.name < b.name) ? 1 : -1,
      )[0]
    );
  }

  named(fileName: string): TranscriptRow | undefined {
    const sessionId = parseTranscriptName(fileName)?.sessionId;
    return sessionId === undefined ? undefined : this.#of(sessionId).find((row) => row.fileName === fileName);
  }

  /** The entry whose session it is or, failing that, in whose family it stands; null for one of another agent's sessions. */
  entry(sessionId: string): SessionEntry | null {
    const entry = this.#store?.sessions.find(sessionId) ?? null;
    const owner = entry === null ? undefined : parseSessionKey(entry.key)?.agent;
    return owner === undefined || owner === this.agent ? entry : null;
  }

  /** The entry of this key. */
  *entryOfKey(isKey: (key: string) => boolean): BuildSteps<SessionEntry | null> {
    for (const entry of this.#store?.sessions.all() ?? []) {
      if (isKey(keyOfAgent(entry.key, this.agent))) return entry;
      yield PAUSE;
    }
    return null;
  }

  #of(sessionId: string): readonly TranscriptRow[] {
    return this.#instances.of(this.agent, sessionId).filter(({ exists }) => exists);
  }

  #best(sessionId: string, since: Milliseconds): Dated | null {
    let best: Dated | null = null;
    for (const row of this.#of(sessionId)) {
      const { mtimeMs } = row;
      if (mtimeMs >= since && (best === null || isBetter(row, mtimeMs, best))) best = { row, mtimeMs };
    }
    return best;
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
