/** The differences about gateway calls, each shown by an example (differences.test.ts). */
import { appendFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Era } from '../../src/compute/era.ts';
import { creatorOf } from '../../src/snapshot/rpc/creators.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore } from '../support/kept-store.ts';
import { writeJson, writeWhole } from '../support/random-store.ts';
import { payloadOf } from '../support/rpc-answers.ts';
import { temporaryStateDir } from '../support/stores.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const TODAY = '2026-11-22T10:00:00Z';

const user = (timestamp: string) => ({ timestamp, message: { role: 'user', content: 'hello' } });
const assistant = (timestamp: string, rest: object = {}) => ({
  timestamp,
  message: { role: 'assistant', provider: 'acme', model: 'm', usage: { input: 10, cost: { total: 1 } }, ...rest },
});

/** Sessions of agent main, written just before now. */
function storeOf(sessions: Readonly<Record<string, readonly object[]>>, accounting: Era | null = null): KeptStore {
  const directory = temporaryStateDir();
  for (const [name, records] of Object.entries(sessions)) {
    const path = pathOf(directory, name);
    writeWhole(path, linesOf(records));
    utimesSync(path, NOW / 1000, NOW / 1000);
  }
  const store = new KeptStore(directory, { accounting });
  store.refresh(NOW);
  return store;
}

function pathOf(directory: string, name: string): string {
  return join(directory, 'agents', 'main', 'sessions', `${name}.jsonl`);
}

const usage = (store: KeptStore, params: object = {}) => payloadOf(store, 'sessions.usage', params, NOW);

export const callDifferences: Readonly<Record<string, () => void>> = {
  'a call counts a session on while it is read again': () => {
    const store = storeOf({ a: [assistant(TODAY)] });
    appendFileSync(pathOf(store.directory, 'a'), linesOf([assistant(TODAY)]));
    store.inventory();
    expect(store.keeper.coverage().pending).toBe(1);
    expect(usage(store)).toMatchObject({ totals: { input: 10 }, sessions: [{ usage: { input: 10 } }] });
  },

  'totals of a call are those of all rows, whatever its limit': () => {
    const store = storeOf({ a: [assistant(TODAY)], b: [assistant(TODAY)], c: [assistant(TODAY)] });
    const { sessions, totals, aggregates } = usage(store, { limit: 1 });
    expect(sessions).toHaveLength(1);
    expect([totals, aggregates]).toMatchObject([{ input: 30 }, { messages: { total: 3 } }]);
  },

  'a call counts latency from a user message before its window': () => {
    const store = storeOf({ a: [user('2026-11-21T23:59:50Z'), assistant('2026-11-22T00:00:05Z')] });
    const { aggregates } = usage(store, { startDate: '2026-11-22', endDate: '2026-11-22' });
    expect(aggregates).toMatchObject({ latency: { count: 1, maxMs: 15_000 } });
  },

  'the window of a call begins and ends with a quarter hour': () => {
    const store = storeOf({ a: [assistant('2026-11-21T22:59:30Z'), assistant('2026-11-21T23:02:00Z')] });
    const window = { startDate: '2026-11-22', endDate: '2026-11-22', mode: 'specific', utcOffset: 'UTC+1:01' };
    expect(usage(store, window)).toMatchObject({ totals: { input: 10 } });
  },

  'a key is answered also where its entry names a file that is not there': () => {
    const store = storeOf({ a: [assistant(TODAY)] });
    const entry = { sessionId: 'a', sessionFile: 'moved/away.jsonl' };
    writeJson(store.directory, 'agents/main/sessions/sessions.json', { 'agent:main:main': entry });
    store.refresh(NOW);
    expect(usage(store, { key: 'agent:main:main' }).sessions).toMatchObject([{ usage: { input: 10 } }]);
  },

  'the 95th percentile of a call is that of all latencies of a transcript': () => {
    const answers = Array.from({ length: 200 }, (_, at) => assistant(TODAY, { durationMs: at * at }));
    const { aggregates } = usage(storeOf({ a: answers }, '2026.9'));
    expect(aggregates).toMatchObject({ latency: { count: 200, p95Ms: 189 * 189 } });
  },

  'a creator has neither name nor picture': () => {
    const creator = JSON.stringify([{ type: 'human', source: 'profile', id: 'p1' }, null]);
    const entry = {
      key: '',
      sessionId: '',
      updatedAt: null,
      label: null,
      channel: null,
      originProvider: null,
      creator,
    };
    const row = { agent: 'main', creator: { ...entry, familyKey: null, familySessionIds: [] } };
    expect(creatorOf(row, null)).toEqual({
      key: '["profile","p1"]',
      actor: { type: 'human', id: 'p1', identity: { type: 'profile', id: 'p1' } },
    });
  },

  'an answer to a call has at most 12 MiB of rows': () => {
    const tools = Array.from({ length: 1000 }, (_, at) => ({ type: 'toolCall', name: `${'t'.repeat(190)}${at}` }));
    const long = [assistant(TODAY, { content: tools })];
    const store = storeOf(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`s${at}`, long])));
    expect(() => usage(store, { limit: 60 })).toThrow(/12 MiB.*expected a lower limit/);
    expect(usage(store, { limit: 5 }).sessions).toHaveLength(5);
  },

  'an index that only JSON5 can read tells calls less': () => {
    const store = storeOf({ a: [assistant(TODAY)] });
    const index = join(store.directory, 'agents/main/sessions/sessions.json');
    const entry = { sessionId: 'a', channel: 'slack', model: 'm' };
    writeWhole(index, `// by hand\n${JSON.stringify({ 'agent:main:main': entry })}`);
    store.refresh(NOW);
    const [row] = usage(store).sessions as Record<string, unknown>[];
    expect(row).toMatchObject({ key: 'agent:main:main', channel: 'slack' });
    expect(row).not.toHaveProperty('model');
    writeJson(store.directory, 'agents/main/sessions/sessions.json', { 'agent:main:main': entry });
    store.refresh(NOW);
    expect((usage(store).sessions as object[])[0]).toMatchObject({ model: 'm' });
  },
};
