import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/cache/database.ts';
import { DigestStore, type StoredDigest, type StoredIdentity } from '../../src/cache/digest-store.ts';
import { MIB } from '../../src/units.ts';
import { temporaryStateDir } from '../support/stores.ts';

const opened: DigestStore[] = [];
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

function open(directory = temporaryStateDir()): DigestStore {
  const store = new DigestStore(directory);
  opened.push(store);
  return store;
}

/** A copy of the files, as a process that was killed leaves them. */
function copyOf(directory: string): string {
  const copy = temporaryStateDir();
  for (const suffix of ['', '-wal']) {
    const file = `digests.sqlite${suffix}`;
    if (existsSync(join(directory, file))) writeFileSync(join(copy, file), readFileSync(join(directory, file)));
  }
  return copy;
}

const IDENTITY: StoredIdentity = {
  key: 'agent:main:telegram:direct:1',
  label: null,
  channel: 'telegram',
  kind: 'direct',
  family: 'agent:main:telegram:direct:1',
  updatedAt: 1_790_000_000_000.5,
};

function stored(id: string, stamp: string, digest: Uint8Array, more: Partial<StoredDigest> = {}): StoredDigest {
  return { id, stamp, digest, identity: IDENTITY, supersedes: [], ...more };
}

function digests(count: number, size = 500): StoredDigest[] {
  return Array.from({ length: count }, (_, at) =>
    stored(`main/s${at}.jsonl`, `stamp${at}`, new Uint8Array(size).fill(at)),
  );
}

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString());
const put = (store: DigestStore, id: string, stamp: string, content: string) =>
  store.write([stored(id, stamp, Buffer.from(content))], []);

describe('the digest store', () => {
  test('gives back what was written, at its stamp only, the latest of each transcript', () => {
    const store = open();
    put(store, 'a', 's1', 'one');
    put(store, 'b', 's1', 'other');
    put(store, 'a', 's2', 'two');
    expect(text(store.get('a', 's2'))).toBe('two');
    expect(store.get('a', 's1')).toBeUndefined();
    expect(text(store.get('b', 's1'))).toBe('other');
    expect(store.get('c', 's1')).toBeUndefined();
    store.write([], ['a', 'unknown']);
    expect(store.get('a', 's2')).toBeUndefined();
    expect(store.state()).toEqual({ available: true, problem: null, writes: 4 });
  });

  test('keeps none of a batch of which one cannot be written, and goes on with the next', () => {
    const store = open();
    const broken = stored('b', 's', null as unknown as Uint8Array, { identity: { ...IDENTITY, channel: 'new' } });
    expect(store.write([stored('a', 's', Buffer.from('x')), broken], [])).toBe(false);
    expect(store.state()).toMatchObject({ available: true, problem: expect.stringContaining('NOT NULL'), writes: 0 });
    expect(store.get('a', 's')).toBeUndefined();
    expect(store.write([{ ...broken, digest: Buffer.from('x') }], [])).toBe(true);
    expect(store.state()).toEqual({ available: true, problem: null, writes: 1 });
    expect(store.find('b')?.identity.channel).toBe('new');
  });

  test('keeps who a transcript belonged to, and what it replaced', () => {
    const directory = temporaryStateDir();
    const store = open(directory);
    const orphan = { key: null, label: 'Ü', channel: 'none', kind: 'orphan', family: 'agent:main:a', updatedAt: 5 };
    const all = [
      stored('main/a', 's', Buffer.from('a'), { identity: orphan }),
      stored('main/b', 's', Buffer.from('b'), { supersedes: [['main/x', '1:2@e']] }),
      stored('main/c', 's', Buffer.from('c'), { identity: { ...IDENTITY, family: 'other' } }),
    ];
    store.write(all, []);
    store.write([], [], [{ id: 'main/b', identity: { ...IDENTITY, kind: 'group' } }]);
    const again = open(copyOf(directory));
    const found = ['main/a', 'main/b', 'main/c'].map((id) => {
      const { digest, ...rest } = again.find(id) as StoredDigest;
      return { ...rest, digest: Buffer.from(digest) };
    });
    expect(found).toEqual([all[0], { ...all[1], identity: { ...IDENTITY, kind: 'group' } }, all[2]]);
    expect(again.find('main/d')).toBeUndefined();
    expect([again.ids('', 2), again.ids('main/b', 2), again.ids('main/c', 2)]).toEqual([
      ['main/a', 'main/b'],
      ['main/c'],
      [],
    ]);
  });

  test('writes nothing when there is nothing to write', () => {
    const store = open();
    store.write([], []);
    expect(store.state().writes).toBe(0);
  });

  test('is for the user alone, and so are its journals', () => {
    const directory = join(temporaryStateDir(), 'cache');
    put(open(directory), 'a', 's', 'x');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal']) {
      expect(statSync(join(directory, `digests.sqlite${suffix}`)).mode & 0o777).toBe(0o600);
    }
  });

  test('outlives the process that wrote it, without having been closed', () => {
    const directory = temporaryStateDir();
    const all = digests(300);
    open(directory).write(all, []);
    const again = open(copyOf(directory));
    for (const { id, stamp, digest } of all) expect(Buffer.from(again.get(id, stamp) ?? []).equals(digest)).toBe(true);
  });

  test('keeps its journal bounded, also after a batch that was not', () => {
    const directory = temporaryStateDir();
    const journal = () => statSync(join(directory, 'digests.sqlite-wal')).size;
    const store = open(directory);
    for (let number = 0; number < 400; number++) {
      store.write(digests(30, 1000), []);
      store.get('main/s1.jsonl', 'stamp1');
    }
    expect(journal()).toBeLessThan(17 * MIB);
    store.write(digests(256, 100_000), []);
    for (let number = 0; number < 100; number++) store.write(digests(30, 1000), []);
    expect(journal()).toBeLessThan(17 * MIB);
  });

  test('is held by one at a time: a second one does without it, says so, and takes over when it can', () => {
    const directory = temporaryStateDir();
    put(open(directory), 'a', 's', 'x');
    const second = open(directory);
    expect(second.state()).toEqual({ available: false, problem: 'database is locked', writes: 0 });
    expect(second.get('a', 's')).toBeUndefined();
    put(second, 'a', 's', 'y');
    expect(second.state()).toMatchObject({ available: false, writes: 0 });
    for (const suffix of ['', '-wal']) rmSync(join(directory, `digests.sqlite${suffix}`));
    put(second, 'a', 's', 'y');
    expect(second.state()).toEqual({ available: true, problem: null, writes: 1 });
    expect(text(second.get('a', 's'))).toBe('y');
  });

  test('drops what another format wrote', () => {
    const directory = temporaryStateDir();
    put(open(directory), 'a', 's', 'x');
    const copy = copyOf(directory);
    openDatabase(join(copy, 'digests.sqlite')).exec('PRAGMA user_version = 999');
    const again = open(copyOf(copy));
    expect(again.state()).toMatchObject({ available: true, problem: null });
    expect(again.get('a', 's')).toBeUndefined();
    put(again, 'a', 's', 'y');
    expect(text(again.get('a', 's'))).toBe('y');
  });

  test('goes on without a directory, says why, and comes back when there is one', () => {
    const directory = join(temporaryStateDir(), 'cache');
    writeFileSync(directory, 'a file in its place');
    const store = open(directory);
    expect(store.state()).toMatchObject({ available: false, problem: expect.stringMatching(/EEXIST|ENOTDIR/) });
    put(store, 'a', 's', 'x');
    expect(store.get('a', 's')).toBeUndefined();
    rmSync(directory);
    put(store, 'a', 's', 'x');
    expect(store.state()).toEqual({ available: true, problem: null, writes: 1 });
    expect(text(store.get('a', 's'))).toBe('x');
  });
});

describe('a damaged file', () => {
  const rebuilt = { available: true, problem: expect.stringMatching(/^rebuilt: .*(malformed|not a database)/) };

  test.each([
    ['no database at all', () => Buffer.from('this is not a database, and never was one'.repeat(50))],
    ['one whose first page is rubbish', (file: Buffer) => file.fill(0x55, 16, 4096)],
  ])('%s is rebuilt, which is said until a write went well', (_, damage) => {
    const directory = temporaryStateDir();
    open(directory).write(digests(200), []);
    const copy = withoutJournal(directory);
    const path = join(copy, 'digests.sqlite');
    writeFileSync(path, damage(readFileSync(path)));
    const store = open(copy);
    expect(store.state()).toMatchObject(rebuilt);
    put(store, 'a', 's', 'x');
    expect(store.state()).toEqual({ available: true, problem: null, writes: 1 });
    expect(text(store.get('a', 's'))).toBe('x');
  });

  test('of which only inner pages are rubbish is rebuilt when they are met', () => {
    const directory = temporaryStateDir();
    const all = digests(500);
    open(directory).write(all, []);
    const copy = withoutJournal(directory);
    const path = join(copy, 'digests.sqlite');
    const file = readFileSync(path);
    writeFileSync(path, file.fill(0xff, 2 * 4096));
    const store = open(copy);
    expect(store.state()).toEqual({ available: true, problem: null, writes: 0 });
    for (const { id, stamp } of all) store.get(id, stamp);
    expect(store.state()).toMatchObject(rebuilt);
    put(store, 'a', 's', 'x');
    expect(text(store.get('a', 's'))).toBe('x');
  });

  test('cut short is rebuilt', () => {
    const directory = temporaryStateDir();
    open(directory).write(digests(500), []);
    const copy = withoutJournal(directory);
    truncateSync(join(copy, 'digests.sqlite'), 3 * 4096 + 7);
    const store = open(copy);
    store.write(digests(500), []);
    store.write(digests(500), []);
    expect(store.state()).toMatchObject({ available: true, problem: null });
    expect(store.get('main/s499.jsonl', 'stamp499')?.byteLength).toBe(500);
  });

  /** A copy of the store with everything in its main file. */
  function withoutJournal(directory: string): string {
    const copy = copyOf(directory);
    const database = openDatabase(join(copy, 'digests.sqlite'));
    database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    return copyOf(copy);
  }
});

describe('on a small file system', () => {
  test('a full one keeps what is there, says so, and goes on when there is room', (context) => {
    const mount = smallFileSystem();
    if (mount === null) return context.skip('file systems cannot be mounted here');
    const store = new DigestStore(mount.directory);
    try {
      put(store, 'first', 's', 'x');
      store.write(digests(400, 4000), []);
      expect(store.state()).toMatchObject({ available: true, problem: expect.stringMatching(/full|I\/O/), writes: 1 });
      expect(text(store.get('first', 's'))).toBe('x');
      expect(store.get('main/s0.jsonl', 'stamp0')).toBeUndefined();
      mount.remount('size=64m');
      store.write(digests(400, 4000), []);
      expect(store.state()).toEqual({ available: true, problem: null, writes: 2 });
      expect(store.get('main/s399.jsonl', 'stamp399')?.byteLength).toBe(4000);
    } finally {
      store.close();
      mount.unmount();
    }
  });

  test('a read-only one is a problem and no failure', (context) => {
    const mount = smallFileSystem();
    if (mount === null) return context.skip('file systems cannot be mounted here');
    mount.remount('ro');
    const store = new DigestStore(mount.directory);
    try {
      expect(store.state()).toMatchObject({ available: false, problem: expect.stringMatching(/EROFS|read-?only/i) });
      put(store, 'a', 's', 'x');
      expect(store.get('a', 's')).toBeUndefined();
      mount.remount('rw');
      put(store, 'a', 's', 'x');
      expect(store.state()).toEqual({ available: true, problem: null, writes: 1 });
    } finally {
      store.close();
      mount.unmount();
    }
  });

  /** Half a megabyte of memory as a directory; null where this process may not mount. */
  function smallFileSystem() {
    const directory = temporaryStateDir();
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });
    try {
      run('mount', '-t', 'tmpfs', '-o', 'size=512k', 'clawgauge-test', directory);
    } catch {
      return null;
    }
    return {
      directory,
      remount: (options: string) => run('mount', '-o', `remount,${options}`, directory),
      unmount: () => run('umount', '--lazy', directory),
    };
  }
});
