import { closeSync, mkdirSync, openSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Looked, lookAt, packNames, unpackNames } from '../../src/compute/look.ts';
import { temporaryStateDir } from '../support/stores.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryStateDir();
});

function look(names: readonly string[], where = directory): ReturnType<Looked['at']>[] {
  const errors: string[] = [];
  // As in an envelope, the bytes begin anywhere.
  const packed = Buffer.concat([Buffer.from('x'), lookAt({ directory: where, names }, errors)]).subarray(1);
  const looked = new Looked(packed, errors);
  expect(looked.count).toBe(names.length);
  return names.map((_, at) => looked.at(at));
}

describe('a look at transcripts', () => {
  it('says of each what identifies its content', () => {
    const path = join(directory, 'a.jsonl');
    writeFileSync(path, 'x'.repeat(10));
    utimesSync(path, 1_700_000_000, 1_700_000_000.5);
    const { dev, ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    const stamp = `${dev}:${ino}:10:${mtimeNs}:${ctimeNs}`;
    expect(look(['gone.jsonl', 'a.jsonl'])).toEqual([null, { size: 10, mtimeMs: 1_700_000_000_500, stamp }]);
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
        'ENAMETOOLONG',
        expect.objectContaining({ size: 0 }),
        'ENAMETOOLONG',
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
