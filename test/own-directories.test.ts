import { describe, expect, it } from 'vitest';
import { absolutePath, ownDirectories } from '../src/own-directories.ts';

describe("Clawgauge's own directories", () => {
  it('lie in the XDG state and cache directories of the home directory', () => {
    const { dataDir, cacheDir } = ownDirectories(null, ['/home/ann/.openclaw'], {}, '/home/ann');
    expect(dataDir).toMatch(/^\/home\/ann\/\.local\/state\/clawgauge\/[0-9a-f]{16}$/);
    expect(cacheDir).toMatch(/^\/home\/ann\/\.cache\/clawgauge\/[0-9a-f]{16}$/);
  });

  it('follow XDG_STATE_HOME and XDG_CACHE_HOME', () => {
    const env = { XDG_STATE_HOME: '/var/lib', XDG_CACHE_HOME: '/var/cache' };
    const { dataDir, cacheDir } = ownDirectories(null, ['/home/ann/.openclaw'], env, '/home/ann');
    expect(dataDir).toMatch(/^\/var\/lib\/clawgauge\//);
    expect(cacheDir).toMatch(/^\/var\/cache\/clawgauge\//);
  });

  it.each(['', 'state', './state'])('ignore the XDG base directory %j, which is not absolute', (directory) => {
    expect(ownDirectories(null, ['/s'], { XDG_STATE_HOME: directory }, '/home/ann')).toEqual(
      ownDirectories(null, ['/s'], {}, '/home/ann'),
    );
  });

  it('are others for another state directory, and the same for the same', () => {
    const one = ownDirectories(null, ['/one'], {}, '/home/ann');
    expect(ownDirectories(null, ['/one'], {}, '/home/ann')).toEqual(one);
    const two = ownDirectories(null, ['/two'], {}, '/home/ann');
    expect(two.dataDir).not.toBe(one.dataDir);
    expect(two.cacheDir).not.toBe(one.cacheDir);
  });

  it('are both the directory that the user names', () => {
    expect(ownDirectories('~/gauge', ['/s'], { XDG_STATE_HOME: '/var/lib' }, '/home/ann')).toEqual({
      dataDir: '/home/ann/gauge',
      cacheDir: '/home/ann/gauge',
    });
  });
});

describe('a path of the user', () => {
  it.each([
    ['/srv/data', '/srv/data'],
    ['/srv/../data/', '/data'],
    ['~', '/home/$&'],
    ['~/data', '/home/$&/data'],
    ['~ann', `${process.cwd()}/~ann`],
    ['data', `${process.cwd()}/data`],
  ])('%s becomes absolute: %s', (path, expected) => {
    expect(absolutePath(path, '/home/$&')).toBe(expected);
  });
});
