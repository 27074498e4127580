/**
 * Every difference from ccusage that docs/differences.md names, on a store whose answer by ccusage 20.0.24 is recorded:
 * session by session, to the token.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sessionsQuery } from '../../src/snapshot/query.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import type { SessionRow } from '../../src/snapshot/shapes.ts';
import { keptStore } from '../support/kept-store.ts';

const FIXTURE = join(import.meta.dirname, '../fixtures/ccusage-20.0.24');
const NOW = Date.parse('2026-11-24T00:00:00Z');

interface CcusageSession {
  readonly sessionId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
  readonly totalTokens: number;
  readonly totalCost: number;
  readonly modelsUsed: readonly string[];
}

const recorded = JSON.parse(readFileSync(join(FIXTURE, 'session.json'), 'utf8')) as {
  readonly sessions: readonly CcusageSession[];
  readonly totals: { readonly totalTokens: number };
};

let rows: readonly SessionRow[] | null = null;

/** What Clawgauge counts on the same store; null where it knows no such session. */
function ours(sessionId: string): SessionRow | null {
  if (rows === null) {
    const { keeper } = keptStore(join(FIXTURE, 'state'));
    const query = sessionsQuery({ timeZone: 'UTC', range: 'all' }, {}, { limit: 1000 });
    rows = sessionsPage(keeper, listSessions(keeper, query, NOW), query, 0, String).sessions;
  }
  return rows.find((row) => row.sessionId === sessionId) ?? null;
}

function theirs(sessionId: string): CcusageSession | null {
  return recorded.sessions.find((row) => row.sessionId === sessionId) ?? null;
}

/** Sessions in which the tokens differ, and by how much Clawgauge counts more; each is a row of docs/differences.md. */
const MORE_TOKENS: Readonly<Record<string, number>> = {
  'plain.checkpoint.0b7a3c52-7a1e-4d4f-9d4a-3c1b2a1f0e9d': -1234,
  beside: 1234,
  spelled: 1200,
  asked: 1234,
  twice: 1234,
  broken: 10,
  big: 1e12 - 1e13,
};

function expectTokens(sessionId: string, our: number | null, their: number | null): void {
  expect(ours(sessionId)?.totals.totalTokens ?? null, 'Clawgauge').toBe(our);
  expect(theirs(sessionId)?.totalTokens ?? null, 'ccusage').toBe(their);
  expect((our ?? 0) - (their ?? 0)).toBe(MORE_TOKENS[sessionId] ?? 0);
}

export const ccusageDifferences: Readonly<Record<string, () => void>> = {
  'a checkpoint is no session': () => {
    expectTokens('plain.checkpoint.0b7a3c52-7a1e-4d4f-9d4a-3c1b2a1f0e9d', null, 1234);
    expectTokens('plain', 1234, 1234);
  },

  'usage that stands beside its message counts': () => expectTokens('beside', 1234, null),

  'usage counts in every spelling that OpenClaw knows': () => expectTokens('spelled', 1200, null),

  'usage of a user message counts': () => expectTokens('asked', 1234, null),

  'a line that stands in a transcript twice counts twice': () => expectTokens('twice', 2468, 1234),

  'an amount with a fraction counts, cut to a whole number': () => {
    expectTokens('broken', 244, 234);
    expect([ours('broken')?.totals.input, theirs('broken')?.inputTokens]).toEqual([10, 0]);
  },

  'an amount beyond what is plausible is cut': () => expectTokens('big', 1e12, 1e13),

  'a model that OpenClaw has no price for has none': () => {
    expectTokens('nocost', 1234, 1234);
    expect(ours('nocost')?.totals).toMatchObject({ cost: 0, missing: 1 });
    expect(theirs('nocost')?.totalCost).toBeCloseTo(0.006024, 9);
  },

  'a message that names no model is of no model': () => {
    expectTokens('nomodel', 1234, 1234);
    expect(ours('nomodel')?.model).toBeNull();
    expect(theirs('nomodel')?.modelsUsed).toEqual(['[openclaw] m-changed']);
  },

  'in everything else the tokens and costs are equal': () => {
    const named = new Set(Object.keys(MORE_TOKENS));
    const alike = recorded.sessions.filter(({ sessionId }) => !named.has(sessionId));
    expect(alike.length).toBeGreaterThan(6);
    for (const their of alike) {
      const totals = ours(their.sessionId)?.totals;
      expect(totals, their.sessionId).toMatchObject({
        input: their.inputTokens,
        output: their.outputTokens,
        cacheWrite: their.cacheCreationTokens,
        cacheRead: their.cacheReadTokens,
        totalTokens: their.totalTokens,
      });
      if (their.sessionId !== 'nocost') expect(totals?.cost).toBeCloseTo(their.totalCost, 9);
    }
    ours('plain');
    const sum = (rows ?? []).reduce((all, { totals }) => all + totals.totalTokens, 0);
    const more = Object.values(MORE_TOKENS).reduce((all, tokens) => all + tokens, 0);
    expect(sum).toBe(recorded.totals.totalTokens + more);
  },
};
