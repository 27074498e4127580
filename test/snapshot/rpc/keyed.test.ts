/** `sessions.usage` of one key: which transcript it is about, and what is refused. */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../support/fold-text.ts';
import { KeptStore } from '../../support/kept-store.ts';
import { writeJson, writeWhole } from '../../support/random-store.ts';
import { payloadOf } from '../../support/rpc-answers.ts';
import { temporaryStateDir } from '../../support/stores.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

/** Sessions of agent main by file name, with so many input tokens each. */
function storeOf(files: Readonly<Record<string, number>>, index: object): KeptStore {
  const directory = temporaryStateDir();
  for (const [name, input] of Object.entries(files)) {
    const path = join(directory, 'agents/main/sessions', name);
    const timestamp = '2026-11-22T10:00:00Z';
    writeWhole(path, linesOf([{ timestamp, message: { role: 'assistant', model: 'm', usage: { input } } }]));
    utimesSync(path, NOW / 1000, NOW / 1000);
  }
  writeJson(directory, 'agents/main/sessions/sessions.json', index);
  const store = new KeptStore(directory);
  store.refresh(NOW);
  return store;
}

const KEY = 'agent:main:telegram:group:1';
const rows = (store: KeptStore, key: string, params: object = {}) =>
  (payloadOf(store, 'sessions.usage', { key, ...params }, NOW).sessions as Record<string, unknown>[]).map(
    ({ key: shown, sessionId, usage }) => [shown, sessionId, (usage as { input: number }).input],
  );

describe('the session of a key', () => {
  test('is that of its entry, in whatever case it is written', () => {
    const store = storeOf({ 'a.jsonl': 1, 'b.jsonl': 2 }, { [KEY]: { sessionId: 'a' } });
    expect(rows(store, KEY)).toEqual([[KEY, 'a', 1]]);
    expect(rows(store, ' Agent:Main:Telegram:Group:1 ')).toEqual([[KEY, 'a', 1]]);
    expect(rows(store, 'telegram:group:1')).toEqual([[KEY, 'a', 1]]);
  });

  test('is the file that the entry names, also where that is a topic of it', () => {
    const entry = { sessionId: 'a', sessionFile: '/elsewhere/a-topic-7.jsonl' };
    const store = storeOf({ 'a.jsonl': 1, 'a-topic-7.jsonl': 2 }, { [KEY]: entry });
    expect(rows(store, KEY)).toEqual([[KEY, 'a', 2]]);
  });

  test('is the archive that was made last where there is no other file', () => {
    const files = { 'a.jsonl.reset.2026-11-20T00-00-00Z': 1, 'a.jsonl.deleted.2026-11-21T00-00-00Z': 2 };
    expect(rows(storeOf(files, { [KEY]: { sessionId: 'a' } }), KEY)).toEqual([[KEY, 'a', 2]]);
  });

  test('can be named by its id, with or without an entry', () => {
    const store = storeOf({ 'a.jsonl': 1, 'b.jsonl': 2 }, { [KEY]: { sessionId: 'a' } });
    expect(rows(store, 'agent:main:a')).toEqual([[KEY, 'a', 1]]);
    expect(rows(store, 'agent:main:b')).toEqual([['agent:main:b', 'b', 2]]);
  });

  test('has the earlier ones of its family with it, if those are asked for', () => {
    const entry = { sessionId: 'a', usageFamilySessionIds: ['old', 'a', 'gone'] };
    const store = storeOf({ 'a.jsonl': 1, 'old.jsonl.reset.2026-11-20T00-00-00Z': 4 }, { [KEY]: entry });
    expect(rows(store, KEY)).toEqual([[KEY, 'a', 1]]);
    expect(rows(store, KEY, { groupBy: 'family' })).toEqual([[KEY, 'a', 5]]);
  });

  test('is none where there is no transcript', () => {
    expect(rows(storeOf({ 'b.jsonl': 2 }, { [KEY]: { sessionId: 'a' } }), KEY)).toEqual([]);
    expect(rows(storeOf({ 'b.jsonl': 2 }, {}), 'agent:main:nothing')).toEqual([]);
  });

  test('is refused where the key can be no session', () => {
    const store = storeOf({}, {});
    expect(() => rows(store, KEY)).toThrow(`Invalid session reference: ${KEY}`);
    expect(() => rows(store, 'agent:main:../../etc/passwd')).toThrow('Invalid session reference');
  });
});
