import { describe, expect, test } from 'vitest';
import { stateNames } from '../src/state-names.ts';

const named = (...directories: string[]) => stateNames(directories.map((directory) => ({ directory, profile: null })));

describe('the names of state directories', () => {
  test.each([
    [['/home/ann/.openclaw'], [null]],
    [
      ['/home/ann/.openclaw', '/home/ann/.openclaw-work'],
      [null, 'work'],
    ],
    [
      ['/home/ann/.openclaw', '/home/bob/.openclaw'],
      [null, 'bob'],
    ],
    [
      ['/srv/a/state', '/srv/b/state', '/srv/c/state'],
      [null, 'b', 'c'],
    ],
    [
      ['/s', '/mnt/Lab One (old)'],
      [null, 'lab-one-old'],
    ],
    [
      ['/s', '/x/work', '/y/work', '/y/.openclaw-work'],
      [null, 'work', 'y', null],
    ],
  ] as const)('of %j are %j', (directories, names) => {
    const given = named(...directories);
    expect(given.map((name, at) => (at > 0 && names[at] === null ? null : name))).toEqual(names);
    expect(new Set(given).size).toBe(given.length);
  });

  test('depend on those before them only, so that one more renames none', () => {
    const all = ['/s', '/x/work', '/y/work', '/z/work', '/z/.openclaw'];
    for (let count = 1; count <= all.length; count++) {
      expect(named(...all.slice(0, count))).toEqual(named(...all).slice(0, count));
    }
  });

  test('are the names of profiles where there are some', () => {
    const directories = [
      { directory: '/home/ann/.openclaw-main', profile: 'main' },
      { directory: '/home/ann/.openclaw-Dev', profile: 'Dev' },
    ];
    expect(stateNames(directories)).toEqual([null, 'dev']);
  });

  test('are hashes where nothing else is left', () => {
    expect(named('/s', '/openclaw')[1]).toMatch(/^[0-9a-f]{8}$/);
  });
});
