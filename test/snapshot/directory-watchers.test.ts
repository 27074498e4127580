import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DirectoryWatchers } from '../../src/snapshot/directory-watchers.ts';

let root: string;
let changes: number;
let names: Set<string>;
let failures: string[];
let watchers: DirectoryWatchers;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clawgauge-watch-'));
  changes = 0;
  names = new Set();
  failures = [];
  watchers = new DirectoryWatchers(
    (directory, name) => {
      changes++;
      names.add(join(directory, name ?? ''));
    },
    (directory) => failures.push(directory),
  );
});

afterEach(() => {
  watchers.close();
  rmSync(root, { recursive: true, force: true });
});

function directory(name: string): { path: string; identity: string } {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  const { dev, ino } = statSync(path, { bigint: true });
  return { path, identity: `${dev}:${ino}` };
}

/** Waits for a hint that was not there before. */
async function hint(action: () => void): Promise<void> {
  const before = changes;
  action();
  await vi.waitFor(() => expect(changes).toBeGreaterThan(before));
}

describe('directory watchers', () => {
  test('tell of a new file, of an append and of a rename', async () => {
    const store = directory('store');
    watchers.follow([store]);
    await hint(() => writeFileSync(join(store.path, 'a.jsonl'), 'one\n'));
    await hint(() => writeFileSync(join(store.path, 'a.jsonl'), 'two\n', { flag: 'a' }));
    await hint(() =>
      renameSync(join(store.path, 'a.jsonl'), join(store.path, 'a.jsonl.reset.2026-11-22T12-00-00.000Z')),
    );
    expect(failures).toEqual([]);
    expect(names).toContain(join(store.path, 'a.jsonl'));
  });

  test('follow a directory that was replaced by another of its name', async () => {
    const first = directory('store');
    watchers.follow([first]);
    renameSync(first.path, join(root, 'aside'));
    const second = directory('store');
    expect(second.identity).not.toBe(first.identity);
    watchers.follow([second]);
    expect(watchers.size).toBe(1);
    await hint(() => writeFileSync(join(second.path, 'b.jsonl'), 'one\n'));
  });

  test('watch exactly the directories of the last call', () => {
    const [one, two] = [directory('one'), directory('two')];
    watchers.follow([one, two]);
    expect(watchers.size).toBe(2);
    watchers.follow([two]);
    expect(watchers.size).toBe(1);
    watchers.close();
    expect(watchers.size).toBe(0);
  });

  test('say once of a directory that cannot be watched, and go on with the others', () => {
    const missing = { path: join(root, 'missing'), identity: '0:0' };
    const store = directory('store');
    watchers.follow([missing, store]);
    watchers.follow([missing, store]);
    expect(failures).toEqual([missing.path]);
    expect(watchers.size).toBe(1);
  });
});
