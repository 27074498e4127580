import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAtConfig, lookAtDirectories } from '../../../src/cli/doctor/own-files.ts';
import { temporaryStateDir } from '../../support/stores.ts';

describe('our directories', () => {
  it('are well where they can be written, and are looked at once where they are one', () => {
    const own = temporaryStateDir();
    expect(lookAtDirectories({ dataDir: own, cacheDir: own })).toEqual([
      expect.objectContaining({
        check: 'data',
        level: 'ok',
        says: expect.stringMatching(/can be written, with .* left/),
      }),
    ]);
  });

  it('need not be there yet', () => {
    const dataDir = join(temporaryStateDir(), 'later', 'data');
    const [finding] = lookAtDirectories({ dataDir, cacheDir: dataDir });
    expect(finding).toMatchObject({ level: 'ok', says: `${dataDir} will be made at the first start.` });
  });

  it('cannot lie in a file', () => {
    const file = join(temporaryStateDir(), 'file');
    writeFileSync(file, '');
    const dataDir = join(file, 'data');
    expect(lookAtDirectories({ dataDir, cacheDir: dataDir })).toEqual([
      expect.objectContaining({ level: 'fail', says: `${file} cannot be written.` }),
    ]);
  });

  it('are nobody else’s business', () => {
    const own = temporaryStateDir();
    chmodSync(own, 0o755);
    expect(lookAtDirectories({ dataDir: own, cacheDir: own })).toEqual([
      expect.objectContaining({ level: 'warn', advice: `chmod 700 ${own}` }),
    ]);
  });
});

describe('the config file', () => {
  const path = join(temporaryStateDir(), 'config.json');

  it('need not be there', () => {
    expect(lookAtConfig(path)).toEqual([]);
  });

  it('may be read by others unless a token stands in it', () => {
    writeFileSync(path, "{ port: 1, token: 'a-token-of-sixteen' }", { mode: 0o644 });
    expect(lookAtConfig(path)).toEqual([expect.objectContaining({ level: 'warn', advice: `chmod 600 ${path}` })]);
    chmodSync(path, 0o600);
    expect(lookAtConfig(path)).toEqual([expect.objectContaining({ level: 'ok' })]);
    writeFileSync(path, '{ port: 1 }');
    chmodSync(path, 0o644);
    expect(lookAtConfig(path)).toEqual([expect.objectContaining({ level: 'ok' })]);
  });
});
