/** Everything that a keeper would show, to compare one that followed all changes with one that saw only their result. */
import { expect } from 'vitest';
import { DigestUnavailable } from '../../src/snapshot/counted-digests.ts';
import type { Keeper } from '../../src/snapshot/keeper.ts';
import { sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { expectEqual } from './answers.ts';
import { type KeptStore, keptStore, REFRESHED_AT } from './kept-store.ts';
import { dumpRollup } from './rollup-dump.ts';

const UTC = { timeZone: 'UTC' };
/** Cuts most sessions of random stores in two, so that it needs their digests. */
const CUT = { ...UTC, startDate: '2026-03-29', endDate: '2026-10-25' };

/** A keeper that has to fold a digest again before a view throws DigestUnavailable here. */
export function stateOf(keeper: Keeper): Record<string, unknown> {
  const sessions = (query: ReturnType<typeof sessionsQuery>) =>
    sessionsPage(keeper, listSessions(keeper, query, REFRESHED_AT), query, 0, String);
  return {
    rollup: dumpRollup(keeper.rollup),
    activity: keeper.activity(),
    coverage: keeper.coverage(),
    setAside: keeper.setAside(),
    usage: usageView(keeper, usageQuery({ ...UTC, range: 'all' }, {}, 'kind'), REFRESHED_AT),
    cut: usageView(keeper, usageQuery(CUT, { provider: ['acme'] }), REFRESHED_AT),
    instances: sessions(sessionsQuery({ ...UTC, range: 'all' }, {}, { limit: 1000 })),
    families: sessions(sessionsQuery(CUT, {}, { limit: 1000, groupBy: 'family', sort: 'cost' })),
  };
}

/**
 * Expects of a keeper what one says that has just read everything, and of each digest that it still has the very bytes
 * of a fold of the whole transcript; gives how many it has. A view whose digest is gone is asked for again after the
 * refresh that brings it back, as often as there are transcripts.
 */
export function expectLikeFresh(kept: KeptStore, step: unknown): number {
  const fresh = keptStore(kept.directory);
  let state: Record<string, unknown> | undefined;
  for (let tries = fresh.keeper.catalog.rows.size; state === undefined; tries--) {
    try {
      state = stateOf(kept.keeper);
    } catch (error) {
      if (!(error instanceof DigestUnavailable) || tries < 0) throw error;
      kept.refresh();
    }
  }
  expectEqual(state, stateOf(fresh.keeper), step);
  const rows = [...fresh.keeper.catalog.rows.values()].filter((row) => kept.digest(row) !== undefined);
  const hex = (from: KeptStore) => rows.map((row) => [row.id, Buffer.from(from.digest(row) ?? []).toString('hex')]);
  expect(hex(kept), JSON.stringify(step)).toEqual(hex(fresh));
  return rows.length;
}
