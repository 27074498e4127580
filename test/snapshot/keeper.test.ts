/** The keeper's state against what there is on disk: what a refresh takes over, what it keeps, and what it sets aside. */
import { readdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { pack, unpack } from '../../src/compute/envelope.ts';
import { INPUT } from '../../src/compute/figures.ts';
import { namesIn } from '../../src/compute/look-list.ts';
import { ownPricesOnly } from '../../src/compute/price-sources.ts';
import type { ScanRequest, ScanResult } from '../../src/compute/scan-batch.ts';
import type { TranscriptRow } from '../../src/snapshot/catalog.ts';
import { usageQuery } from '../../src/snapshot/query.ts';
import { sumDigest } from '../../src/snapshot/session-sum.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { linesOf } from '../support/fold-text.ts';
import { expectLikeFresh, stateOf } from '../support/keeper-state.ts';
import { KeptStore, keptStore, performed, REFRESHED_AT, scanned } from '../support/kept-store.ts';
import { CONFIG, randomStore, writeJson, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const EVERYTHING = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, undated: true };

describe('a refresh', () => {
  test('without any change reads nothing and raises no version', () => {
    const kept = keptStore(randomStore(1));
    const { version } = kept.keeper;
    expect(kept.refresh()).toMatchObject({ added: 0, changed: 0, removed: 0, pending: 0, folded: 0 });
    expect(kept.keeper.version).toBe(version);
    expect(kept.keeper.isIdle(REFRESHED_AT)).toBe(true);
  });

  test('leaves something to do while a transcript has to be folded, verified or tried again', () => {
    const directory = temporaryStateDir();
    const path = join(directory, 'agents/main/sessions/a.jsonl');
    writeWhole(path, linesOf([{ message: { role: 'user' } }]));
    const kept = new KeptStore(directory);
    const { keeper } = kept;
    const idleAfter = (seconds: number) => keeper.isIdle(REFRESHED_AT + seconds * 1000);
    kept.inventory();
    expect(idleAfter(0)).toBe(false);
    kept.refresh();
    expect(idleAfter(0)).toBe(true);
    writeFileSync(path, linesOf([{ message: { role: 'user' } }]), { flag: 'a' });
    kept.refresh();
    expect([idleAfter(0), idleAfter(59), idleAfter(60)]).toEqual([true, true, false]);
    writeFileSync(path, '{}', { flag: 'a' });
    kept.inventory();
    const [batch] = keeper.plan(REFRESHED_AT) as [Uint8Array];
    keeper.reject(batch, 'task_overran', 'too slow', REFRESHED_AT);
    expect([idleAfter(29), idleAfter(30)]).toEqual([true, false]);
  });

  test('counts what came, changed and went', () => {
    const directory = randomStore(1);
    const kept = keptStore(directory);
    const folder = join(directory, 'agents/main/sessions');
    const [first, second] = readdirSync(folder).filter((name) => name.endsWith('.jsonl')) as [string, string];
    const line = linesOf([{ message: { role: 'user' } }]);
    writeWhole(join(folder, 'came.jsonl'), line);
    writeFileSync(join(folder, first), line, { flag: 'a' });
    rmSync(join(folder, second));
    expect(kept.refresh()).toMatchObject({ added: 1, changed: 1, removed: 1, pending: 2, folded: 2 });
  });

  test('after which a view says the same raises the version only if something could differ', () => {
    const directory = randomStore(2);
    const kept = keptStore(directory);
    const { version } = kept.keeper;
    writeJson(directory, 'agents/main/sessions/sessions.json', {});
    expect(kept.refresh()).toMatchObject({ folded: 0 });
    expect(kept.keeper.version).toBeGreaterThan(version);
  });

  test('under other prices folds everything again', () => {
    const directory = randomStore(3);
    const kept = keptStore(directory);
    const { size } = kept.keeper.catalog.rows;
    writeJson(directory, 'openclaw.json', { agents: CONFIG.agents });
    expect(kept.refresh()).toMatchObject({ folded: size });
    expectLikeFresh(kept, 'prices');
  });

  test('resumes what grew, and folds anew what has been replaced', () => {
    const directory = temporaryStateDir();
    const path = join(directory, 'agents/main/sessions/a.jsonl');
    const line = linesOf([{ message: { role: 'user', content: 'x'.repeat(5000) } }]);
    writeWhole(path, line.repeat(10));
    const kept = keptStore(directory);
    const read = (change: () => void) => {
      change();
      kept.inventory();
      const [batch] = kept.keeper.plan(REFRESHED_AT);
      return kept.keeper.accept(scanned(batch as Uint8Array), REFRESHED_AT).header.bytesRead;
    };
    // The anchors before and after come on top.
    expect(read(() => writeFileSync(path, line, { flag: 'a' }))).toBeLessThanOrEqual(line.length + 8192);
    expect(read(() => writeFileSync(path, `${line}${' '.repeat(line.length * 11)}`))).toBeGreaterThan(line.length * 11);
    expect(read(() => replace(path, line.repeat(13)))).toBeGreaterThanOrEqual(line.length * 13);
    expectLikeFresh(kept, 'resumed');
  });

  function replace(path: string, content: string): void {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  }

  test('a minute later finds that earlier bytes were rewritten when the transcript grew', () => {
    const directory = temporaryStateDir();
    const path = join(directory, 'agents/main/sessions/a.jsonl');
    const lines = (input: number, count: number) =>
      linesOf(Array.from({ length: count }, () => ({ message: { role: 'assistant', usage: { input } } })));
    writeWhole(path, lines(1, 200));
    const kept = keptStore(directory);
    const input = () => usageView(kept.keeper, usageQuery({ timeZone: 'UTC', range: 'all' }), 0).totals.input;
    const byDigest = () => {
      const [row] = kept.keeper.catalog.rows.values();
      return sumDigest(kept.keeper.digestOf(row as TranscriptRow), EVERYTHING, null).figures[INPUT];
    };
    // The last 4 KiB before the cursor stay as they were.
    writeWhole(path, lines(5, 10) + lines(1, 191));
    kept.refresh();
    expect([input(), byDigest()]).toEqual([201, 201]);
    expect(kept.refresh(REFRESHED_AT + 59_999).folded).toBe(0);
    expect(kept.refresh(REFRESHED_AT + 60_000).folded).toBe(1);
    expect([input(), byDigest()]).toEqual([241, 241]);
    expect(kept.refresh(REFRESHED_AT + 120_000).folded).toBe(0);
    expectLikeFresh(kept, 'verified');
  });

  test('in batches of at most 256 transcripts and 4 MiB, the latest first', () => {
    const directory = temporaryStateDir();
    const path = (number: number) => join(directory, `agents/main/sessions/s${number}.jsonl`);
    for (let number = 0; number < 300; number++) {
      writeWhole(path(number), '{}\n');
      if (number < 5) truncateSync(path(number), 10 * 1024 * 1024);
      utimesSync(path(number), 0, number < 5 ? number + 1 : 0);
    }
    const kept = new KeptStore(directory);
    kept.inventory();
    const batches = kept.keeper.plan(REFRESHED_AT);
    const items = batches.map((batch) => unpack<ScanRequest>(batch).header.items);
    expect(items.map((batch) => batch.length)).toEqual([1, 1, 1, 1, 1, 256, 39]);
    const mtime = (id: string | undefined) => kept.keeper.catalog.rows.get(id ?? '')?.mtimeMs;
    expect(items.slice(0, 5).map((batch) => mtime(batch[0]?.id))).toEqual([5000, 4000, 3000, 2000, 1000]);
  });
});

describe('what cannot be seen', () => {
  let directory: string;
  let kept: KeptStore;
  let before: Record<string, unknown>;
  beforeEach(() => {
    directory = randomStore(4);
    kept = keptStore(directory);
    before = stateOf(kept.keeper);
  });

  const kinds = (problems: readonly { code: string; agent: string | null }[]) =>
    problems.map(({ code, agent }) => [code, agent]);

  test('keeps what it had when the state directory is gone, and is as it was when that is back', () => {
    renameSync(directory, `${directory}-away`);
    const { problems, removed } = kept.refresh();
    expect(kinds(problems)).toEqual([['state_dir_missing', null]]);
    expect(removed).toBe(0);
    expect(stateOf(kept.keeper)).toEqual(before);
    renameSync(`${directory}-away`, directory);
    expect(kept.refresh()).toMatchObject({ problems: [], folded: 0 });
    expect(stateOf(kept.keeper)).toEqual(before);
  });

  test('keeps what it had of a store that cannot be listed', () => {
    const folder = join(directory, 'agents/ops/sessions');
    renameSync(folder, `${folder}-away`);
    symlinkSync('sessions', folder);
    expect(kinds(kept.refresh().problems)).toContainEqual(['store_unreadable', 'ops']);
    expect(stateOf(kept.keeper)).toEqual(before);
  });

  test('keeps what it had of a transcript that cannot be looked at, while the rest moves on', () => {
    const [lost, gone] = [...kept.keeper.catalog.rows.values()] as [TranscriptRow, TranscriptRow];
    rmSync(join(gone.directory, gone.name));
    kept.perform = (task) => {
      const { inventories, looked } = performed(task);
      const list = task.looks[0]?.list ?? new Uint8Array();
      const told = new Map(looked[0] ?? []);
      for (const [place, name] of namesIn(list).entries()) if (name === lost.name) told.set(place, { error: 'EIO' });
      const blind = [...told].sort(([a], [b]) => a - b);
      return { inventories, looked: [blind, ...looked.slice(1)] };
    };
    const problem = { code: 'transcript_unreadable', agent: lost.agent, subject: lost.name, detail: 'EIO' };
    for (const removed of [1, 0]) expect(kept.refresh()).toMatchObject({ removed, problems: [problem] });
    const ids = [...kept.keeper.catalog.rows.values()].map(({ id }) => id);
    expect(ids).toContain(lost.id);
    expect(ids).not.toContain(gone.id);
    kept.perform = performed;
    expect(kept.refresh()).toMatchObject({ removed: 0, problems: [] });
  });

  test('keeps the dimensions of sessions whose index cannot be read', () => {
    const index = join(directory, 'agents/main/sessions/sessions.json');
    rmSync(index);
    symlinkSync('sessions.json', index);
    expect(kinds(kept.refresh().problems)).toContainEqual(['index_unreadable', 'main']);
    expect(stateOf(kept.keeper)).toEqual(before);
  });
});

describe('a transcript that cannot be folded', () => {
  let kept: KeptStore;
  let path: string;
  const SECOND = 1000;
  const LINE = linesOf([{ timestamp: '2026-11-20T00:00:00Z', message: { role: 'assistant', usage: { input: 1 } } }]);

  /** What a scan thread answers that finds a link in the place of a.jsonl. */
  const blocked = (batch: Uint8Array) => {
    const { header, parts } = unpack<ScanResult>(scanned(batch));
    const digests = header.outcomes.map(({ folded }) => (folded ? parts.shift() : undefined));
    const outcomes = header.outcomes.map((outcome) =>
      outcome.id === 'main/a.jsonl'
        ? ({ id: outcome.id, folded: false, code: 'transcript_unreadable', detail: 'ELOOP' } as const)
        : outcome,
    );
    const kept = outcomes.flatMap(({ folded }, at) => (folded ? (digests[at] as Uint8Array) : []));
    return pack({ ...header, outcomes }, kept);
  };

  beforeEach(() => {
    const directory = temporaryStateDir();
    path = join(directory, 'agents/main/sessions/a.jsonl');
    writeWhole(path, LINE);
    writeWhole(join(directory, 'agents/main/sessions/b.jsonl'), LINE);
    kept = new KeptStore(directory);
    kept.scan = blocked;
  });

  const retries = () => kept.keeper.setAside().map(({ attempts, retryAt }) => [attempts, retryAt - REFRESHED_AT]);
  const foldedAt = (seconds: number) => {
    const { folded, failed } = kept.refresh(REFRESHED_AT + seconds * SECOND);
    return folded + failed;
  };

  test('is set aside with its reason, while the others count', () => {
    expect(kept.refresh()).toMatchObject({ folded: 1, failed: 1 });
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 2, pending: 0, failed: 1 });
    expect(kept.keeper.setAside()).toMatchObject([
      { agent: 'main', name: 'a.jsonl', code: 'transcript_unreadable', detail: 'ELOOP', since: REFRESHED_AT },
    ]);
    expect(kept.keeper.nextRetry()).toBe(REFRESHED_AT + 30 * SECOND);
  });

  test('is tried again after 30 s, 60 s, 120 s and so on, at the latest after an hour', () => {
    foldedAt(0);
    expect(foldedAt(29)).toBe(0);
    expect(foldedAt(30)).toBe(1);
    expect(retries()).toEqual([[2, 90 * SECOND]]);
    let now = 90;
    for (let attempt = 3; attempt < 20; attempt++) {
      expect(foldedAt(now)).toBe(1);
      const [[, retryAt]] = retries() as [[number, number]];
      expect(retryAt - now * SECOND).toBe(Math.min(3600, 30 * 2 ** (attempt - 1)) * SECOND);
      now = retryAt / SECOND;
    }
    expect(kept.keeper.setAside()).toMatchObject([{ since: REFRESHED_AT, attempts: 19 }]);
  });

  test('is tried at once when it changed, and then counts', () => {
    foldedAt(0);
    writeWhole(path, LINE.repeat(2));
    kept.scan = scanned;
    expect(kept.refresh(REFRESHED_AT + SECOND)).toMatchObject({ folded: 1, failed: 0 });
    expect(kept.keeper.setAside()).toEqual([]);
    expect(kept.keeper.nextRetry()).toBeNull();
    expectLikeFresh(kept, 'readable again');
  });

  test('begins to count its attempts anew after it was folded', () => {
    foldedAt(0);
    foldedAt(30);
    writeWhole(path, LINE.repeat(2));
    kept.scan = scanned;
    kept.refresh();
    writeWhole(path, LINE.repeat(3));
    kept.scan = blocked;
    foldedAt(60);
    expect(kept.keeper.setAside()).toMatchObject([{ since: REFRESHED_AT + 60 * SECOND, attempts: 1 }]);
  });

  test('is no failure when it vanished in between', () => {
    kept.scan = (batch) => {
      rmSync(path, { force: true });
      return scanned(batch);
    };
    expect(kept.refresh()).toMatchObject({ folded: 1, failed: 0 });
    expect(kept.refresh()).toMatchObject({ removed: 1 });
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 1, pending: 0, failed: 0 });
  });

  test('with its thread is found among those of its batch, which are tried one by one', () => {
    kept.inventory();
    const [batch] = kept.keeper.plan(REFRESHED_AT) as [Uint8Array];
    const single = kept.keeper.reject(batch, 'task_overran', 'too slow', REFRESHED_AT);
    expect(single.map((it) => unpack<ScanRequest>(it).header.items.length)).toEqual([1, 1]);
    expect(kept.keeper.setAside()).toEqual([]);
    for (const it of single) expect(kept.keeper.reject(it, 'task_overran', 'too slow', REFRESHED_AT)).toEqual([]);
    expect(kept.keeper.setAside()).toMatchObject([{ code: 'task_overran' }, { code: 'task_overran' }]);
  });

  test.each(['task_out_of_memory', 'task_overran'] as const)(
    'because of %s is not tried again because it grew, but when it changed otherwise',
    (code) => {
      const path = join(kept.directory, 'agents/main/sessions/b.jsonl');
      kept.inventory();
      for (const batch of kept.keeper.plan(REFRESHED_AT)) {
        for (const single of kept.keeper.reject(batch, code, '', REFRESHED_AT)) {
          kept.keeper.reject(single, code, '', REFRESHED_AT);
        }
      }
      writeFileSync(path, LINE, { flag: 'a' });
      expect(kept.refresh(REFRESHED_AT + SECOND)).toMatchObject({ changed: 1, folded: 0 });
      writeFileSync(path, LINE.repeat(5), { flag: 'a' });
      expect(kept.refresh(REFRESHED_AT + SECOND)).toMatchObject({ changed: 1, folded: 0 });
      expect(kept.keeper.coverage()).toMatchObject({ pending: 0, failed: 2 });
      writeFileSync(path, LINE.repeat(3));
      expect(kept.refresh(REFRESHED_AT + 2 * SECOND)).toMatchObject({ folded: 1 });
      expect(kept.keeper.setAside().map(({ name }) => name)).toEqual(['a.jsonl']);
    },
  );

  test('of an unknown name in a batch is passed over', () => {
    const prices = Buffer.from(JSON.stringify(ownPricesOnly({})));
    const request: ScanRequest = {
      priceEpoch: '',
      items: [
        {
          id: 'main/x',
          directory: '/',
          name: 'x',
          size: 1,
          resumes: false,
          lookFrom: null,
          era: '2026.5',
          predecessors: [],
        },
      ],
    };
    const { keeper } = kept;
    expect(keeper.accept(scanned(pack(request, [prices])), REFRESHED_AT)).toMatchObject({ folded: 0, failed: 0 });
    expect(keeper.reject(pack(request, [prices]), 'task_crashed', '', REFRESHED_AT)).toEqual([]);
  });
});

test.each(['__proto__', 'constructor', 'lookup'])('an agent may be called %s', (agent) => {
  const directory = temporaryStateDir();
  for (const name of [agent, 'lookup']) {
    writeWhole(join(directory, `agents/${name}/sessions/a.jsonl`), linesOf([{ message: { role: 'user' } }]));
    writeJson(directory, `agents/${name}/sessions/sessions.json`, { [`agent:${name}:main`]: { sessionId: 'a' } });
  }
  const kept = keptStore(directory);
  expect(kept.refresh()).toMatchObject({ changed: 0, folded: 0 });
  expect([...kept.keeper.catalog.rows.values()].map((row) => row.identity.kind)).toEqual(
    [...new Set([agent, 'lookup'])].map(() => 'main'),
  );
});
