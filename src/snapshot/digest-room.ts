/**
 * How large the digest cache may be. What is known of transcripts and sessions cannot be pushed out, and a hundred
 * thousand of them hold more than the formula gives them (memory-budget.ts): that much the cache leaves free.
 */
import { type Bytes, MIB } from '../units.ts';

/** It shrinks in steps, and grows by more than one or not at all: what the others hold goes up and down a little, and each resizing copies it. */
const STEP: Bytes = MIB;

/**
 * @param cap what it may take now
 * @param share what it may take while the others keep to theirs
 * @param held by the keeper in buffers, the rollup's among them
 * @param expected what these may hold by the formula
 */
export function roomForDigests(cap: Bytes, share: Bytes, held: Bytes, expected: Bytes): Bytes {
  const left = Math.max(0, share - Math.max(0, held - expected));
  const room = left === share ? share : Math.floor(left / STEP) * STEP;
  const isWorthIt = room < cap || room === share || room >= cap + 2 * STEP;
  return isWorthIt ? room : cap;
}
