/** What is asked of a scan thread about the transcripts of one session, and what comes back: the headers of both envelopes. */
import type { ErrorCode } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import type { Era } from './era.ts';

/** The shape of an answer: that of /v1, or what the gateway of an era answers. */
export type ReadForm = 'v1' | Era;

export interface ReadItem {
  readonly sessionId: string;
  readonly directory: string;
  /** In its directory; names the transcript in cursors. */
  readonly name: string;
}

/** Whose transcripts they are, as the answers of /v1 say it. */
export interface ReadSession {
  readonly agent: string;
  /** Null for an orphan. */
  readonly key: string | null;
  readonly family: string;
  /** Transcripts that no longer exist: what they counted for is known, their lines are not. */
  readonly retained: number;
}

export type ReadView =
  | { readonly view: 'timeseries'; readonly form: ReadForm; readonly points: number }
  | { readonly view: 'logs'; readonly form: ReadForm; readonly limit: number; readonly cursor: string | null };

/** Header of a request; its part is the price book's JSON. */
export interface ReadRequest {
  readonly ask: ReadView;
  readonly session: ReadSession;
  /** Whose rules count. */
  readonly era: Era;
  /** Oldest first. */
  readonly items: readonly ReadItem[];
}

/** A request with what surrounds it: plain values, and memory that both threads see. */
export interface ReadTask {
  readonly request: Uint8Array;
  /** The stamps behind the answer that is at hand; null without one. */
  readonly known: readonly string[] | null;
  readonly within: Milliseconds;
  /** Not 0 when nobody waits any more. */
  readonly stop: Int32Array;
}

/** Header of an answer. That of /v1 has two parts, `rest` and `restDeflated`; a gateway's has its payload as JSON. */
export type ReadAnswer =
  | { readonly kind: 'read'; readonly etag: string; readonly stamps: readonly string[]; readonly partial: boolean }
  /** The stamps are those that were known: nothing was read. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly detail: string };
