/** Copies of what a reading needs, beside a process that may write to it. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/cache/ledger.ts';
import { copyData } from '../../src/cli/data-copy.ts';
import { systemClock } from '../../src/clock.ts';
import { temporaryStateDir } from '../support/stores.ts';

afterEach(() => void vi.useRealTimers());

/** The names that are copied of a directory where all has been written this long ago. */
function copied(age: number, isHeld: boolean): string[] {
  const [data, copy] = [temporaryStateDir(), temporaryStateDir()];
  new Ledger(data, systemClock).close();
  for (const name of ['digests.sqlite', 'digests.sqlite-wal', 'redaction.key', 'lock.3']) {
    writeFileSync(join(data, name), name);
  }
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + age });
  copyData({ dataDir: data, cacheDir: data }, copy, isHeld);
  return readdirSync(copy).filter((name) => !/^ledger.*-/.test(name));
}

it('holds the digests with their log, the ledger and the key of hidden names', () => {
  expect(copied(0, false)).toEqual(['digests.sqlite', 'digests.sqlite-wal', 'ledger.sqlite', 'redaction.key']);
});

it('holds digests that another process may write to only if they stand still', () => {
  expect(copied(2_500, true)).toContain('digests.sqlite');
  expect(copied(0, true)).toEqual(['ledger.sqlite', 'redaction.key']);
});

it('holds what is there where some is missing', () => {
  const [data, copy] = [temporaryStateDir(), temporaryStateDir()];
  copyData({ dataDir: data, cacheDir: join(data, 'none') }, copy, false);
  expect(readdirSync(copy)).toEqual([]);
});
