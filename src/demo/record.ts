/** Transcript records as the generator makes them (format.md 1.3), and the steps in which a conversation yields them. */
import type { Milliseconds } from '../units.ts';

export interface TranscriptRecord {
  readonly type: string;
  readonly timestamp?: string;
  readonly message?: MessageBody;
  readonly usage?: unknown;
  readonly [member: string]: unknown;
}

export interface MessageBody {
  readonly role: string;
  readonly usage?: unknown;
  readonly timestamp?: Milliseconds;
  readonly [member: string]: unknown;
}

/**
 * The next record of a conversation: it comes `pause` after the one before, and is made for the moment it comes at.
 * Each step's record is made once, and in the order of the steps.
 */
export interface Step {
  readonly pause: Milliseconds;
  readonly record: (at: Milliseconds) => TranscriptRecord;
}
