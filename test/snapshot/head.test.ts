import { describe, expect, test } from 'vitest';
import { type HeadFacts, headOf, isCurrent } from '../../src/snapshot/head.ts';
import type { PublishedSnapshot } from '../../src/snapshot/published.ts';

const VERIFIED = 1_000_000;
const INTERVAL = 10_000;
const STALE_AT = VERIFIED + 3 * INTERVAL;

function factsOf(changes: Partial<HeadFacts> = {}, coverage: Partial<PublishedSnapshot['coverage']> = {}): HeadFacts {
  const all = { transcripts: 9, pending: 0, failed: 0, retained: 0, bytes: 99, ...coverage };
  const snapshot = {
    id: 'k.1',
    builtAt: VERIFIED - 500,
    coverage: all,
    generation: 'k.7',
    views: new Map(),
  };
  return {
    snapshot,
    verifiedAt: VERIFIED,
    refreshInterval: INTERVAL,
    refreshing: false,
    failed: false,
    shedding: false,
    ...changes,
  };
}

describe('the head of a snapshot', () => {
  test('tells when it was built and verified, and when it goes stale', () => {
    const facts = factsOf({ refreshing: true });
    expect(headOf(facts, VERIFIED + 1)).toEqual({
      id: 'k.1',
      builtAt: VERIFIED - 500,
      verifiedAt: VERIFIED,
      staleAt: STALE_AT,
      state: 'fresh',
      refreshing: true,
      coverage: facts.snapshot.coverage,
    });
  });

  test.each([
    ['fresh', factsOf(), STALE_AT],
    ['stale', factsOf(), STALE_AT + 1],
    ['warming', factsOf({}, { pending: 1 }), VERIFIED],
    ['warming', factsOf({}, { pending: 1 }), STALE_AT + 1],
    ['degraded', factsOf({ failed: true }), VERIFIED],
    ['degraded', factsOf({}, { failed: 1 }), VERIFIED],
    ['degraded', factsOf({ shedding: true }), VERIFIED],
    ['degraded', factsOf({ failed: true }, { pending: 1, failed: 1 }), STALE_AT + 1],
  ] as const)('is %s, the worst that holds', (state, facts, now) => {
    expect(headOf(facts, now).state).toBe(state);
  });

  test('is made anew when a fact changed, or when a fresh one has gone stale, and not before', () => {
    const facts = factsOf();
    const head = headOf(facts, VERIFIED);
    const current = (others: HeadFacts, now = VERIFIED, made: HeadFacts | null = facts) =>
      isCurrent(head, made, others, now);
    expect(current({ ...facts }, STALE_AT)).toBe(true);
    expect(current({ ...facts }, STALE_AT + 1)).toBe(false);
    expect(current({ ...facts }, VERIFIED, null)).toBe(false);
    expect(current({ ...facts, snapshot: { ...facts.snapshot } })).toBe(false);
    expect(current({ ...facts, verifiedAt: VERIFIED + 1 })).toBe(false);
    expect(current({ ...facts, refreshing: true })).toBe(false);
    expect(current({ ...facts, failed: true })).toBe(false);
    expect(current({ ...facts, shedding: true })).toBe(false);
    const stale = headOf(facts, STALE_AT + 1);
    expect(isCurrent(stale, facts, { ...facts }, STALE_AT + 99_999)).toBe(true);
  });
});
