/**
 * How large the digest cache may be. What is known of transcripts and sessions cannot be pushed out, and a hundred
 * thousand of them hold more than the formula gives them (memory-budget.ts): that much the cache leaves free.
 */
import { type Bytes, MIB } from '../units.ts';

/** By so much at a time it shrinks and grows, so that it is not copied at every refresh. */
const STEP: Bytes = MIB;

/**
 * @param share what the cache may take while the others keep to theirs
 * @param held by the keeper in buffers, the rollup's among them
 * @param expected what these may hold by the formula
 */
export function roomForDigests(share: Bytes, held: Bytes, expected: Bytes): Bytes {
  const over = Math.ceil(Math.max(0, held - expected) / STEP) * STEP;
  return Math.max(0, share - over);
}
