/** What views are built from: the keeper's state, read only. */
import type { Digest } from '../compute/digest.ts';
import type { Catalog, TranscriptRow } from './catalog.ts';
import type { Rollup } from './rollup.ts';
import type { Activity } from './window.ts';

export interface KeptState {
  readonly rollup: Rollup;
  readonly catalog: Catalog;
  /** First and last dated message of all folded transcripts. */
  activity(): Activity;
  /** The digest that the rollup holds of a folded transcript. */
  digestOf(row: TranscriptRow): Digest;
  /** The same for who goes through all of them once: none is kept at hand for that. */
  digestInPassing(row: TranscriptRow): Digest;
}
