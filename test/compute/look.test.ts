import { closeSync, mkdirSync, openSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { stampOf } from '../../src/compute/file-stamp.ts';
import { lookAt, readLooked } from '../../src/compute/look.ts';
import { type Found, foundIn } from '../../src/compute/look-list.ts';
import { packNames, unpackNames } from '../../src/compute/packed-names.ts';
import { listOf } from '../support/look-lists.ts';
import { temporaryStateDir } from '../support/stores.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryStateDir();
});

/** What a look tells of each name; undefined where it tells nothing. */
function look(
  names: readonly string[],
  where = directory,
  known: Readonly<Record<string, string>> = {},
): (Found | undefined)[] {
  const list = listOf(names, known);
  // As in an envelope, the bytes begin anywhere.
  const looked = Buffer.concat([Buffer.from('x'), lookAt({ directory: where, list })]).subarray(1);
  const found = [...foundIn(list, readLooked(looked), true)];
  expect(found.map(([name]) => name)).toEqual(names);
  const told = found.filter(([, it]) => it !== undefined);
  expect([...foundIn(list, readLooked(looked), false)]).toEqual(told);
  return found.map(([, it]) => it);
}

describe('a look at transcripts', () => {
  it('says of each what identifies its content', () => {
    const path = join(directory, 'a.jsonl');
    writeFileSync(path, 'x'.repeat(10));
    utimesSync(path, 1_700_000_000, 1_700_000_000.5);
    const { dev, ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    const stamp = `${dev}:${ino}:10:${mtimeNs}:${ctimeNs}`;
    expect(look(['gone.jsonl', 'a.jsonl'])).toEqual([null, { stamp }]);
  });

  it('tells nothing of one that is as it was known, whatever its times', () => {
    const times = [1_700_000_000.123_456_7, 1, 4_000_000_000.999_999, 1_700_000_000.000_001];
    const names = times.map((_, at) => `${at}.jsonl`);
    for (const [at, time] of times.entries()) {
      writeFileSync(join(directory, `${at}.jsonl`), 'x'.repeat(at));
      utimesSync(join(directory, `${at}.jsonl`), time, time);
    }
    const known = Object.fromEntries(
      names.map((name) => [name, stampOf(statSync(join(directory, name), { bigint: true }))]),
    );
    expect(look([...names, 'gone.jsonl'], directory, known)).toEqual([...names.map(() => undefined), null]);
  });

  it('tells of one that differs in anything from what was known', () => {
    const path = join(directory, 'a.jsonl');
    writeFileSync(path, 'x');
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    const stamp = stampOf(statSync(path, { bigint: true }));
    for (let part = 0; part < 5; part++) {
      const other = stamp.split(':').map((number, at) => (at === part ? String(BigInt(number) + 1_000n) : number));
      expect(look(['a.jsonl'], directory, { 'a.jsonl': other.join(':') })).toEqual([{ stamp }]);
    }
    rmSync(path);
    mkdirSync(path);
    expect(look(['a.jsonl'], directory, { 'a.jsonl': stamp })).toEqual([null]);
  });

  it('finds regular files only', () => {
    writeFileSync(join(directory, 'a.jsonl'), '');
    mkdirSync(join(directory, 'b.jsonl'));
    symlinkSync('a.jsonl', join(directory, 'c.jsonl'));
    expect(look(['b.jsonl', 'c.jsonl'])).toEqual([null, null]);
  });

  // A path longer than the system takes stands for a transcript that cannot be looked at: root may look at all others.
  it.runIf(process.platform === 'linux')('gives the error of one that it cannot look at, and goes on', () => {
    let deep = directory;
    while (deep.length < 4060) deep = join(deep, 'd'.repeat(Math.min(250, Math.max(1, 4079 - deep.length))));
    mkdirSync(deep, { recursive: true });
    const descriptor = openSync(deep, 'r');
    const far = `${'0'.repeat(30)}.jsonl`;
    try {
      writeFileSync(`/proc/self/fd/${descriptor}/${far}`, '');
      writeFileSync(`/proc/self/fd/${descriptor}/a`, '');
      expect(look([far, 'a', far], deep)).toEqual([
        { error: 'ENAMETOOLONG' },
        { stamp: expect.stringMatching(/^\d+:\d+:0:/) },
        { error: 'ENAMETOOLONG' },
      ]);
    } finally {
      rmSync(`/proc/self/fd/${descriptor}/${far}`, { force: true });
      closeSync(descriptor);
    }
  });
});

it('packed names are the same names', () => {
  for (const names of [[], ['a'], ['a', 'naïve \n"name"', '../../Ops/sessions/b.jsonl']]) {
    expect(unpackNames(packNames(names))).toEqual(names);
  }
});
