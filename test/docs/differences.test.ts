/** Every difference from the gateway of OpenClaw 2026.5, and from ccusage, that docs/differences.md names, shown by an example. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import type { FilterChoice, WindowChoice } from '../../src/snapshot/query.ts';
import { sessionQuery, sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import { sessionView } from '../../src/snapshot/session-view.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import type { SessionFigures, SessionsFigures, UsageFigures } from '../../src/snapshot/shapes.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore } from '../support/kept-store.ts';
import { writeJson, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { callDifferences } from './call-differences.ts';
import { ccusageDifferences } from './ccusage-differences.ts';
import { sessionDifferences } from './session-differences.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const TODAY = '2026-11-22T10:00:00Z';
const UTC = { timeZone: 'UTC' };
const ALL = { ...UTC, range: 'all' } as const;

/** The sessions folder of an agent, by file name; records or text. */
type Files = Readonly<Record<string, readonly unknown[]>>;

class Store extends KeptStore {
  constructor(files: Files, options?: ConstructorParameters<typeof KeptStore>[1]) {
    super(temporaryStateDir(), options);
    this.write('main', files);
  }

  write(agent: string, files: Files): void {
    for (const [name, records] of Object.entries(files)) writeWhole(this.path(agent, name), linesOf(records));
  }

  path(agent: string, name: string): string {
    return join(this.directory, 'agents', agent, 'sessions', name);
  }

  usage(window: WindowChoice = ALL, filters: FilterChoice = {}): UsageFigures {
    return usageView(this.refreshed(), usageQuery(window, filters), NOW);
  }

  sessions(page: Parameters<typeof sessionsQuery>[2] = {}): SessionsFigures {
    const keeper = this.refreshed();
    const query = sessionsQuery(ALL, {}, page);
    return sessionsPage(keeper, listSessions(keeper, query, NOW), query, 0, String);
  }

  session(sessionId: string, window: WindowChoice = ALL): SessionFigures {
    const query = sessionQuery(window, { groupBy: 'instance', agent: 'main', sessionId });
    return sessionView(this.refreshed(), query, NOW);
  }

  refreshed() {
    this.refresh(NOW);
    return this.keeper;
  }
}

const user = (timestamp: string | undefined) => ({ timestamp, message: { role: 'user', content: 'hello' } });
const assistant = (timestamp: string | undefined, rest: object = {}) => ({
  timestamp,
  message: { role: 'assistant', provider: 'acme', model: 'm', usage: { input: 1000, cost: { total: 1 } }, ...rest },
});
const PRICE = { input: 2, output: 8, cacheRead: 1, cacheWrite: 3 };
const config = (model: string) => ({ models: { providers: { acme: { models: [{ id: model, cost: PRICE }] } } } });

const differences: Readonly<Record<string, () => void>> = {
  'usage is that of all agents': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY)] });
    store.write('ops', { 'b.jsonl': [assistant(TODAY)] });
    writeJson(store.directory, 'openclaw.json', { agents: { list: [{ id: 'main' }, { id: 'ops' }] } });
    expect(store.usage().totals.records).toBe(2);
    expect(store.usage(ALL, { agent: ['ops'] }).totals.records).toBe(1);
  },

  'agents that are on disk only count too': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY)] });
    store.write('attic', { 'b.jsonl': [assistant(TODAY)] });
    writeJson(store.directory, 'openclaw.json', { agents: { list: [{ id: 'main' }] } });
    expect(store.usage().byAgent.map(({ agent }) => agent)).toEqual(['attic', 'main']);
  },

  'a line that holds U+2028 counts': () => {
    const record = assistant(TODAY, { content: 'two\u2028lines\u2029of one' });
    expect(new Store({ 'a.jsonl': [record] }).usage().totals.records).toBe(1);
  },

  'all transcripts of a session id are one session': () => {
    const store = new Store({
      'a.jsonl': [assistant(TODAY)],
      'a.jsonl.reset.2026-11-20T00-00-00Z': [assistant('2026-11-19T10:00:00Z')],
      'a.jsonl.deleted.2026-11-21T00-00-00Z': [assistant('2026-11-20T10:00:00Z')],
    });
    const { matches, sessions, totals } = store.sessions();
    expect({ matches, records: sessions[0]?.totals.records }).toEqual({ matches: 1, records: 3 });
    expect(totals).toEqual(store.usage().totals);
  },

  'an earlier session of a family is filed as the family is': () => {
    const store = new Store({
      'now.jsonl': [assistant(TODAY)],
      'before.jsonl.reset.2026-11-20T00-00-00Z': [assistant('2026-11-19T10:00:00Z')],
    });
    const entry = { sessionId: 'now', channel: 'telegram', usageFamilySessionIds: ['before'] };
    writeJson(store.directory, 'agents/main/sessions/sessions.json', { 'agent:main:telegram:direct:1': entry });
    expect(store.usage().byChannel).toMatchObject([{ channel: 'telegram', totals: { records: 2 } }]);
    expect(store.sessions({ groupBy: 'family' })).toMatchObject({ matches: 1, sessions: [{ instances: 2 }] });
  },

  'a topic belongs to the session that it hangs from': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY)], 'a-topic-7.jsonl': [assistant(TODAY)] });
    const key = 'agent:main:telegram:group:1';
    writeJson(store.directory, 'agents/main/sessions/sessions.json', { [key]: { sessionId: 'a' } });
    expect(store.session('a-topic-7').session).toMatchObject({ key, channel: 'telegram', kind: 'topic', family: key });
  },

  'a session without an entry in the index has no key': () => {
    const { session } = new Store({ 'a.jsonl': [assistant(TODAY)] }).session('a');
    expect(session).toMatchObject({ key: null, kind: 'orphan', channel: 'none', family: 'agent:main:a' });
  },

  'a session counts on while it is read again': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY)] });
    store.refresh(NOW);
    appendFileSync(store.path('main', 'a.jsonl'), linesOf([assistant(TODAY)]));
    store.inventory();
    expect(store.keeper.coverage().pending).toBe(1);
    expect(usageView(store.keeper, usageQuery(ALL), NOW).totals.records).toBe(1);
    expect(store.usage().totals.records).toBe(2);
  },

  'totals are those of all sessions, whatever the page': () => {
    const names = Array.from({ length: 60 }, (_, number) => `s${number}.jsonl`);
    const store = new Store(Object.fromEntries(names.map((name) => [name, [assistant(TODAY)]])));
    expect(store.sessions({ limit: 1 })).toMatchObject({ matches: 60, totals: { records: 60 } });
    expect(store.usage().totals.records).toBe(60);
  },

  'estimated costs have components': () => {
    const store = new Store({
      'a.jsonl': [assistant(TODAY, { usage: { input: 1000, output: 100, cacheRead: 10, cacheWrite: 1 } })],
    });
    writeJson(store.directory, 'openclaw.json', config('m'));
    expect(store.usage().totals).toMatchObject({
      estimated: 1,
      costNano: '2813000',
      inputCost: 0.002,
      outputCost: 0.0008,
      cacheReadCost: 0.00001,
      cacheWriteCost: 0.000003,
    });
  },

  'a price of our own configuration fills a gap': () => {
    const files = { 'a.jsonl': [assistant(TODAY, { usage: { input: 1000 } })] };
    expect(new Store(files).usage().prices.missing).toEqual([
      { provider: 'acme', model: 'm', records: 1, tokens: 1000 },
    ]);
    expect(new Store(files, { ownPrices: { acme: { m: PRICE } } }).usage().totals).toMatchObject({
      missing: 0,
      cost: 0.002,
    });
  },

  'a price that only the gateway downloads is missing': () => {
    const model = { provider: 'openrouter', model: 'anthropic/claude-sonnet-4.6', usage: { input: 1000 } };
    expect(new Store({ 'a.jsonl': [assistant(TODAY, model)] }).usage().totals).toMatchObject({ missing: 1, cost: 0 });
  },

  'a price that lacks a part is none': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY, { usage: { input: 1000 } })] }, { accounting: '2026.9' });
    const providers = { acme: { models: [{ id: 'm', cost: { input: 2, output: 8 } }] } };
    writeJson(store.directory, 'openclaw.json', { models: { providers } });
    expect(store.usage().totals).toMatchObject({ missing: 1, cost: 0 });
  },

  'costs are whole nano-dollars': () => {
    const third = assistant(TODAY, { usage: { input: 1, cost: { total: 1 / 3 } } });
    expect(new Store({ 'a.jsonl': [third, third, third] }).usage().totals.costNano).toBe('999999999');
  },

  'what no record can plausibly hold is cut, and told': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY, { usage: { input: 5e15, cost: { total: 1e9 } } })] });
    expect(store.usage().totals).toMatchObject({ input: 1e12, cost: 1e4 });
    expect(store.session('a').unreadable.capped).toBe(1);
  },

  'names are cut at 200 characters': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY, { model: 'm'.repeat(300), toolName: 't'.repeat(300) })] });
    const { byModel, tools } = store.usage();
    expect([byModel[0]?.model, tools.tools[0]?.name]).toEqual(['m'.repeat(200), 't'.repeat(200)]);
  },

  'of very many models or tools in one transcript the rest are one': () => {
    const records = Array.from({ length: 1100 }, (_, at) => assistant(TODAY, { model: `m${at}`, toolName: `t${at}` }));
    const { byModel, tools } = new Store({ 'a.jsonl': records }).usage();
    expect(byModel.find(({ model }) => model === '(other)')?.totals.records).toBe(1100 - byModel.length + 1);
    expect(tools).toMatchObject({ calls: 1100, unique: 1025 });
  },

  'a member too large, of a line too long to hold, counts as absent, and is told': () => {
    const record = assistant(TODAY, { toolName: 'x'.repeat(400_000), content: 'y'.repeat(2_000_000) });
    const store = new Store({ 'a.jsonl': [record] });
    expect(store.usage()).toMatchObject({ totals: { records: 1 }, tools: { calls: 0 } });
    expect(store.session('a').unreadable.cut).toBe(1);
  },

  'records without a time count in range=all alone': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY), assistant(undefined)] });
    expect(store.usage({ ...UTC, range: '7d' })).toMatchObject({ totals: { records: 1 }, undated: null });
    expect(store.usage()).toMatchObject({ totals: { records: 2 }, undated: { records: 1 } });
    expect(store.session('a', { ...UTC, range: '7d' }).session.totals.records).toBe(1);
  },

  'records dated after now are told apart': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY), assistant('2027-01-01T00:00:00Z')] });
    expect(store.usage()).toMatchObject({ future: 1, totals: { records: 2 } });
    expect(store.usage({ ...UTC, range: '7d' })).toMatchObject({ future: 1, totals: { records: 1 } });
  },

  'a window is half-open, and its days are those of its zone': () => {
    const late = [
      '2026-10-24T21:59:59.999Z',
      '2026-10-24T22:00:00Z',
      '2026-10-25T22:59:59.999Z',
      '2026-10-25T23:00:00Z',
    ];
    const store = new Store({ 'a.jsonl': late.map((time) => assistant(time)) });
    const day = { timeZone: 'Europe/Paris', startDate: '2026-10-25', endDate: '2026-10-25' };
    const { totals, window, series } = store.usage(day);
    expect(totals.records).toBe(2);
    expect(window.end - window.start).toBe(25 * 3_600_000);
    expect(series.map(({ date }) => date)).toEqual(['2026-10-25']);
  },

  'days without anything are in the series': () => {
    const store = new Store({ 'a.jsonl': [assistant(TODAY)] });
    expect(store.usage({ ...UTC, range: '7d' }).series.map(({ totals }) => totals.records)).toEqual([
      0, 0, 0, 0, 0, 0, 1,
    ]);
  },

  'a date that is none is refused': () => {
    const store = new Store({});
    const dates = { ...UTC, startDate: '2026-02-30', endDate: '2026-03-01' };
    expect(() => store.usage(dates)).toThrow(ClawgaugeError);
    expect(() => store.usage({ ...UTC, startDate: '2026-03-01' })).toThrow(ClawgaugeError);
  },

  'the 95th percentile is that of all messages': () => {
    const many = Array.from({ length: 99 }, (_, at) => assistant(TODAY, { durationMs: at + 1 }));
    const store = new Store({ 'a.jsonl': many, 'b.jsonl': [assistant(TODAY, { durationMs: 60_000 })] });
    expect(store.usage().latency).toMatchObject({ count: 100, p95Ms: 95, maxMs: 60_000 });
  },

  'latency counts from the last user message, also from one before the window': () => {
    const store = new Store({ 'a.jsonl': [user('2026-11-21T23:59:50Z'), assistant('2026-11-22T00:00:05Z')] });
    expect(store.usage({ ...UTC, range: 'today' }).latency).toMatchObject({ count: 1, maxMs: 15_000 });
  },

  'latencies of very long transcripts are right to one percent': () => {
    const records = Array.from({ length: 3000 }, (_, at) => assistant(TODAY, { durationMs: 1000 + at }));
    const latency = new Store({ 'a.jsonl': records }).usage().latency;
    expect(latency).toMatchObject({ count: 3000, avgMs: 1000 + 2999 / 2 });
    const exact = { p50Ms: 2499, p95Ms: 3849, p99Ms: 3969, minMs: 1000, maxMs: 3999 } as const;
    for (const [name, value] of Object.entries(exact)) {
      const kept = latency?.[name as keyof typeof exact] ?? 0;
      expect(Math.abs(kept / value - 1), name).toBeLessThanOrEqual(0.01);
    }
  },

  ...sessionDifferences,

  ...callDifferences,

  ...ccusageDifferences,
};

describe('on purpose', () => {
  test.each(Object.entries(differences))('%s', (_, show) => show());
});

test('docs/differences.md has one row for every difference, and names its test', () => {
  const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('|') && !/^\|(-| what \|)/.test(line));
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual(Object.keys(differences));
  for (const row of rows)
    expect(row.split(' | ').slice(1), row).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w.* \|$/)]);
});
