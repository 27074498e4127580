import { expect, test } from 'vitest';
import { cacheStatus } from '../../../src/snapshot/rpc/cache-status.ts';
import type { SnapshotHead } from '../../../src/snapshot/shapes.ts';

const STALE_AT = 30;

function headAt(state: SnapshotHead['state'], pending = 0, failed = 0): SnapshotHead {
  const coverage = { transcripts: 10, pending, failed, retained: 0, bytes: 0 };
  return { id: 's', builtAt: 1, verifiedAt: 2, staleAt: STALE_AT, state, refreshing: true, coverage };
}

test.each([
  ['fresh', headAt('fresh'), false, STALE_AT, [10, 0, 0]],
  // A refresh failed, or memory is short: the figures are those of a moment ago.
  ['fresh', headAt('degraded'), false, STALE_AT, [10, 0, 0]],
  ['refreshing', headAt('warming', 3), false, STALE_AT, [7, 3, 3]],
  ['refreshing', headAt('degraded', 3, 1), false, STALE_AT, [6, 3, 4]],
  ['refreshing', headAt('fresh'), true, STALE_AT, [10, 0, 0]],
  ['partial', headAt('degraded', 0, 2), false, STALE_AT, [8, 0, 2]],
  ['stale', headAt('degraded', 0, 2), false, STALE_AT + 1, [8, 0, 2]],
  ['stale', headAt('stale'), false, STALE_AT + 1, [10, 0, 0]],
] as const)('%s', (status, head, outdated, now, [cachedFiles, pendingFiles, staleFiles]) => {
  const shown = { status, cachedFiles, pendingFiles, staleFiles, refreshedAt: 2 };
  expect(cacheStatus(head, outdated, now)).toEqual(shown);
});
