/** The SQLite that this version of Node has, through the few calls that the digest store makes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blobOf, openDatabase } from '../../src/cache/database.ts';
import { temporaryStateDir } from '../support/stores.ts';

function withTable() {
  const database = openDatabase(join(temporaryStateDir(), 'test.sqlite'));
  database.exec('CREATE TABLE blobs (id TEXT PRIMARY KEY, bytes BLOB)');
  const put = database.prepare('INSERT OR REPLACE INTO blobs VALUES (?, ?)');
  const get = database.prepare('SELECT bytes FROM blobs WHERE id = ?');
  return { database, put, get, read: (id: string) => blobOf(get.get(id)?.bytes) };
}

const whole = new Uint8Array(70_000).map((_, at) => at % 251);

test.each([
  ['no bytes', new Uint8Array(0)],
  ['one zero byte', new Uint8Array(1)],
  ['a Buffer', Buffer.from('naïve\0text')],
  ['a part of a larger buffer', whole.subarray(1000, 3000)],
  ['more than a page', whole],
])('%s come back as they were', (_, bytes) => {
  const { put, read } = withTable();
  put.run('x', bytes);
  expect([...read('x')]).toEqual([...bytes]);
});

test('what was read stays as it was when the row changes', () => {
  const { put, read } = withTable();
  put.run('x', whole);
  const before = read('x');
  put.run('x', new Uint8Array(70_000));
  expect([...before.subarray(0, 300)]).toEqual([...whole.subarray(0, 300)]);
});

test('a row that is not there is undefined, and rows come in order', () => {
  const { database, put, get } = withTable();
  expect(get.get('x')).toBeUndefined();
  for (const id of ['b', 'a', 'c']) put.run(id, null);
  expect(
    database
      .prepare('SELECT id FROM blobs ORDER BY id')
      .all()
      .map((row) => row.id),
  ).toEqual(['a', 'b', 'c']);
});

test('a failure throws the message of SQLite', () => {
  const { database } = withTable();
  expect(() => database.exec('SELEC 1')).toThrow(/syntax error/);
});

test('whatever is no blob is refused', () => {
  expect([...blobOf(new Uint8Array([1, 2]).buffer)]).toEqual([1, 2]);
  expect(() => blobOf(null)).toThrow('expected a BLOB; got null');
  expect(() => blobOf('text')).toThrow('expected a BLOB; got string');
});
