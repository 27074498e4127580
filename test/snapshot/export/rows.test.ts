/** The rows of exports against the views: equal sums, for any window, zone and filter, and of one moment. */
import { describe, expect, test } from 'vitest';
import { DigestStore } from '../../../src/cache/digest-store.ts';
import { type Columns, type ExportRow, plainDollars } from '../../../src/snapshot/export/export-lines.ts';
import { sessionColumns, sessionRows } from '../../../src/snapshot/export/session-rows.ts';
import { usageColumns, usageRows } from '../../../src/snapshot/export/usage-rows.ts';
import type { Keeper } from '../../../src/snapshot/keeper.ts';
import { canonicalFilters, sessionsQuery, usageQuery } from '../../../src/snapshot/query.ts';
import { listSessions, sessionsPage } from '../../../src/snapshot/sessions-view.ts';
import type { Messages, Totals } from '../../../src/snapshot/shapes.ts';
import { usageView } from '../../../src/snapshot/usage-view.ts';
import { resolveWindow } from '../../../src/snapshot/window.ts';
import { DAY_MS } from '../../../src/snapshot/zone.ts';
import { KIB } from '../../../src/units.ts';
import { attempt, expectEqual } from '../../support/answers.ts';
import { KeptStore, keptStore } from '../../support/kept-store.ts';
import { seededRandom } from '../../support/random.ts';
import { type RandomQuestion, randomQuestion } from '../../support/random-question.ts';
import { randomStore } from '../../support/random-store.ts';
import { temporaryStateDir } from '../../support/stores.ts';

type Named = Readonly<Record<string, string | number | null>>;

const named = (columns: Columns, row: ExportRow): Named =>
  Object.fromEntries(Object.keys(columns).map((name, at) => [name, row[at] ?? null]));

const nano = (dollars: unknown) => Math.round(Number(dollars) * 1e9);

/** What rows add up to, in the members of totals and messages that can be added up; dollars in nano-dollars. */
function sumsOfRows(rows: readonly Named[]): Record<string, number> {
  const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name]), 0);
  const dollars = (name: string) => rows.reduce((all, row) => all + nano(row[name]), 0);
  return {
    ...Object.fromEntries(COUNTS.map((name) => [name, sum(name)])),
    ...Object.fromEntries(DOLLARS.map((name) => [name, dollars(name)])),
    retainedRecords: sum('retainedRecords'),
    messages: sum('messages'),
    user: sum('userMessages'),
    assistant: sum('assistantMessages'),
  };
}

const COUNTS = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'totalTokens',
  'records',
  'estimated',
  'missing',
] as const;
const DOLLARS = ['cost', 'inputCost', 'outputCost', 'cacheReadCost', 'cacheWriteCost'] as const;

/** The same of an answer. */
function sumsOf(all: readonly { totals: Totals; messages: Messages }[]): Record<string, number> {
  const sum = (of: (it: { totals: Totals; messages: Messages }) => number) => all.reduce((s, it) => s + of(it), 0);
  return {
    ...Object.fromEntries(COUNTS.map((name) => [name, sum(({ totals }) => totals[name])])),
    ...Object.fromEntries(DOLLARS.map((name) => [name, sum(({ totals }) => nano(totals[name]))])),
    retainedRecords: sum(({ totals }) => totals.retained.records),
    messages: sum(({ messages }) => messages.total),
    user: sum(({ messages }) => messages.user ?? 0),
    assistant: sum(({ messages }) => messages.assistant),
  };
}

function usageOf(keeper: Keeper, { window, filters, now }: RandomQuestion): Named[] {
  const query = usageQuery(window, filters);
  const rows = usageRows(keeper, query.filters, resolveWindow(query, now, keeper.activity()));
  return [...rows].map((row) => named(usageColumns, row));
}

describe('rows', () => {
  const { keeper } = keptStore(randomStore(24));
  const rnd = seededRandom(7);
  const questions = Array.from({ length: 80 }, () => randomQuestion(rnd)).filter(
    ({ window, now }) => attempt(() => resolveWindow(usageQuery(window), now, keeper.activity())) !== 'refused',
  );

  test('of usage add up to the totals, the messages and each step of /v1/usage', () => {
    for (const question of questions) {
      const { window, filters, now } = question;
      const usage = usageView(keeper, usageQuery(window, filters), now);
      const rows = usageOf(keeper, question);
      expectEqual(sumsOfRows(rows), sumsOf([usage]), question);
      const byStart = new Map<unknown, Named[]>();
      for (const row of rows) byStart.set(row.start, [...(byStart.get(row.start) ?? []), row]);
      for (const { start, date, ...step } of usage.series) {
        const own = byStart.get(new Date(start).toISOString()) ?? [];
        expectEqual(sumsOfRows(own), sumsOf([step]), [question, date]);
        expect(own.every((row) => row.date === date)).toBe(true);
      }
    }
  });

  test('of usage are in the order of time and names, each step and names once, and undated ones last', () => {
    for (const question of questions) {
      const rows = usageOf(keeper, question).map(({ start, agent, channel, kind, provider, model }) =>
        JSON.stringify([start ?? '~', agent, channel, kind, provider ?? '~', model ?? '~']),
      );
      const starts = rows.map((row) => (JSON.parse(row) as string[])[0] as string);
      expect(starts).toEqual([...starts].sort());
      expect(new Set(rows).size).toBe(rows.length);
    }
  });

  test('of sessions are those of /v1/sessions', () => {
    for (const { window, filters, now } of questions) {
      const query = sessionsQuery(window, filters, { limit: 1000 });
      const { sessions } = sessionsPage(keeper, listSessions(keeper, query, now), query, 0, String);
      const rows = [...sessionRows(keeper, query.filters, resolveWindow(query, now, keeper.activity()))]
        .map((row) => named(sessionColumns, row))
        .sort((a, b) => `${a.agent}/${a.sessionId}`.localeCompare(`${b.agent}/${b.sessionId}`));
      const expected = [...sessions].sort((a, b) =>
        `${a.agent}/${a.sessionId}`.localeCompare(`${b.agent}/${b.sessionId}`),
      );
      expectEqual(
        rows.map(({ key, agent, sessionId, label, model }) => [key, agent, sessionId, label, model]),
        expected.map(({ key, agent, sessionId, label, model }) => [key, agent, sessionId, label, model]),
        query,
      );
      expectEqual(
        rows.map((row) => sumsOfRows([row])),
        expected.map((session) => sumsOf([session])),
        query,
      );
    }
  });

  test('of sessions push nothing out of memory, and keep nothing there', () => {
    const store = new DigestStore(temporaryStateDir());
    const kept = new KeptStore(randomStore(13), { digests: store, cacheBytes: 8 * KIB });
    kept.refresh();
    const before = kept.cache.counts();
    expect(before.evictions).toBeGreaterThan(0);
    const window = resolveWindow(usageQuery({ timeZone: 'UTC', range: 'all' }), Date.now(), kept.keeper.activity());
    expect([...sessionRows(kept.keeper, canonicalFilters({}), window)].length).toBeGreaterThan(5);
    expect(kept.cache.counts()).toEqual(before);
    store.close();
  });

  test('of usage are those of the moment of the question, whatever changes while they are read', () => {
    const kept = keptStore(randomStore(12));
    const window = resolveWindow(usageQuery({ timeZone: 'UTC', range: 'all' }), Date.now(), kept.keeper.activity());
    const all = () => usageRows(kept.keeper, canonicalFilters({}), window);
    const before = [...all()];
    const rows = all();
    const first = rows.next().value;
    for (const row of kept.keeper.catalog.all()) {
      if (row.folded !== null) kept.keeper.rollup.apply(kept.keeper.digestOf(row), row.folded.filing, 1);
    }
    expect([first, ...rows]).toEqual(before);
    expect([...all()]).not.toEqual(before);
    expect(window.end - window.start).toBeGreaterThan(DAY_MS);
  });
});

test.each([
  [0, '0.0'],
  [1, '0.000000001'],
  [-1, '-0.000000001'],
  [120_000_000, '0.12'],
  [2_000_000_000, '2.0'],
  [1_234_567_891, '1.234567891'],
  [2 ** 53 - 1, '9007199.254740991'],
])('%i nano-dollars are written %s', (amount, text) => {
  expect(plainDollars(amount)).toBe(text);
});
