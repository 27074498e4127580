import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Agent } from '../../src/compute/agents.ts';
import { stampAt } from '../../src/compute/file-stamp.ts';
import { jsonlSource } from '../../src/compute/jsonl-source.ts';
import { SessionEntries } from '../../src/compute/session-entries.ts';
import type { StoreListing } from '../../src/compute/transcript.ts';
import type { KnownStore } from '../../src/compute/transcript-source.ts';

const TIME = '2026-05-20T21-43-43.632Z';

let root: string;
let agent: Agent;
let store: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-store-'));
  store = path.join(root, 'agents', 'ops', 'sessions');
  mkdirSync(store, { recursive: true });
  agent = { id: 'ops', directories: [store], configured: true, onDisk: true };
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

/** Makes what was written so far old enough for its stamp to be relied on. */
const settle = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_000 });

const write = (name: string, content = '{}\n') => writeFileSync(path.join(store, name), content);
const NO_FIELDS = {
  updatedAt: null,
  label: null,
  channel: null,
  originProvider: null,
  creator: null,
  familyKey: null,
  familySessionIds: [],
};
const NONE = SessionEntries.of([]);
const keysOf = ({ sessions }: StoreListing) => sessions && [...sessions].map(({ key }) => key);
const namesOf = ({ directories }: StoreListing) => directories.map(({ names }) => names && [...names].sort());

describe('listing a store', () => {
  it('finds the counted transcripts among everything else', () => {
    const counted = [`a.jsonl.deleted.${TIME}`, `a.jsonl.reset.${TIME}`, 'a-topic-1.jsonl', 'a.jsonl'];
    const others = [
      `a.jsonl.bak.${TIME}`,
      'a.trajectory.jsonl',
      'a.trajectory-path.json',
      '.usage-cost-cache.json',
      'x.zst',
    ];
    for (const name of [...counted, ...others]) write(name);
    settle();
    const { dev, ino } = statSync(store, { bigint: true });
    const listing = jsonlSource.list(agent, null);
    expect(listing).toEqual({
      agent: 'ops',
      directory: store,
      era: '2026.5',
      indexStamp: null,
      sessions: NONE,
      problems: [],
      directories: [
        { path: store, prefix: '', identity: `${dev}:${ino}`, stamp: expect.any(String), names: expect.any(Array) },
      ],
    });
    expect(namesOf(listing)).toEqual([counted.sort()]);
  });

  it('again gives no names while they are the same, and all when one came, went or got another', () => {
    write('a.jsonl');
    settle();
    const first = jsonlSource.list(agent, null);
    appendFileSync(path.join(store, 'a.jsonl'), 'more');
    const again = jsonlSource.list(agent, first);
    expect(again.directories).toEqual([{ ...first.directories[0], names: null }]);
    write('b.jsonl');
    expect(namesOf(jsonlSource.list(agent, again))).toEqual([['a.jsonl', 'b.jsonl']]);
  });

  it('that was just written to does not rely on its stamp: the file system may date the next change the same', () => {
    write('a.jsonl');
    const young = jsonlSource.list(agent, null);
    expect(young.directories[0]?.stamp).toBeNull();
    expect(namesOf(jsonlSource.list(agent, young))).toEqual([['a.jsonl']]);
  });

  it('leaves a directory alone that is not to be listed now, unless it was replaced', () => {
    const [known] = jsonlSource.list(agent, null).directories;
    const left = { directory: store, indexStamp: null, directories: [{ ...known, path: store, leave: true }] };
    write('a.jsonl');
    expect(namesOf(jsonlSource.list(agent, left as unknown as KnownStore))).toEqual([null]);
    renameSync(store, path.join(root, 'aside'));
    mkdirSync(store);
    write('b.jsonl');
    expect(namesOf(jsonlSource.list(agent, left as unknown as KnownStore))).toEqual([['b.jsonl']]);
  });

  it('of a missing directory is empty, and nothing is wrong', () => {
    rmSync(store, { recursive: true });
    const listing = jsonlSource.list(agent, null);
    expect(listing).toMatchObject({ sessions: NONE, problems: [] });
    expect(listing.directories).toEqual([{ path: store, prefix: '', identity: null, stamp: null, names: [] }]);
  });

  it('of something else than a directory is a problem', () => {
    rmSync(store, { recursive: true });
    writeFileSync(store, '');
    const { problems, directories } = jsonlSource.list(agent, null);
    expect(directories).toEqual([{ path: store, prefix: '', identity: null, stamp: null, names: null }]);
    expect(problems).toContainEqual({
      code: 'store_unreadable',
      agent: 'ops',
      subject: 'agents/ops/sessions',
      detail: 'ENOTDIR',
    });
  });

  it('tells the transcripts of several directories apart, and those of a first one by their plain names', () => {
    const second = path.join(root, 'agents', 'Ops', 'sessions');
    mkdirSync(second, { recursive: true });
    write('a.jsonl', 'first');
    write('sessions.json', '{"agent:ops:main":{"sessionId":"a"}}');
    writeFileSync(path.join(second, 'a.jsonl'), 'second');
    writeFileSync(path.join(second, 'sessions.json'), '{"agent:ops:cron:1":{"sessionId":"b"}}');
    agent = { ...agent, directories: [store, second] };
    const listing = jsonlSource.list(agent, null);
    expect(listing.directory).toBe(store);
    expect(listing.directories.map(({ path, prefix }) => [path, prefix])).toEqual([
      [store, ''],
      [second, '../../Ops/sessions/'],
    ]);
    expect(namesOf(listing)).toEqual([['a.jsonl'], ['a.jsonl']]);
    expect(keysOf(listing)).toEqual(['agent:ops:main', 'agent:ops:cron:1']);
    expect(listing.directories.map(({ prefix }) => readAll(listing, `${prefix}a.jsonl`))).toEqual(['first', 'second']);
    expect(jsonlSource.list(agent, listing).sessions).toBeNull();
    expect(keysOf(jsonlSource.list({ ...agent, directories: [store] }, listing))).toHaveLength(1);
  });
});

describe('the session index of a store', () => {
  const INDEX = '{"agent:ops:main":{"sessionId":"a"}}';
  const ONE = SessionEntries.of([{ ...NO_FIELDS, key: 'agent:ops:main', sessionId: 'a' }]);

  it('is read again only when its stamp changed', () => {
    write('sessions.json', INDEX);
    const first = jsonlSource.list(agent, null);
    expect(keysOf(first)).toHaveLength(1);
    expect(jsonlSource.list(agent, first)).toMatchObject({ indexStamp: first.indexStamp, sessions: null });
    write('next.json', '{"agent:ops:main":{"sessionId":"a"},"agent:ops:cron:1":{"sessionId":"b"}}');
    renameSync(path.join(store, 'next.json'), path.join(store, 'sessions.json'));
    expect(keysOf(jsonlSource.list(agent, first))).toHaveLength(2);
  });

  it('that came or went is a change', () => {
    const none = jsonlSource.list(agent, null);
    expect(none).toMatchObject({ indexStamp: null, sessions: NONE });
    expect(jsonlSource.list(agent, none)).toMatchObject({ indexStamp: null, sessions: null });
    write('sessions.json', INDEX);
    const some = jsonlSource.list(agent, none);
    expect(keysOf(some)).toHaveLength(1);
    rmSync(path.join(store, 'sessions.json'));
    expect(jsonlSource.list(agent, some)).toMatchObject({ indexStamp: null, sessions: NONE });
  });

  it('that is broken gives what stands before the break, and stays reported without being read again', () => {
    write('sessions.json', `${INDEX.slice(0, -1)},"agent:ops:cron:1":{"sess`);
    const problem = {
      code: 'index_unreadable',
      agent: 'ops',
      subject: 'agents/ops/sessions/sessions.json',
      detail: 'it is JSON up to byte 61 only; the entries before it are used',
    };
    const first = jsonlSource.list(agent, null);
    expect(first).toMatchObject({ sessions: ONE, problems: [problem] });
    expect(jsonlSource.list(agent, first)).toMatchObject({ sessions: null, problems: [problem] });
    write('sessions.json', INDEX);
    expect(jsonlSource.list(agent, first)).toMatchObject({ sessions: ONE, problems: [] });
  });

  it('that cannot be read is a problem, leaves what was known, and is tried again', () => {
    write('sessions.json', INDEX);
    const first = jsonlSource.list(agent, null);
    rmSync(path.join(store, 'sessions.json'));
    mkdirSync(path.join(store, 'sessions.json'));
    const problems = [{ code: 'index_unreadable', detail: 'EISDIR' }];
    expect(jsonlSource.list(agent, first)).toMatchObject({ indexStamp: first.indexStamp, sessions: null, problems });
    expect(jsonlSource.list(agent, null)).toMatchObject({ indexStamp: null, sessions: NONE, problems });
    rmSync(path.join(store, 'sessions.json'), { recursive: true });
    symlinkSync('sessions.json', path.join(store, 'sessions.json'));
    expect(jsonlSource.list(agent, first)).toMatchObject({ sessions: null, problems: [{ detail: 'ELOOP' }] });
    rmSync(path.join(store, 'sessions.json'));
    write('sessions.json', INDEX);
    expect(jsonlSource.list(agent, { ...first, indexStamp: null })).toMatchObject({
      sessions: ONE,
      problems: [],
    });
  });
});

describe('reading a transcript', () => {
  it('goes by position, and ends at its end', () => {
    write('a.jsonl', '0123456789');
    const reader = jsonlSource.open({ directory: store }, { name: 'a.jsonl' });
    const buffer = Buffer.alloc(8, '.');
    expect(reader.read(buffer, 2, 6, 3)).toBe(4);
    expect(buffer.toString()).toBe('..3456..');
    expect(reader.read(buffer, 0, 8, 7)).toBe(3);
    expect(reader.read(buffer, 0, 8, 10)).toBe(0);
    reader.close();
  });

  it('says how large it is now, and stays with its file when another takes the name', () => {
    write('a.jsonl', 'old');
    const stamp = stampAt(path.join(store, 'a.jsonl'));
    const reader = jsonlSource.open({ directory: store }, { name: 'a.jsonl' });
    expect(reader.state()).toEqual({ size: 3, stamp });
    appendFileSync(path.join(store, 'a.jsonl'), '+');
    expect(reader.state().size).toBe(4);
    write('b', 'new and longer');
    renameSync(path.join(store, 'b'), path.join(store, 'a.jsonl'));
    expect(reader.state().size).toBe(4);
    reader.close();
  });

  it('fails with the error of the file system where it is gone, or a link took its place', () => {
    expect(() => jsonlSource.open({ directory: store }, { name: 'a.jsonl' })).toThrow(/ENOENT/);
    write('b.jsonl');
    symlinkSync('b.jsonl', path.join(store, 'a.jsonl'));
    expect(() => jsonlSource.open({ directory: store }, { name: 'a.jsonl' })).toThrow(/ELOOP/);
  });
});

function readAll(store: { directory: string }, name: string): string {
  const reader = jsonlSource.open(store, { name });
  const buffer = Buffer.alloc(reader.state().size);
  reader.read(buffer, 0, buffer.length, 0);
  reader.close();
  return buffer.toString();
}
