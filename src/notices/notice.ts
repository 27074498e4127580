/** What passes between the keeper, which knows what is to be said, the main thread, and the thread that says it. */
import type { NoticeTarget } from '../notice-options.ts';
import type { Milliseconds } from '../units.ts';

/** A notice that is due. */
export interface Due {
  readonly id: string;
  /** Number of the target in the configuration. */
  readonly target: number;
  readonly body: string;
}

/** What became of an attempt. */
export interface Outcome {
  readonly id: string;
  readonly target: number;
  /** Why it failed; null when it was taken. */
  readonly error: string | null;
  /** The receiver wants none of it ever. */
  readonly final: boolean;
}

/** For the thread that sends. */
export interface Delivery {
  readonly id: string;
  readonly target: NoticeTarget;
  readonly body: string;
  readonly version: string;
}

export type DeliveryResult = Pick<Outcome, 'error' | 'final'>;

/** How things stand. */
export interface NoticesState {
  readonly waiting: number;
  /** Given up, and not yet forgotten. */
  readonly failed: number;
  /** When the next attempt is due; null without any. */
  readonly nextAt: Milliseconds | null;
}
