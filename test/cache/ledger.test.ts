/** The ledger: what it keeps, what becomes of a damaged or a foreign one, and what waits while it cannot be written. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/cache/database.ts';
import { Ledger, type RetainedTranscript } from '../../src/cache/ledger.ts';
import { copyDatabase, MIGRATIONS, type Migration } from '../../src/cache/ledger-schema.ts';
import { temporaryStateDir } from '../support/stores.ts';

const NOW = Date.parse('2026-11-22T12:34:56.789Z');

const opened: Ledger[] = [];
afterEach(() => {
  for (const ledger of opened.splice(0)) ledger.close();
});

function open(directory: string, migrations?: readonly Migration[]): Ledger {
  const ledger = new Ledger(directory, { now: () => NOW }, migrations);
  opened.push(ledger);
  return ledger;
}

function retained(name: string, more: Partial<RetainedTranscript> = {}): RetainedTranscript {
  return {
    id: `main/${name}`,
    stamp: `1:2:3:4:5@epoch`,
    agent: 'main',
    sessionId: name,
    name,
    class: 'primary',
    key: 'agent:main:telegram:direct:+4912345',
    label: null,
    channel: 'telegram',
    kind: 'direct',
    family: 'agent:main:telegram:direct:+4912345',
    updatedAt: NOW - 5.5,
    retainedAt: NOW,
    lastActivity: NOW - 10,
    records: 3,
    cost: 2 ** 53 - 1,
    digest: Buffer.from(`digest of ${name}`),
    ...more,
  };
}

function keep(ledger: Ledger, ...all: RetainedTranscript[]): boolean {
  for (const one of all) ledger.put(one);
  return ledger.flush();
}

/** Brings everything into the main file. */
function emptyJournal(path: string): void {
  const database = openDatabase(path);
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  database.close();
}

const plain = (rows: readonly RetainedTranscript[]) =>
  rows.map((row) => ({ ...row, digest: Buffer.from(row.digest).toString() }));
const everything = (ledger: Ledger) => plain(ledger.page('', 1000));
const good = { available: true, problem: null, movedAside: null, waiting: 0 };

describe('the ledger', () => {
  test('gives back what was entered, page by page, also to the next process', () => {
    const directory = temporaryStateDir();
    const first = open(directory);
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => retained(name, { label: name === 'b' ? 'Ü' : null }));
    expect(keep(first, ...all)).toBe(true);
    first.close();
    const again = open(directory);
    expect(again.state()).toEqual(good);
    expect(everything(again)).toEqual(plain(all));
    expect(plain(again.page('main/b', 2))).toEqual(plain(all.slice(2, 4)));
    expect(again.page('main/e', 2)).toEqual([]);
  });

  test('gives a digest at its stamp only, and forgets what is removed', () => {
    const ledger = open(temporaryStateDir());
    keep(ledger, retained('a'));
    const bytes = (name: string, stamp = '1:2:3:4:5@epoch') => ledger.get(`main/${name}`, stamp)?.byteLength;
    expect([bytes('a'), bytes('a', 'other'), bytes('b')]).toEqual([11, undefined, undefined]);
    ledger.remove('main/a');
    expect([bytes('a'), ledger.state().waiting]).toEqual([undefined, 1]);
    expect(ledger.flush()).toBe(true);
    expect([bytes('a'), ledger.state().waiting]).toEqual([undefined, 0]);
  });

  test('is for the user alone, and so are its journals and copies', () => {
    const directory = join(temporaryStateDir(), 'data');
    keep(open(directory), retained('a'));
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory)).toContain('ledger.sqlite-wal');
    const database = openDatabase(join(directory, 'ledger.sqlite'));
    copyDatabase(database, join(directory, 'copy'));
    database.close();
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
  });

  test('can be copied while it is open, and the copy holds all', () => {
    const directory = temporaryStateDir();
    const ledger = open(directory);
    keep(ledger, retained('a'), retained('b'));
    const copy = temporaryStateDir();
    const database = openDatabase(join(directory, 'ledger.sqlite'));
    copyDatabase(database, join(copy, 'ledger.sqlite'));
    expect(() => copyDatabase(database, join(copy, 'ledger.sqlite'))).toThrow('EEXIST');
    database.close();
    expect(keep(ledger, retained('c'))).toBe(true);
    expect(everything(open(copy)).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('what cannot be written', () => {
  test('waits in memory, is there all the same, and is written when it can be', () => {
    const directory = join(temporaryStateDir(), 'data');
    writeFileSync(directory, 'a file in its place');
    const ledger = open(directory);
    expect(keep(ledger, retained('a'))).toBe(false);
    ledger.remove('main/unknown');
    expect(ledger.state()).toMatchObject({
      available: false,
      problem: expect.stringMatching(/EEXIST|ENOTDIR/),
      waiting: 2,
    });
    expect(ledger.get('main/a', '1:2:3:4:5@epoch')?.byteLength).toBe(11);
    rmSync(directory);
    expect(ledger.flush()).toBe(true);
    expect(ledger.state()).toEqual(good);
    expect(everything(ledger)).toEqual(plain([retained('a')]));
  });

  test('of a batch is none of it', () => {
    const ledger = open(temporaryStateDir());
    const broken = retained('b', { digest: null as unknown as Uint8Array });
    expect(() => keep(ledger, retained('a'), broken)).toThrow(TypeError);
    const nameless = retained('b', { family: null as unknown as string });
    expect(keep(ledger, retained('a'), nameless)).toBe(false);
    expect(ledger.state()).toMatchObject({ available: true, problem: expect.stringContaining('NOT NULL'), waiting: 2 });
    expect(ledger.page('', 10)).toEqual([]);
  });

  test('has a bound', () => {
    const directory = join(temporaryStateDir(), 'data');
    writeFileSync(directory, 'a file in its place');
    const ledger = open(directory);
    const big = new Uint8Array(8 * 1024 * 1024);
    keep(ledger, retained('a', { digest: big }));
    expect(ledger.hasRoom).toBe(true);
    keep(ledger, retained('a', { digest: big }), retained('b', { digest: big }));
    expect(ledger.hasRoom).toBe(false);
    ledger.remove('main/a');
    expect(ledger.hasRoom).toBe(true);
  });
});

describe('a damaged ledger', () => {
  const aside = 'ledger.corrupt-2026-11-22T12-34-56Z.sqlite';

  test.each([
    ['that is no database', () => Buffer.from('this is not a database, and never was one'.repeat(50))],
    ['of which an inner page is rubbish', (file: Buffer) => file.fill(0xff, 2 * 4096)],
    ['that was cut short', (file: Buffer) => file.subarray(0, 3 * 4096 + 7)],
  ])('%s is moved aside, and a new one begun', (_, damage) => {
    const directory = temporaryStateDir();
    const before = open(directory);
    keep(before, ...Array.from({ length: 300 }, (_, at) => retained(`s${at}`)));
    before.close();
    const path = join(directory, 'ledger.sqlite');
    emptyJournal(path);
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    const ledger = open(directory);
    expect(ledger.state()).toEqual({ ...good, movedAside: aside });
    expect(ledger.page('', 10)).toEqual([]);
    expect(readFileSync(join(directory, aside)).equals(damaged)).toBe(true);
    expect(keep(ledger, retained('a'))).toBe(true);
    expect(ledger.state().movedAside).toBe(aside);
    ledger.close();
    expect(everything(open(directory))).toHaveLength(1);
  });
});

describe('another version', () => {
  /** What a ledger of this version is copied to. */
  const BACKUP = `ledger.sqlite.${MIGRATIONS.length}.bak`;
  const more: Migration[] = [
    ...MIGRATIONS,
    (database) => database.exec('ALTER TABLE retained ADD COLUMN note TEXT'),
    (database) => database.exec("UPDATE retained SET note = 'migrated'"),
  ];
  const note = (directory: string) =>
    openDatabase(join(directory, 'ledger.sqlite')).prepare('SELECT * FROM retained').get()?.note;

  test('that is older is migrated, and was copied before', () => {
    const directory = temporaryStateDir();
    const older = open(directory);
    keep(older, retained('a'));
    older.close();
    expect(existsSync(join(directory, BACKUP))).toBe(false);
    const newer = open(directory, more);
    expect(newer.state()).toEqual(good);
    newer.close();
    expect(note(directory)).toBe('migrated');
    const backup = openDatabase(join(directory, BACKUP));
    expect(backup.prepare('PRAGMA user_version').get()?.user_version).toBe(MIGRATIONS.length);
    expect(backup.prepare('SELECT name FROM retained').get()?.name).toBe('a');
    expect(statSync(join(directory, BACKUP)).mode & 0o777).toBe(0o600);
  });

  test('whose migration fails stays as it was, is said, and is migrated by the next try', () => {
    const directory = temporaryStateDir();
    const older = open(directory);
    keep(older, retained('a'));
    older.close();
    const failing: Migration[] = [...more, () => { throw new Error('cannot'); }]; // biome-ignore format: one line
    expect(open(directory, failing).state()).toMatchObject({ available: false, problem: 'cannot' });
    expect(note(directory)).toBeUndefined();
    expect(open(directory, more).state()).toEqual(good);
    expect(note(directory)).toBe('migrated');
  });

  test.each([
    [
      'newer',
      'PRAGMA user_version = 999',
      new RegExp(`expected a ledger of version ${MIGRATIONS.length} or older; found version 999`),
    ],
    ['none of ours', 'PRAGMA user_version = 0', /expected a ledger; found the database of something else/],
  ])('that is %s is not touched', (_, change, problem) => {
    const directory = temporaryStateDir();
    const older = open(directory);
    keep(older, retained('a'));
    older.close();
    const database = openDatabase(join(directory, 'ledger.sqlite'));
    database.exec(change);
    database.close();
    emptyJournal(join(directory, 'ledger.sqlite'));
    const bytes = readFileSync(join(directory, 'ledger.sqlite'));
    const ledger = open(directory);
    expect(keep(ledger, retained('b'))).toBe(false);
    expect(ledger.state()).toMatchObject({ available: false, problem: expect.stringMatching(problem), waiting: 1 });
    expect(ledger.get('main/b', '1:2:3:4:5@epoch')).toBeDefined();
    ledger.close();
    expect(readFileSync(join(directory, 'ledger.sqlite')).equals(bytes)).toBe(true);
    expect(readdirSync(directory).filter((name) => !/^ledger\.sqlite(-wal|-shm)?$/.test(name))).toEqual([]);
  });
});
