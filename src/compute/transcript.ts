/** The words that stores, inventory, scan and cache share about transcripts. */
import type { Bytes, Milliseconds } from '../units.ts';

/** primary `<id>.jsonl`, topic `<id>-topic-<n>.jsonl`, archives `.reset.<time>` and `.deleted.<time>` (format.md 1.2). */
export type TranscriptClass = 'primary' | 'topic' | 'reset' | 'deleted';

/** One counted transcript as the inventory found it. */
export interface TranscriptFile {
  /** Name inside its store; with the agent it identifies the transcript. */
  readonly name: string;
  /** What usage takes for the session id; a topic's includes `-topic-<n>`. */
  readonly sessionId: string;
  readonly class: TranscriptClass;
  readonly size: Bytes;
  readonly mtimeMs: Milliseconds;
  /** `dev:ino:size:mtimeNs:ctimeNs`: what identifies the content cheaply. */
  readonly stamp: string;
}

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

/** One agent's store as the inventory found it. */
export interface StoreListing {
  readonly agent: string;
  /** Absolute directory of the transcripts. */
  readonly directory: string;
  readonly transcripts: readonly TranscriptFile[];
  /** Stamp of the session index, null when there is none. */
  readonly indexStamp: string | null;
  /** Null when the index is still the one whose stamp the caller knew. */
  readonly sessions: readonly SessionEntry[] | null;
  readonly problems: readonly Problem[];
}
