/** Against the real gateway of OpenClaw 2026.5.22: every number that it gave on a golden store, from our own code. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Digest } from '../../src/compute/digest.ts';
import type { PriceBookData } from '../../src/compute/price-book.ts';
import type { TranscriptRow } from '../../src/snapshot/catalog.ts';
import { type SessionTarget, sessionQuery, sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import { sessionView } from '../../src/snapshot/session-view.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import type { SessionFigures, Totals } from '../../src/snapshot/shapes.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { quarterOf } from '../../src/units.ts';
import { digestOf } from '../support/fold-text.ts';
import { expectGoldenCost, expectGoldenSession, expectGoldenTotals } from '../support/golden.ts';
import { goldenFigures } from '../support/golden-digests.ts';
import { onGoldenSets } from '../support/golden-sets.ts';
import type { GoldenSession, GoldenSessionFigures, GoldenTotals, GoldenUsage } from '../support/golden-shapes.ts';
import { GOLDEN_RANGE, type GoldenSet, goldenFixture, goldenFullSet } from '../support/golden-store.ts';
import { type KeptStore, keptStore } from '../support/kept-store.ts';
import { pricesIn } from '../support/prices-in.ts';
import { temporaryStateDir } from '../support/stores.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const UTC = { timeZone: 'UTC' };
const ALL = { ...UTC, range: 'all' } as const;
const EVERYTHING = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

onGoldenSets(goldenFixture, goldenFullSet, compareWith);

function compareWith(set: GoldenSet): void {
  let kept: KeptStore;
  let prices: PriceBookData;

  beforeAll(() => {
    const directory = temporaryStateDir();
    set.write(directory);
    kept = keptStore(directory);
    prices = pricesIn(directory);
  });

  const transcriptsOf = (agent: string) => [...kept.keeper.catalog.rows.values()].filter((row) => row.agent === agent);

  /** The transcripts behind a row: the file it names, and those of every other session id of its family. */
  const behind = ({ usage, sessionId, includedSessionIds = [sessionId] }: GoldenSession, agent: string) => {
    const file = basename(usage?.sessionFile ?? '');
    const others = includedSessionIds.filter((id) => id !== sessionId);
    return transcriptsOf(agent).filter(({ name, sessionId: id }) => name === file || others.includes(id));
  };

  const figuresOf = (rows: readonly TranscriptRow[]): GoldenSessionFigures => {
    const digests = rows.map((row) => kept.keeper.digestOf(row));
    const withinRange = rows.map((row, at) => restricted(row, digests[at] as Digest, prices));
    return goldenFigures(digests, withinRange, GOLDEN_RANGE);
  };

  test.each(set.agents)('the digests of %s say every number of every session, and of all together', (agent) => {
    const golden = set.sessions(agent);
    const all = golden.sessions.map((row) => {
      expect(row.usage, row.key).not.toBeNull();
      const figures = figuresOf(behind(row, agent));
      if (row.usage !== null) expectGoldenSession(figures, row.usage);
      return figures;
    });
    expectGoldenTotals(
      all.flatMap(({ cells }) => cells),
      golden.totals,
    );
  });

  test('the digests of main say every number of usage.cost', () => {
    const digests = transcriptsOf('main').map((row) => kept.keeper.digestOf(row));
    expectGoldenCost(goldenFigures(digests, digests, EVERYTHING).cells, set.cost());
  });

  test.each(set.agents)('the sessions of %s have the key, channel, label, family and time of update', (agent) => {
    for (const row of set.sessions(agent).sessions) {
      const identity = behind(row, agent).find(({ sessionId }) => sessionId === row.sessionId)?.identity;
      expect(identity?.updatedAt).toBeCloseTo(row.updatedAt, -1);
      // This gateway takes topics for orphans, and gives those a key.
      if (identity?.kind === 'topic' || identity?.kind === 'orphan') continue;
      expect({ ...identity }).toMatchObject({
        key: row.key,
        channel: row.channel ?? 'none',
        label: row.label ?? null,
        family: row.sessionFamilyKey,
      });
    }
  });

  test.each(set.agents)('/v1/sessions/{key} says the same of the sessions of %s', (agent) => {
    const { sessions } = set.sessions(agent);
    let compared = 0;
    for (const row of sessions) {
      const transcripts = behind(row, agent);
      const target = targetOf(transcripts, transcriptsOf(agent));
      if (target === null || row.usage === null || !transcripts.every(isInRange)) continue;
      const view = sessionView(kept.keeper, sessionQuery(ALL, target), NOW);
      expectGoldenView(view, row.usage, transcripts.length === 1);
      compared++;
    }
    // The others begin before the range, or are divided into rows in another way.
    expect(compared).toBeGreaterThan(sessions.length / 2);
  });

  test.each(set.agents)('/v1/sessions lists the sessions of %s with the figures of /v1/sessions/{key}', (agent) => {
    const query = sessionsQuery(ALL, { agent: [agent] }, { limit: 1000 });
    const { sessions } = sessionsPage(kept.keeper, listSessions(kept.keeper, query, NOW), query, 0, String);
    expect(sessions.length).toBeGreaterThan(0);
    for (const row of sessions) {
      const target = { groupBy: 'instance', agent, sessionId: row.sessionId } as const;
      expect(sessionView(kept.keeper, sessionQuery(ALL, target), NOW).session).toEqual(row);
    }
  });

  test('/v1/usage of main says the same of every day as usage.cost', () => {
    const golden = set.cost();
    const [first, last] = [golden.daily[0]?.date as string, golden.daily.at(-1)?.date as string];
    const query = usageQuery({ ...UTC, startDate: first, endDate: last }, { agent: ['main'] });
    const { totals, series } = usageView(kept.keeper, query, NOW);
    expectTotals(totals, golden.totals);
    const days = series.filter((row) => row.totals.records > 0);
    expect(days.map(({ date }) => date)).toEqual(golden.daily.map(({ date }) => date));
    for (const [at, day] of golden.daily.entries()) expectTotals(days[at]?.totals as Totals, day);
  });

  test('all sessions of the service add up to its usage', () => {
    const { totals, byAgent } = usageView(kept.keeper, usageQuery(ALL), NOW);
    const query = sessionsQuery(ALL, {}, { limit: 1000 });
    expect(sessionsPage(kept.keeper, listSessions(kept.keeper, query, NOW), query, 0, String).totals).toEqual(totals);
    expect(byAgent.map(({ agent }) => agent).sort()).toEqual([...set.agents].sort());
  });

  /** What makes a row of the gateway one of ours: a family with just these transcripts, or an instance. */
  function targetOf(transcripts: readonly TranscriptRow[], all: readonly TranscriptRow[]): SessionTarget | null {
    const [first] = transcripts;
    if (first === undefined) return null;
    const isSame = (others: readonly TranscriptRow[]) =>
      others.length === transcripts.length && others.every((row) => transcripts.includes(row));
    const { agent, sessionId, identity } = first;
    if (isSame(all.filter((row) => row.identity.family === identity.family))) {
      return { groupBy: 'family', key: identity.family, agent };
    }
    return isSame(all.filter((row) => row.sessionId === sessionId)) ? { groupBy: 'instance', agent, sessionId } : null;
  }
}

/** Whether everything of a transcript lies in the range that the gateway was asked for. */
function isInRange({ folded }: TranscriptRow): boolean {
  const { firstQuarter, lastQuarter } = folded?.summary ?? { firstQuarter: null, lastQuarter: null };
  if (firstQuarter === null || lastQuarter === null) return true;
  return firstQuarter >= quarterOf(GOLDEN_RANGE.startMs) && lastQuarter <= quarterOf(GOLDEN_RANGE.endMs);
}

/** The digest of what a transcript says inside the range; its own where that is all. */
function restricted(row: TranscriptRow, digest: Digest, prices: PriceBookData): Digest {
  if (isInRange(row)) return digest;
  const lines = readFileSync(join(row.directory, row.name), 'utf8').split('\n');
  return digestOf(lines.filter(isLineInRange), prices);
}

function isLineInRange(line: string): boolean {
  let time: number;
  try {
    time = Date.parse((JSON.parse(line) as { timestamp: string }).timestamp);
  } catch {
    return false;
  }
  return Number.isNaN(time) || (time >= GOLDEN_RANGE.startMs && time <= GOLDEN_RANGE.endMs);
}

function expectGoldenView(view: SessionFigures, golden: GoldenUsage, oneTranscript: boolean): void {
  const { session, byModel, series, tools, latency } = view;
  expectTotals(session.totals, golden);
  expect(session.messages).toEqual(golden.messageCounts);
  expect([session.firstActivity ?? undefined, session.lastActivity ?? undefined]).toEqual([
    golden.firstActivity,
    golden.lastActivity,
  ]);

  const models = new Map(
    golden.modelUsage?.map(({ provider, model, count, totals }) => [`${provider} ${model}`, { count, totals }]),
  );
  const named = byModel.filter(({ provider, model }) => provider || model);
  expect(named).toHaveLength(models.size);
  for (const { provider, model, totals } of named) {
    const counterpart = models.get(`${provider ?? undefined} ${model ?? undefined}`);
    expect(totals.records).toBe(counterpart?.count);
    expectTotals(totals, counterpart?.totals as GoldenTotals);
  }

  const days = series.filter(({ totals }) => totals.records > 0);
  expect(days.map(({ date, totals }) => [date, componentsOf(totals)])).toEqual(
    (golden.dailyBreakdown ?? []).map(({ date, tokens }) => [date, tokens]),
  );
  for (const [at, { cost }] of golden.dailyBreakdown?.entries() ?? []) {
    expect(days[at]?.totals.cost).toBeCloseTo(cost, 6);
  }
  const busy = series.filter(({ messages }) => messages.total > 0);
  expect(busy.map(({ date, messages }) => ({ date, ...messages }))).toEqual(golden.dailyMessageCounts ?? []);

  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect([tools.calls, tools.unique]).toEqual([golden.toolUsage?.totalCalls ?? 0, golden.toolUsage?.uniqueTools ?? 0]);
  expect([...tools.tools].sort(byName)).toEqual([...(golden.toolUsage?.tools ?? [])].sort(byName));

  expect(latency === null).toBe(golden.latency === undefined);
  if (latency === null || golden.latency === undefined) return;
  const { count, minMs, maxMs, avgMs, p95Ms } = golden.latency;
  expect(latency).toMatchObject({ count, minMs, maxMs });
  expect(latency.avgMs).toBeCloseTo(avgMs, 6);
  // Of several transcripts this gateway gives the largest of their 95th percentiles.
  if (oneTranscript) expect(latency.p95Ms).toBe(p95Ms);
  else expect(latency.p95Ms).toBeLessThanOrEqual(p95Ms);
}

/** Tokens exactly, dollars to a millionth; components where nothing is estimated, which this gateway leaves out of them. */
function expectTotals(actual: Totals, golden: GoldenTotals): void {
  const { input, output, cacheRead, cacheWrite, totalTokens, missingCostEntries: missing } = golden;
  expect(actual).toMatchObject({ input, output, cacheRead, cacheWrite, totalTokens, missing });
  expect(actual.cost).toBeCloseTo(golden.totalCost, 6);
  for (const name of ['inputCost', 'outputCost', 'cacheReadCost', 'cacheWriteCost'] as const) {
    if (actual.estimated === 0) expect(actual[name]).toBeCloseTo(golden[name], 6);
    else expect(actual[name]).toBeGreaterThanOrEqual(golden[name] - 1e-6);
  }
}

function componentsOf({ input, output, cacheRead, cacheWrite }: Totals): number {
  return input + output + cacheRead + cacheWrite;
}
