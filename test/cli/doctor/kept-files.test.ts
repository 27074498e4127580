/** What a doctor says of the files that earlier runs left. */
import { appendFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DigestStore } from '../../../src/cache/digest-store.ts';
import { Ledger } from '../../../src/cache/ledger.ts';
import { lookAtKeptFiles } from '../../../src/cli/doctor/kept-files.ts';
import { systemClock } from '../../../src/clock.ts';
import { CheckedFile } from '../../../src/snapshot/checked-file.ts';
import { openOwn } from '../../../src/sqlite-driver.ts';
import { temporaryStateDir } from '../../support/stores.ts';

/** A data directory with a ledger, which is a cache directory too. */
function kept(): string {
  const directory = temporaryStateDir();
  new Ledger(directory, systemClock).close();
  return directory;
}

const found = (directory: string) => lookAtKeptFiles({ dataDir: directory, cacheDir: directory });
const filesIn = (directory: string) =>
  readdirSync(directory)
    .filter((name) => !name.endsWith('-shm'))
    .map((name) => [name, statSync(join(directory, name)).size, statSync(join(directory, name)).mtimeMs]);

describe('what earlier runs kept', () => {
  it('need not be there', () => {
    expect(found(join(temporaryStateDir(), 'none'))).toEqual([]);
  });

  it('is well, and stays as it is, also while a service has it open', async () => {
    const directory = kept();
    const [digests, ledger] = [new DigestStore(directory), new Ledger(directory, systemClock)];
    await new CheckedFile(directory, 'snapshot.bin').write(Buffer.from('snapshot'));
    const before = filesIn(directory);
    expect(found(directory)).toEqual([
      expect.objectContaining({ check: 'ledger', level: 'ok', advice: null }),
      expect.objectContaining({ check: 'cache', level: 'ok', advice: null }),
    ]);
    expect(filesIn(directory)).toEqual(before);
    ledger.close();
    digests.close();
  });

  it('is a ledger that was damaged, which fails', () => {
    const directory = kept();
    const path = join(directory, 'ledger.sqlite');
    writeFileSync(path, Buffer.alloc(statSync(path).size - 100, 'x'), { flag: 'r+' });
    expect(found(directory)).toMatchObject([
      { check: 'ledger', level: 'fail', says: expect.stringContaining('damaged') },
    ]);
    expect(readdirSync(directory).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(['ledger.sqlite']);
  });

  it('is a ledger of a newer version, which this one must not touch', () => {
    const directory = temporaryStateDir();
    const database = openOwn(join(directory, 'ledger.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(found(directory)).toMatchObject([{ level: 'fail', says: expect.stringContaining('newer version') }]);
  });

  it.each<[string, string, (path: string) => void]>([
    ['snapshot.bin', 'its checksum is wrong', (path) => appendFileSync(path, '.')],
    ['calls.bin', 'it is cut off', (path) => truncateSync(path, 2)],
    ['reports.bin', 'its checksum is wrong', (path) => truncateSync(path, 6)],
    ['digests.sqlite', 'it is no database', (path) => writeFileSync(path, 'something else')],
  ])('is a %s that cannot be used: %s', async (name, problem, spoil) => {
    const directory = temporaryStateDir();
    await new CheckedFile(directory, name).write(Buffer.from('content'));
    spoil(join(directory, name));
    expect(found(directory)).toMatchObject([
      { check: 'cache', level: 'warn', says: `${join(directory, name)} cannot be used: ${problem}.` },
    ]);
  });
});
