import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/compute/agents.ts';
import { jsonlSource } from '../../src/compute/jsonl-source.ts';

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
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, content = '{}\n') => writeFileSync(path.join(store, name), content);
const names = () =>
  jsonlSource
    .list(agent, null)
    .transcripts.map((transcript) => transcript.name)
    .sort();

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
    expect(names()).toEqual(counted.sort());
  });

  it('says of a transcript what identifies its content', () => {
    write('a.jsonl', 'x'.repeat(10));
    utimesSync(path.join(store, 'a.jsonl'), 1_700_000_000, 1_700_000_000.5);
    const stats = statSync(path.join(store, 'a.jsonl'), { bigint: true });
    const listing = jsonlSource.list(agent, null);
    expect(listing).toEqual({
      agent: 'ops',
      directory: store,
      indexStamp: null,
      sessions: [],
      problems: [],
      transcripts: [
        {
          name: 'a.jsonl',
          sessionId: 'a',
          class: 'primary',
          size: 10,
          mtimeMs: 1_700_000_000_500,
          stamp: `${stats.dev}:${stats.ino}:10:${stats.mtimeNs}:${stats.ctimeNs}`,
        },
      ],
    });
    expect(JSON.parse(JSON.stringify(listing))).toEqual(listing);
  });

  it('counts regular files only', () => {
    write('a.jsonl');
    mkdirSync(path.join(store, 'b.jsonl'));
    symlinkSync(path.join(store, 'a.jsonl'), path.join(store, 'c.jsonl'));
    expect(names()).toEqual(['a.jsonl']);
  });

  it('of a missing directory is empty, and nothing is wrong', () => {
    rmSync(store, { recursive: true });
    expect(jsonlSource.list(agent, null)).toMatchObject({ transcripts: [], sessions: [], problems: [] });
  });

  it('of something else than a directory is a problem', () => {
    rmSync(store, { recursive: true });
    writeFileSync(store, '');
    expect(jsonlSource.list(agent, { indexStamp: null }).problems).toContainEqual({
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
    expect(listing.transcripts.map(({ name, sessionId }) => [name, sessionId])).toEqual([
      ['a.jsonl', 'a'],
      ['../../Ops/sessions/a.jsonl', 'a'],
    ]);
    expect(listing.sessions?.map((entry) => entry.key)).toEqual(['agent:ops:main', 'agent:ops:cron:1']);
    expect(listing.transcripts.map((transcript) => readAll(listing, transcript))).toEqual(['first', 'second']);
    expect(jsonlSource.list(agent, listing).sessions).toBeNull();
    expect(jsonlSource.list({ ...agent, directories: [store] }, listing).sessions).toHaveLength(1);
  });

  // Paths longer than the system takes stand for every transcript that cannot be looked at: root may look at all others.
  it.runIf(process.platform === 'linux').each([
    [2, 'transcript_unreadable'],
    [101, 'store_unreadable'],
  ])('tells of %d transcripts that cannot be looked at by %s', (count, code) => {
    let deep = root;
    while (deep.length < 4060) deep = path.join(deep, 'd'.repeat(Math.min(250, Math.max(1, 4079 - deep.length))));
    mkdirSync(deep, { recursive: true });
    const descriptor = openSync(deep, 'r');
    const files = Array.from(
      { length: count },
      (_, i) => `/proc/self/fd/${descriptor}/${String(i).padStart(30, '0')}.jsonl`,
    );
    try {
      for (const file of files) writeFileSync(file, '');
      const { transcripts, problems } = jsonlSource.list({ ...agent, directories: [deep] }, null);
      expect(transcripts).toEqual([]);
      expect(problems.filter((problem) => problem.code === code)).toHaveLength(code === 'store_unreadable' ? 1 : count);
      if (code === 'transcript_unreadable') expect(problems[0]?.subject).toMatch(/^0{29}[01]\.jsonl$/);
    } finally {
      for (const file of files) rmSync(file, { force: true });
      closeSync(descriptor);
    }
  });
});

describe('the session index of a store', () => {
  const INDEX = '{"agent:ops:main":{"sessionId":"a"}}';

  it('is read again only when its stamp changed', () => {
    write('sessions.json', INDEX);
    const first = jsonlSource.list(agent, null);
    expect(first.sessions).toHaveLength(1);
    expect(jsonlSource.list(agent, first)).toMatchObject({ indexStamp: first.indexStamp, sessions: null });
    write('next.json', '{"agent:ops:main":{"sessionId":"a"},"agent:ops:cron:1":{"sessionId":"b"}}');
    renameSync(path.join(store, 'next.json'), path.join(store, 'sessions.json'));
    expect(jsonlSource.list(agent, first).sessions).toHaveLength(2);
  });

  it('that came or went is a change', () => {
    const none = jsonlSource.list(agent, null);
    expect(none).toMatchObject({ indexStamp: null, sessions: [] });
    expect(jsonlSource.list(agent, none)).toMatchObject({ indexStamp: null, sessions: null });
    write('sessions.json', INDEX);
    const some = jsonlSource.list(agent, none);
    expect(some.sessions).toHaveLength(1);
    rmSync(path.join(store, 'sessions.json'));
    expect(jsonlSource.list(agent, some)).toMatchObject({ indexStamp: null, sessions: [] });
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
    expect(first).toMatchObject({ sessions: [{ sessionId: 'a' }], problems: [problem] });
    expect(jsonlSource.list(agent, first)).toMatchObject({ sessions: null, problems: [problem] });
    write('sessions.json', INDEX);
    expect(jsonlSource.list(agent, first)).toMatchObject({ sessions: [{ sessionId: 'a' }], problems: [] });
  });

  it('that cannot be read is a problem, leaves what was known, and is tried again', () => {
    write('sessions.json', INDEX);
    const first = jsonlSource.list(agent, null);
    rmSync(path.join(store, 'sessions.json'));
    mkdirSync(path.join(store, 'sessions.json'));
    const problems = [{ code: 'index_unreadable', detail: 'EISDIR' }];
    expect(jsonlSource.list(agent, first)).toMatchObject({ indexStamp: first.indexStamp, sessions: null, problems });
    expect(jsonlSource.list(agent, null)).toMatchObject({ indexStamp: null, sessions: [], problems });
    rmSync(path.join(store, 'sessions.json'), { recursive: true });
    symlinkSync('sessions.json', path.join(store, 'sessions.json'));
    expect(jsonlSource.list(agent, first)).toMatchObject({ sessions: null, problems: [{ detail: 'ELOOP' }] });
    rmSync(path.join(store, 'sessions.json'));
    write('sessions.json', INDEX);
    expect(jsonlSource.list(agent, { indexStamp: null })).toMatchObject({
      sessions: [{ sessionId: 'a' }],
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
    const [listed] = jsonlSource.list(agent, null).transcripts;
    const reader = jsonlSource.open({ directory: store }, { name: 'a.jsonl' });
    expect(reader.state()).toEqual({ size: 3, stamp: listed?.stamp });
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

function readAll(store: { directory: string }, transcript: { name: string; size: number }): string {
  const reader = jsonlSource.open(store, transcript);
  const buffer = Buffer.alloc(transcript.size);
  reader.read(buffer, 0, transcript.size, 0);
  reader.close();
  return buffer.toString();
}
