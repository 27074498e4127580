/** The golden answers in two sizes: those of the agents kept here, and the whole set where it lies beside the repository. */
import { describe, test } from 'vitest';

/** The same comparison with both; the whole set is skipped, and said to be, where it is absent. */
export function onGoldenSets<Set>(fixture: Set, full: Set | null, compareWith: (set: Set) => void): void {
  describe('on the two agents kept here', () => compareWith(fixture));
  if (full === null) test.skip('on all nine agents: the full golden set is not beside this repository', () => {});
  else describe('on all nine agents', () => compareWith(full));
}
