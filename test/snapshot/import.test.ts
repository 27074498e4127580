/** Sessions that move between files and a database, as OpenClaw's import, deletions and restores move them: each counts once, all the time. */
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DigestStore } from '../../src/cache/digest-store.ts';
import { Ledger } from '../../src/cache/ledger.ts';
import { usageQuery } from '../../src/snapshot/query.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const DELETED = '.deleted.2026-11-22T00-00-00.000Z';

/** `count` answers with two calls of one tool each: the rules of 2026.5 count one of them. */
function talk(count: number): object[] {
  const content = [1, 2].map((id) => ({ type: 'toolCall', id: String(id), name: 'exec', arguments: {} }));
  const message = { role: 'assistant', provider: 'p', model: 'm', content, usage: { input: 1, cost: { total: 1 } } };
  return Array.from({ length: count }, (_, at) => ({
    timestamp: new Date(REFRESHED_AT - at * 1000).toISOString(),
    message,
  }));
}

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
});

let directory: string;
let data: string;
let ledger: Ledger;
let kept: KeptStore;
beforeEach(() => {
  directory = temporaryStateDir();
  data = temporaryStateDir();
  for (const [id, count] of Object.entries(SESSIONS)) putFile(id, count);
  kept = start();
  kept.refresh();
});

const SESSIONS = { a: 3, b: 5 };
const path = (name: string) => join(directory, 'agents', 'main', 'sessions', name);
const putFile = (id: string, count: number, suffix = '') =>
  writeWhole(path(`${id}.jsonl${suffix}`), linesOf(talk(count)));

function start(): KeptStore {
  const digests = new DigestStore(data);
  ledger = new Ledger(data, { now: () => REFRESHED_AT });
  opened.push(digests, ledger);
  return new KeptStore(directory, { digests, retention: { ledger, retain: 400 * 86_400_000 } });
}

/** What a process leaves that was killed; a new one begins with it. */
function killed(): KeptStore {
  const copy = temporaryStateDir();
  for (const name of readdirSync(data)) cpSync(join(data, name), join(copy, name));
  data = copy;
  return start();
}

function newDatabase(): AgentDatabase {
  const database = new AgentDatabase(directory, 'main');
  opened.push(database);
  return database;
}

/** What the import does with one session in the database, and with its file. */
const commit = (database: AgentDatabase, id: keyof typeof SESSIONS) =>
  database.write(id, `agent:main:direct:${id}`, talk(SESSIONS[id]));
function archive(id: string): void {
  const target = join(directory, 'agents', 'main', 'session-sqlite-import-archive', `${id}.jsonl.imported-1`);
  mkdirSync(dirname(target), { recursive: true });
  renameSync(path(`${id}.jsonl`), target);
}

/** Answers that count, calls of tools that count, and answers of transcripts that are gone. */
function counts(): [answers: number, calls: number, retained: number] {
  const { totals, messages } = usageView(kept.keeper, usageQuery({ timeZone: 'UTC', range: 'all' }), REFRESHED_AT);
  return [totals.records, messages.toolCalls, totals.retained.records];
}

describe('an import', () => {
  test('gives every session the rules of its new era once, and counts each once at every moment', () => {
    expect(counts()).toEqual([8, 8, 0]);
    const database = newDatabase();
    const steps = [
      () => commit(database, 'a'),
      () => archive('a'),
      () => commit(database, 'b'),
      () => archive('b'),
      () => {},
    ];
    for (const step of steps) {
      step();
      kept.inventory();
      while (kept.keeper.restore(REFRESHED_AT));
      expect(counts()[0]).toBe(8);
      kept.refresh();
      expect(counts()).toEqual([8, 16, 0]);
    }
    expect(ledger.page('', 9)).toEqual([]);
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 2, retained: 0, pending: 0 });
    expect(kept.refresh()).toMatchObject({ changed: 0, removed: 0, folded: 0 });
  });

  test('that ran between two refreshes, or while no service ran, retains nothing', () => {
    const before = kept;
    const database = newDatabase();
    for (const id of ['a', 'b'] as const) {
      commit(database, id);
      archive(id);
    }
    for (const service of [before, killed(), killed()]) {
      kept = service;
      kept.refresh();
      expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
    }
  });

  test('that changes the figures of a session says so, and by how much, until they are what they were', () => {
    const database = newDatabase();
    commit(database, 'b');
    database.write('a', 'agent:main:direct:a', talk(2));
    kept.refresh();
    const change = {
      ...{ agent: 'main', sessionId: 'a', key: 'agent:main:direct:a', from: '2026.5', to: '2026.9' },
      before: { records: 3, totalTokens: 3, cost: 3 },
    };
    const after = (amount: number) => ({ records: amount, totalTokens: amount, cost: amount });
    expect(kept.keeper.eraChanges()).toEqual({ sessions: [{ ...change, after: after(2) }], unnamed: 0 });
    rmSync(dirname(database.file), { recursive: true });
    kept.refresh();
    expect(kept.keeper.eraChanges().sessions).toEqual([]);
  });

  test('of a session that is retained releases it', () => {
    rmSync(path('a.jsonl'));
    kept.refresh();
    expect(counts()).toEqual([8, 8, 3]);
    commit(newDatabase(), 'a');
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
  });

  test('takes the archives of a session with it, as the gateway does', () => {
    putFile('a', 2, DELETED);
    kept.refresh();
    expect(counts()).toEqual([10, 10, 0]);
    commit(newDatabase(), 'a');
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
  });

  test('leaves a session with its old figures until what it became can be read', () => {
    const database = newDatabase();
    commit(database, 'a');
    database.exec('UPDATE session_transcript_index_state SET needs_rebuild = 1');
    expect(kept.refresh()).toMatchObject({ failed: 1 });
    expect(counts()).toEqual([8, 3 + 10, 0]);
    commit(database, 'a');
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
  });

  test('that is taken back counts by the old rules again', () => {
    const database = newDatabase();
    commit(database, 'a');
    archive('a');
    kept.refresh();
    rmSync(dirname(database.file), { recursive: true });
    putFile('a', SESSIONS.a);
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 8, 0], []]);
  });
});

describe('a session that is deleted from a database', () => {
  let database: AgentDatabase;
  beforeEach(() => {
    database = newDatabase();
    for (const id of ['a', 'b'] as const) {
      commit(database, id);
      archive(id);
    }
    kept.refresh();
  });
  const drop = () => database.exec("DELETE FROM session_windows WHERE session_id = 'a'");

  test('goes on counting, as retained, and the others are what they were', () => {
    drop();
    kept.refresh();
    expect(counts()).toEqual([8, 16, 3]);
    expect(ledger.page('', 9)).toMatchObject([{ sessionId: 'a' }]);
    kept = killed();
    kept.refresh();
    expect(counts()).toEqual([8, 16, 3]);
  });

  test('counts once when its archive is there in the same moment', () => {
    drop();
    putFile('a', SESSIONS.a, DELETED);
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
  });

  test('counts once when its archive comes later', () => {
    drop();
    kept.refresh();
    putFile('a', SESSIONS.a, DELETED);
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
  });

  test('counts once when it comes back', () => {
    drop();
    kept.refresh();
    commit(database, 'a');
    kept.refresh();
    expect([counts(), ledger.page('', 9)]).toEqual([[8, 16, 0], []]);
  });
});
