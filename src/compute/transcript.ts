/** The words that stores, inventory, scan and cache share about transcripts. */
import type { Milliseconds } from '../units.ts';
import type { Era } from './era.ts';
import type { SessionEntries } from './session-entries.ts';

/** primary `<id>.jsonl`, topic `<id>-topic-<n>.jsonl`, archives `.reset.<time>` and `.deleted.<time>` (format.md 1.2). */
export type TranscriptClass = 'primary' | 'topic' | 'reset' | 'deleted';

/** What a session store's index says of one session; absent is null. */
export interface SessionEntry {
  readonly key: string;
  readonly sessionId: string;
  readonly updatedAt: Milliseconds | null;
  readonly label: string | null;
  /** entry.channel, as written. */
  readonly channel: string | null;
  /** entry.origin.provider, as written. */
  readonly originProvider: string | null;
  /** Who made the session, as 2026.9 keeps it: JSON of the actor and of the account that it came by. */
  readonly creator: string | null;
  readonly familyKey: string | null;
  readonly familySessionIds: readonly string[];
}

/** A thing that went wrong without ending the work; ends up in /v1/status. */
export interface Problem {
  readonly code: import('../errors.ts').ErrorCode;
  readonly agent: string | null;
  /** File or directory name inside the state directory, never an absolute path. */
  readonly subject: string;
  readonly detail: string;
}

/** One directory of a store as the inventory found it, or its database: then the names are those of sessions. */
export interface DirectoryListing {
  /** Absolute. */
  readonly path: string;
  /** Stands before the names of its transcripts inside the store: nothing, where it is the store's first directory. */
  readonly prefix: string;
  /** `dev:ino`; null when it is not there or cannot be looked at. */
  readonly identity: string | null;
  /** Identifies the list of names; null when it has to be listed again next time. */
  readonly stamp: string | null;
  /** Those in it that may be counted transcripts; null when it was not listed, or could not be. */
  readonly names: readonly string[] | null;
}

/** One agent's store as the inventory found it. */
export interface StoreListing {
  readonly agent: string;
  /** Absolute directory of the transcripts: the first of the agent's. */
  readonly directory: string;
  /** By whose rules its transcripts count. */
  readonly era: Era;
  readonly directories: readonly DirectoryListing[];
  /** Stamp of the session index, null when there is none. */
  readonly indexStamp: string | null;
  /** Null when the index is still the one whose stamp the caller knew. */
  readonly sessions: SessionEntries | null;
  readonly problems: readonly Problem[];
}
