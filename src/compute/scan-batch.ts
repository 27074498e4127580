/** What the keeper asks of a scan thread, and what comes back: the headers of the envelopes between them. */
import type { ErrorCode } from '../errors.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { Era } from './era.ts';
import type { LineCounts } from './line-scanner.ts';

/** A transcript to fold. */
export interface ScanItem {
  readonly id: string;
  readonly directory: string;
  readonly name: string;
  readonly size: Bytes;
  /** Whether the digest of an earlier state of the transcript is among the parts: only what follows it need be read. */
  readonly resumes: boolean;
  /** With it: the transcript is read only if some line ends behind this byte; null: in any case. */
  readonly lookFrom: Bytes | null;
  /** By whose rules it counts. */
  readonly era: Era;
  /** Transcripts that are gone and whose content this one may begin with. */
  readonly predecessors: readonly Predecessor[];
}

/** The cursor of a digest, by which a transcript is told that begins with what the digest was folded from. */
export interface Predecessor {
  readonly id: string;
  readonly offset: Bytes;
  /** In hex. */
  readonly anchor: string;
}

/** Header of a request; the parts are the price book's JSON, and the digest of each item that resumes one. */
export interface ScanRequest {
  readonly priceEpoch: string;
  readonly items: readonly ScanItem[];
}

/**
 * One transcript's outcome. A folded one's digest is the next part of the envelope. One that is `unended` was looked
 * through for the end of its last line, in vain.
 */
export type ScanOutcome =
  | {
      readonly id: string;
      readonly folded: true;
      readonly era: Era;
      readonly stamp: string;
      readonly size: Bytes;
      /** The predecessors, by id, whose content it begins with. */
      readonly holds: readonly string[];
    }
  | {
      readonly id: string;
      readonly folded: false;
      readonly code: 'unended';
      readonly era: Era;
      readonly stamp: string;
    }
  | { readonly id: string; readonly folded: false; readonly code: ErrorCode | 'vanished'; readonly detail: string };

/** Header of a result. */
export interface ScanResult {
  readonly priceEpoch: string;
  readonly outcomes: readonly ScanOutcome[];
  readonly bytesRead: Bytes;
  readonly counts: LineCounts;
  readonly duration: Milliseconds;
}
