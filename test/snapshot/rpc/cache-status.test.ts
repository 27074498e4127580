import { expect, test } from 'vitest';
import { cacheStatus } from '../../../src/snapshot/rpc/cache-status.ts';
import type { SnapshotHead } from '../../../src/snapshot/shapes.ts';

function headAt(state: SnapshotHead['state'], pending = 0, failed = 0): SnapshotHead {
  const coverage = { transcripts: 10, pending, failed, retained: 0, bytes: 0 };
  return { id: 's', builtAt: 1, verifiedAt: 2, staleAt: 3, state, refreshing: true, coverage };
}

test.each([
  ['fresh', headAt('fresh'), false, [10, 0, 0]],
  ['refreshing', headAt('warming', 3), false, [7, 3, 3]],
  ['refreshing', headAt('degraded', 3, 1), false, [6, 3, 4]],
  ['refreshing', headAt('fresh'), true, [10, 0, 0]],
  ['partial', headAt('degraded', 0, 2), false, [8, 0, 2]],
  ['stale', headAt('degraded'), false, [10, 0, 0]],
  ['stale', headAt('stale'), false, [10, 0, 0]],
] as const)('%s', (status, head, outdated, [cachedFiles, pendingFiles, staleFiles]) => {
  expect(cacheStatus(head, outdated)).toEqual({ status, cachedFiles, pendingFiles, staleFiles, refreshedAt: 2 });
});
