/** Digests of transcripts that no longer exist: every usage record of theirs counts as retained, too. */
import type { Digest } from '../compute/digest.ts';
import { COST, RECORDS, RETAINED_COST, RETAINED_RECORDS } from '../compute/figures.ts';

/** Says so in the digest's own figures, so that whatever sums them up counts it right; gives the same digest. */
export function asRetained(digest: Digest): Digest {
  for (const models of digest.cells.values()) {
    for (const { figures } of models.values()) {
      figures[RETAINED_RECORDS] = figures[RECORDS] as number;
      figures[RETAINED_COST] = figures[COST] as number;
    }
  }
  return digest;
}
