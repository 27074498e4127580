/** The seam between the kinds of store and everything behind them: how transcripts are found, and how they are read. */
import type { Bytes } from '../units.ts';
import type { Agent } from './agents.ts';
import type { StoreListing, TranscriptFile } from './transcript.ts';

/** What the caller keeps of a store from its last listing. */
export interface KnownStore {
  readonly indexStamp: string | null;
}

export interface TranscriptSource {
  /**
   * Finds an agent's transcripts and reads its session index if that changed. Never throws: what cannot be read is a
   * problem of the listing. A transcript missing from it is gone, unless a `transcript_unreadable` names it or there
   * is a `store_unreadable`: then the caller keeps what it had.
   * @param known null when the store was never listed
   */
  list(agent: Agent, known: KnownStore | null): StoreListing;
  /**
   * Opens a listed transcript.
   * @throws the file system's error
   */
  open(store: Pick<StoreListing, 'directory'>, transcript: Pick<TranscriptFile, 'name'>): TranscriptReader;
}

/** An open transcript, read by position. */
export interface TranscriptReader {
  /** Size and stamp as they are now; the same file goes on being read when another took its name. */
  state(): { readonly size: Bytes; readonly stamp: string };
  /** Fills buf[start, end) from byte `position` on; gives the bytes read, fewer only at the end of the transcript. */
  read(buf: Buffer, start: number, end: number, position: number): Bytes;
  close(): void;
}
