import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { namesIn } from '../../src/compute/look-list.ts';
import { LookPlan, type LookReason } from '../../src/snapshot/look-plan.ts';
import type { Looks } from '../../src/snapshot/looks.ts';
import { Folder, RowIndex } from '../../src/snapshot/store-rows.ts';
import { TranscriptRow } from '../../src/snapshot/transcript-row.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.parse('2026-11-22T12:00:00Z');
const TIMER: LookReason = { everything: false, changes: [] };

let rows: RowIndex;
let folder: Folder;
let plan: LookPlan;
beforeEach(() => {
  rows = new RowIndex();
  const store = rows.open('main', '/state/agents/main/sessions');
  folder = new Folder(store, store.directory, '');
  store.folders.set(folder.path, folder);
  plan = new LookPlan(rows);
});

function enter(count: number, mtimeMs = 0): TranscriptRow[] {
  return Array.from({ length: count }, () => {
    const name = `s${rows.size}.jsonl`;
    const row = new TranscriptRow(folder, name, `1:1:0:${mtimeMs}000000:0@`);
    folder.rows.add(row);
    rows.size++;
    plan.changed(row);
    return row;
  });
}

const namesOf = (looks: Looks) => {
  return looks.finish().flatMap((it) => (it.folder === folder ? namesIn(it.list) : []));
};
const hint = (names: readonly string[] | null, directory = folder.path): LookReason => {
  return { everything: false, changes: [{ directory, names }] };
};

describe('each inventory', () => {
  test('looks at a store of usual size whole, at the usual interval', () => {
    enter(2_000);
    plan.next(START, TIMER);
    expect(namesOf(plan.next(START + 10 * SECOND, TIMER))).toHaveLength(2_000);
  });

  test('looks at a slice of a large one, after it the next, and all within ten minutes', () => {
    enter(30_000);
    plan.next(START, TIMER);
    const looked = new Set<string>();
    for (let minute = 1; minute <= 10; minute++) {
      const names = namesOf(plan.next(START + minute * MINUTE, TIMER));
      expect(names.length).toBeLessThanOrEqual(12_000);
      for (const name of names) looked.add(name);
    }
    expect(looked.size).toBe(30_000);
  });

  test('looks at everything when it is told to, or when the clock was set back', () => {
    enter(30_000);
    plan.next(START, TIMER);
    expect(namesOf(plan.next(START + SECOND, { everything: true, changes: [] }))).toHaveLength(30_000);
    expect(namesOf(plan.next(START - MINUTE, TIMER))).toHaveLength(30_000);
  });

  test('looks at files written within the hour, however much was written to databases since', () => {
    enter(30_000, START - 61 * MINUTE);
    const [young] = enter(1, START - 59 * MINUTE) as [TranscriptRow];
    const path = '/state/agents/main/agent/openclaw-agent.sqlite';
    const database = new Folder(folder.store, path, '../agent/openclaw-agent.sqlite/');
    for (let at = 0; at < 3_000; at++)
      plan.changed(new TranscriptRow(database, `d${at}.jsonl`, `1:1:0:${START}000000:0@`));
    plan.next(START, TIMER);
    const looks = plan.next(START + SECOND, TIMER);
    const all = looks.finish();
    expect(all.flatMap(({ list }) => namesIn(list))).toContain(young.fileName);
    expect(all.map((it) => it.folder)).toEqual([folder]);
  });

  test('looks at what was written within the hour', () => {
    enter(30_000, START - 61 * MINUTE);
    const [young] = enter(1, START - 59 * MINUTE) as [TranscriptRow];
    plan.next(START, TIMER);
    for (const seconds of [1, 2]) expect(namesOf(plan.next(START + seconds * SECOND, TIMER))).toContain(young.fileName);
    expect(namesOf(plan.next(START + 3 * SECOND, TIMER))).toHaveLength(201);
    plan.forget(young);
    expect(namesOf(plan.next(START + 4 * SECOND, TIMER))).toHaveLength(200);
  });

  test('looks at no more than the latest of many that were written within the hour', () => {
    for (let age = 50; age > 0; age--) enter(100, START - age * MINUTE);
    plan.next(START, TIMER);
    const names = new Set(namesOf(plan.next(START, TIMER)));
    expect(names.size).toBeLessThan(2_000);
    expect(names).toContain('s4999.jsonl');
    expect(names).not.toContain('s0.jsonl');
  });
});

describe('what a watcher told of', () => {
  beforeEach(() => {
    enter(3_000);
    plan.next(START, TIMER);
    folder.listedAt = START;
  });

  test('is looked at, known or not, where the name is that of a transcript', () => {
    const looks = plan.next(START, hint(['s2999.jsonl', 'new.jsonl', 'sessions.json.tmp']));
    expect(namesOf(looks)).toEqual(['new.jsonl', 's2999.jsonl']);
  });

  test('without a name is everything in its directory', () => {
    expect(namesOf(plan.next(START, hint(null)))).toHaveLength(3_000);
  });

  test('of another directory changes nothing', () => {
    expect(namesOf(plan.next(START, hint(['s1.jsonl'], '/state')))).toEqual([]);
  });

  test('by name spares its directory the listing, but not for long', () => {
    const isLeft = (ms: number, names: readonly string[] | null) =>
      plan.next(START + ms, hint(names)).leave.has(folder);
    expect([isLeft(9_999, ['s1.jsonl']), isLeft(10_000, ['s1.jsonl']), isLeft(1, null)]).toEqual([true, false, false]);
    expect([plan.isListDue(folder, START + 9 * MINUTE), plan.isListDue(folder, START + 10 * MINUTE)]).toEqual([
      false,
      true,
    ]);
  });
});

test('of a refresh that took long only half a minute is made up for, and directories are not listed for the rest', () => {
  enter(20_000);
  folder.listedAt = START;
  plan.next(START, TIMER);
  const now = START + 30 * MINUTE;
  plan.ended(now);
  const next = now + 10 * SECOND;
  expect(namesOf(plan.next(next, TIMER))).toHaveLength(40 * 200);
  expect(plan.isListDue(folder, next)).toBe(false);
});

test('whatever the interval and the size of the store, the oldest look is at most ten minutes old, and known', () => {
  const interval = fc.integer({ min: SECOND, max: 10 * MINUTE });
  fc.assert(
    fc.property(interval, fc.integer({ min: 1, max: 4_000 }), (every, count) => {
      rows = new RowIndex();
      const store = rows.open('main', '/state/agents/main/sessions');
      folder = new Folder(store, store.directory, '');
      store.folders.set(folder.path, folder);
      plan = new LookPlan(rows);
      enter(count);
      const looked = new Map<string, number>();
      for (let now = START; now < START + 25 * MINUTE; now += every) {
        for (const name of namesOf(plan.next(now, TIMER))) looked.set(name, now);
        for (const { fileName } of folder.rows.values()) if (!looked.has(fileName)) looked.set(fileName, now);
        const oldest = now - Math.min(...looked.values());
        expect(oldest + every).toBeLessThanOrEqual(10 * MINUTE + every);
        expect(plan.oldestLook(now)).toBeGreaterThanOrEqual(oldest);
        expect(plan.oldestLook(now)).toBeLessThanOrEqual(10 * MINUTE);
      }
    }),
    { numRuns: 15 },
  );
});
