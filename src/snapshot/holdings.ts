/** What is done to the keeper's catalog and rollup together on behalf of what lies on disk. */
import type { StoredIdentity } from '../cache/digest-store.ts';
import type { Catalog } from './catalog.ts';
import type { TranscriptRow } from './transcript-row.ts';

export interface Holdings {
  readonly catalog: Catalog;
  /** Enters a transcript that is not there any more; null where its name is none of a transcript that counts. */
  enter(id: string, stamp: string, identity: StoredIdentity): TranscriptRow | null;
  /** Counts a digest in place of the one that was counted of the transcript. Throws a RangeError for broken bytes. */
  hold(row: TranscriptRow, stamp: string, bytes: Uint8Array, retained: boolean): void;
  /** Takes a transcript out of everything. */
  remove(row: TranscriptRow): void;
}
