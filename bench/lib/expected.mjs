// Right first, fast second: what a service says of a store against what the generator counted while it wrote it, and
// against a plain reading of the store (calibration.mjs).
import assert from 'node:assert/strict';

/** Throws unless the answer to `/v1/usage?range=all` has the figures of the store. */
export function assertUsage(store, usage) {
  const { coverage } = usage.snapshot;
  const { transcripts, roles } = store.calibration;
  const counted = {
    transcripts: coverage.transcripts,
    pending: coverage.pending,
    failed: coverage.failed,
    user: usage.messages.user,
    assistant: usage.messages.assistant,
  };
  const read = { transcripts, pending: 0, failed: 0, user: linesOf(roles.user), assistant: linesOf(roles.assistant) };
  assert.deepEqual(counted, read, 'the service must count what a plain reading of the store counts');
  if (store.figures === null) return;
  const { user, assistant, usageRecords } = store.figures;
  assert.deepEqual(
    { user: counted.user, assistant: counted.assistant, usageRecords: usage.totals.records },
    { user, assistant, usageRecords },
    'the service must count what the generator wrote',
  );
}

function linesOf(role) {
  return role?.lines ?? 0;
}
