/** What the service is made with: its options, and who is told of what it does. */
import type { Problem } from '../compute/transcript.ts';
import type { ServiceOptions } from '../config.ts';
import type { Shedding } from './governor.ts';
import type { MemoryOwner } from './memory-owners.ts';
import type { RefreshRecord } from './refresh-record.ts';
import type { Coverage } from './shapes.ts';

/** What somebody outside may listen to. */
export interface ServiceEvents {
  /** A refresh ended. */
  refreshed(record: RefreshRecord, problems: readonly Problem[]): void;
  /** A directory cannot be watched: its changes show only when the timer looks. */
  unwatched(directory: string, error: unknown): void;
  /** Work is shed to stay under the memory cap, or taken up again. */
  shed(shedding: Shedding, owners: readonly MemoryOwner[]): void;
  /** Somebody was to be told of a budget; `error` says why that failed. */
  noticed(target: string, error: string | null): void;
  /** The fold goes on. */
  progress(coverage: Coverage, bytesRead: number): void;
}

/** The options that the service itself needs; see config.ts. */
export type UsageServiceOptions = Pick<
  ServiceOptions,
  | 'stateDirectory'
  | 'openclawConfigPath'
  | 'otherStates'
  | 'cacheDir'
  | 'dataDir'
  | 'redact'
  | 'retain'
  | 'memoryCap'
  | 'refreshInterval'
  | 'refreshDeadline'
  | 'taskDeadline'
  | 'viewDeadline'
  | 'timeZone'
  | 'timeZones'
  | 'prices'
  | 'budgets'
  | 'notices'
  | 'accounting'
> & {
  readonly version: string;
  /** Why nothing keeps another process from the data directory; null when something does. */
  readonly unguarded?: string | null;
  /** No view is kept ready and no answer is saved: for one who asks little and leaves. */
  readonly onlyAsked?: boolean;
};
