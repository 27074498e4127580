/** Where a command takes figures from: the service that runs, or a reading of its own. Both give the same. */
import type { SessionsQuery, UsageQuery } from '../snapshot/query.ts';
import type { Coverage, SessionsFigures, SnapshotHead, UsageFigures } from '../snapshot/shapes.ts';
import type { Bytes } from '../units.ts';

interface Headed {
  readonly snapshot: SnapshotHead;
}

export type UsageAnswer = UsageFigures & Headed;
export type SessionsAnswer = SessionsFigures & Headed;

/** Told while the figures that somebody waits for are not there yet; `bytesRead` is null where that is not known. */
export type Progress = (coverage: Coverage, bytesRead: Bytes | null) => void;

export interface Figures {
  /** The address of the service; null for a reading of our own. */
  readonly service: string | null;
  usage(query: UsageQuery): Promise<UsageAnswer>;
  sessions(query: SessionsQuery): Promise<SessionsAnswer>;
  /** Calls back whenever figures are others than those of `shown`. Ends only by rejecting, when nothing more can come. */
  follow(shown: SnapshotHead, changed: () => void): Promise<never>;
  close(): Promise<void>;
}
