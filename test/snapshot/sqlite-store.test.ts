/** Agents whose sessions lie in a database: what is seen of it as it changes, and what is left alone. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TranscriptRow } from '../../src/snapshot/catalog.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { ARCHIVE, ARCHIVE_TEXT } from '../support/compressed-archive.ts';
import { contentsOf } from '../support/digest-contents.ts';
import { digestOf, linesOf } from '../support/fold-text.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { zstdFrame } from '../support/zstd-frame.ts';

const KEY = 'agent:main:discord:direct:7';
const message = (role: string, at: number, more = {}) => ({
  type: 'message',
  id: String(at),
  message: { role, timestamp: Date.UTC(2026, 10, 22, 10, at), ...more },
});
const usage = { input: 10, output: 5, cost: { total: 0.25 } };
const said = (at: number) => message('assistant', at, { provider: 'p', model: 'm', usage });
const TALK = [message('user', 0), said(1), message('toolResult', 2, { isError: true }), said(3)];

let directory: string;
let database: AgentDatabase;
let kept: KeptStore;

beforeEach(() => {
  directory = temporaryStateDir();
  database = new AgentDatabase(directory, 'main');
  database.write('s', KEY, TALK);
  kept = new KeptStore(directory);
});
afterEach(() => database.close());

/** What the only session counts for. */
function counted() {
  const [row, ...others] = kept.keeper.catalog.rows.values();
  expect(others).toEqual([]);
  return row === undefined ? null : contentsOf(kept.keeper.digestOf(row));
}

const expected = (records: readonly object[]) => contentsOf(digestOf(records, undefined, '2026.9'));

describe('a session in a database', () => {
  test('counts by the rules of 2026.9, under its entry', () => {
    expect(kept.refresh()).toMatchObject({ sessions: 1, folded: 1, problems: [] });
    expect(counted()).toEqual(expected(TALK));
    const [row] = kept.keeper.catalog.rows.values();
    expect(row?.identity).toMatchObject({ key: KEY, channel: 'discord', kind: 'direct' });
  });

  test('counts by other rules where these are to count for all', () => {
    kept = new KeptStore(directory, { accounting: '2026.5' });
    kept.refresh();
    expect(counted()).toEqual(contentsOf(digestOf(TALK)));
  });

  test('is read on from where it ended, and anew where its branch was switched or rewritten', () => {
    const [question, first, ...rest] = TALK as [object, object, ...object[]];
    const longer = [...TALK, message('user', 4), said(5)];
    const switched = [...longer.slice(0, 4), message('user', 6), said(7), said(8)];
    const shorter = [question, first];
    const rewritten = [question, said(9), ...rest];
    for (const records of [TALK, longer, switched, shorter, rewritten]) {
      database.write('s', KEY, records);
      expect(kept.refresh()).toMatchObject({ folded: 1, failed: 0 });
      expect(counted()).toEqual(expected(records));
    }
  });

  test('is found among however many', () => {
    const ids = Array.from({ length: 1_201 }, (_, at) => `n${at}`);
    database.exec('BEGIN');
    for (const id of ids) {
      database.exec(`INSERT INTO session_windows VALUES ('${id}', 'agent:main:direct:${id}', 1)`);
      database.exec(`INSERT INTO session_nodes VALUES ('agent:main:direct:${id}', '${id}', '{}', 1)`);
      database.exec(`INSERT INTO session_transcript_index_state VALUES ('${id}', 0, NULL, 0, 0, 1)`);
    }
    database.exec('COMMIT');
    expect(kept.refresh()).toMatchObject({ sessions: 1_202, folded: 1_202, failed: 0 });
    const keys = new Set([...kept.keeper.catalog.rows.values()].map(({ identity }) => identity.key));
    expect(keys.size).toBe(1_202);
  });

  test('is left alone while nothing changes', () => {
    kept.refresh();
    expect(kept.refresh()).toMatchObject({ looked: 0, changed: 0, folded: 0 });
  });

  test.each(['file', 'sqlite'] as const)('counts on from cold storage, where its archive is a %s', (storage) => {
    kept.refresh();
    const { name, archive } = database.freeze('s', TALK, zstdFrame, storage);
    const place = join(directory, 'agents', 'main', 'sessions', 'cold', name);
    if (storage === 'file') {
      expect(kept.refresh()).toMatchObject({ failed: 1 });
      expect(kept.keeper.setAside()).toMatchObject([{ detail: 'its cold archive is missing' }]);
      expect(counted()).toEqual(expected(TALK));
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, archive);
    }
    for (const service of [kept, new KeptStore(directory)]) {
      kept = service;
      expect(kept.refresh(REFRESHED_AT + 3_600_000)).toMatchObject({ folded: 1, failed: 0, problems: [] });
      expect(counted()).toEqual(expected(TALK));
    }
    database.exec('DELETE FROM session_transcript_cold_archives');
    database.write('s', KEY, [...TALK, said(5)]);
    expect(kept.refresh()).toMatchObject({ folded: 1 });
    expect(counted()).toEqual(expected([...TALK, said(5)]));
  });

  test('goes when its rows go', () => {
    kept.refresh();
    database.exec("DELETE FROM session_windows WHERE session_id = 's'");
    expect(kept.refresh()).toMatchObject({ sessions: 0, removed: 1 });
  });

  test('keeps its figures while its branch has to be worked out anew, and is reported', () => {
    kept.refresh();
    database.exec('UPDATE session_transcript_index_state SET needs_rebuild = 1');
    expect(kept.refresh()).toMatchObject({ failed: 1 });
    expect(kept.keeper.setAside()).toMatchObject([{ code: 'transcript_unreadable' }]);
    expect(counted()).toEqual(expected(TALK));
  });
});

describe('files beside a database', () => {
  const file = (name: string) => join(directory, 'agents', 'main', 'sessions', name);
  const put = (name: string, records: readonly object[]) => {
    mkdirSync(dirname(file(name)), { recursive: true });
    writeFileSync(file(name), linesOf(records));
  };

  test('count by the same rules, unless the database holds their session', () => {
    put('s.jsonl', TALK);
    put('other.jsonl', TALK);
    put('gone.jsonl.deleted.2026-11-15T07-02-25.248Z', TALK);
    expect(kept.refresh()).toMatchObject({ sessions: 3, folded: 3 });
    for (const row of kept.keeper.catalog.rows.values()) {
      expect(contentsOf(kept.keeper.digestOf(row))).toEqual(expected(TALK));
    }
  });

  test('count also where they are compressed, as what they were', () => {
    const name = `z.jsonl.deleted.2026-11-15T07-02-25.248Z.${'0a'.repeat(16)}.zst`;
    put(name, []);
    writeFileSync(file(name), ARCHIVE);
    kept.refresh();
    const row = [...kept.keeper.catalog.rows.values()].find(({ sessionId }) => sessionId === 'z');
    expect(contentsOf(kept.keeper.digestOf(row as TranscriptRow))).toEqual(
      contentsOf(digestOf(ARCHIVE_TEXT.split('\n').slice(0, -1), undefined, '2026.9')),
    );
    expect(kept.refresh()).toMatchObject({ folded: 0, failed: 0 });
  });

  test('change their figures once when the agent gets its database, and count once while sessions move', () => {
    const later = new KeptStore(directory);
    directory = later.directory;
    mkdirSync(join(directory, 'agents', 'ops', 'sessions'), { recursive: true });
    for (const name of ['a', 'b'])
      writeFileSync(join(directory, 'agents/ops/sessions', `${name}.jsonl`), linesOf(TALK));
    later.refresh();
    const ofOps = () => [...later.keeper.catalog.rows.values()].filter(({ agent }) => agent === 'ops');
    const figures = () => ofOps().map((row) => contentsOf(later.keeper.digestOf(row)));
    const before = contentsOf(digestOf(TALK));
    expect(figures()).toEqual([before, before]);
    const ops = new AgentDatabase(directory, 'ops');
    ops.write('a', 'agent:ops:main', TALK);
    later.refresh();
    expect(
      ofOps()
        .map(({ sessionId }) => sessionId)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(figures()).toEqual([expected(TALK), expected(TALK)]);
    ops.close();
  });
});

describe('a database', () => {
  test.each([
    ['that is cut off', (file: string) => truncateSync(file, 5000)],
    ['that is no database', (file: string) => writeFileSync(file, 'text'.repeat(3000))],
  ])('%s is reported, and the last figures stay', (_, damage) => {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const other = temporaryStateDir();
    const file = join(other, 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(database.file, file);
    kept = new KeptStore(other);
    kept.refresh();
    damage(file);
    const { problems, sessions } = kept.refresh();
    expect(problems).toMatchObject([{ code: 'store_unreadable', agent: 'main' }]);
    expect(problems[0]?.subject).toBe('agents/main/agent/openclaw-agent.sqlite');
    expect(sessions).toBe(1);
    expect(counted()).toEqual(expected(TALK));
    expect(readdirSync(dirname(file))).toEqual(['openclaw-agent.sqlite']);
  });

  test('without the columns that count is reported', () => {
    kept.refresh();
    database.exec('ALTER TABLE session_windows RENAME COLUMN transcript_updated_at TO other');
    expect(kept.refresh().problems).toMatchObject([
      { code: 'store_unreadable', detail: expect.stringContaining('no such column') },
    ]);
    expect(counted()).toEqual(expected(TALK));
  });

  test('of a newer version is read as long as it has them', () => {
    database.exec('PRAGMA user_version = 99');
    expect(kept.refresh()).toMatchObject({ folded: 1, problems: [] });
    expect(counted()).toEqual(expected(TALK));
  });

  test('that is half made, or being changed as a whole, is reported until it can be read again', () => {
    kept.refresh();
    database.exec('ALTER TABLE session_windows RENAME TO windows');
    expect(kept.refresh().problems).toMatchObject([{ code: 'store_unreadable' }]);
    expect(counted()).toEqual(expected(TALK));
    database.exec('ALTER TABLE windows RENAME TO session_windows');
    writeFileSync(`${database.file}-journal`, 'text');
    database.write('s', KEY, TALK.slice(0, 2));
    expect(kept.refresh().problems).toMatchObject([{ code: 'store_unreadable' }]);
    rmSync(`${database.file}-journal`);
    expect(kept.refresh().problems).toEqual([]);
    expect(counted()).toEqual(expected(TALK.slice(0, 2)));
  });

  test('without a table of sessions leaves the era of files', () => {
    database.exec('DROP TABLE session_nodes');
    expect(kept.refresh()).toMatchObject({ sessions: 0, problems: [] });
    expect(kept.keeper.catalog.rows.stores.get('main')?.era).toBe('2026.5');
  });
});
