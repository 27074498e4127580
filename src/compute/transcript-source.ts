/** The seam between the kinds of store and everything behind them: how transcripts are found, and how they are read. */
import type { Bytes } from '../units.ts';
import type { Agent } from './agents.ts';
import type { Era } from './era.ts';
import type { DirectoryListing, StoreListing } from './transcript.ts';

/** What the caller keeps of a store from its last listing. */
export interface KnownStore {
  /** Absolute; what is known of another directory helps nothing. */
  readonly directory: string;
  readonly era: Era;
  readonly indexStamp: string | null;
  readonly directories: readonly KnownDirectory[];
}

export interface KnownDirectory extends Pick<DirectoryListing, 'path' | 'prefix' | 'identity' | 'stamp'> {
  /** Not to be listed now, although it may have changed. */
  readonly leave?: boolean;
}

export interface TranscriptSource {
  /**
   * Lists the directories of a store that changed, and reads its session index if that did. Never throws: what cannot
   * be read is a problem of the listing. A transcript that a list of names lacks is gone, unless there is a
   * `store_unreadable`: then the caller keeps what it had.
   * @param known null when the store was never listed
   */
  list(agent: Agent, known: KnownStore | null): StoreListing;
  /**
   * Opens a transcript by its name in a store.
   * @throws the file system's error
   */
  open(store: Pick<StoreListing, 'directory'>, transcript: { readonly name: string }): TranscriptReader;
}

/** Of a transcript that has to be read to know it. */
export const UNKNOWN_SIZE: Bytes = Number.MAX_SAFE_INTEGER;

/** An open transcript, read by position. */
export interface TranscriptReader {
  /** Size and stamp as they are now; the same file goes on being read when another took its name. */
  state(): { readonly size: Bytes; readonly stamp: string };
  /** Fills buf[start, end) from byte `position` on; gives the bytes read, fewer only at the end of the transcript. */
  read(buf: Buffer, start: number, end: number, position: number): Bytes;
  close(): void;
}
