/** The keeper's state when digests come, go, fall out of memory and come back: it is always that of a keeper which read all anew. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DigestStore, type StoredDigest } from '../../src/cache/digest-store.ts';
import type { TranscriptRow } from '../../src/snapshot/catalog.ts';
import { DigestUnavailable } from '../../src/snapshot/counted-digests.ts';
import { sessionsQuery, usageQuery, type ViewQuery, viewKey } from '../../src/snapshot/query.ts';
import { Views } from '../../src/snapshot/views.ts';
import { linesOf } from '../support/fold-text.ts';
import { expectLikeFresh, stateOf } from '../support/keeper-state.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { below, pick, type Random, seededRandom } from '../support/random.ts';
import { randomStore, writeWhole } from '../support/random-store.ts';
import { StoreScript } from '../support/store-script.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';

const STANDS_STILL = 2_000;
const VERIFY_EVERY = 60_000;

const opened: DigestStore[] = [];
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

function digestStore(directory = temporaryStateDir()): DigestStore {
  const store = new DigestStore(directory);
  opened.push(store);
  return store;
}

describe('after every step of a random script, the state is that of a keeper that only saw the result', () => {
  const STEPS = 15;
  /** For some ten of thirty digests, of a kilobyte on average. */
  const FEW_DIGESTS = 12_000;

  test.each([1, 2, 3, 4])('with every digest in memory (script %d)', (seed) => {
    run(seed, {}, everyDigest);
  });

  test.each([5, 6])('with hardly a digest in memory, and the rest on disk (script %d)', (seed) => {
    run(seed, { cacheBytes: FEW_DIGESTS, digests: digestStore() }, everyDigest);
  });

  test.each([7, 8])('with hardly a digest in memory, and none on disk (script %d)', (seed) => {
    run(seed, { cacheBytes: FEW_DIGESTS });
  });

  /** What was rewritten before the anchor, and appended to before anybody looked, is found by reading all of it again in time. */
  test.each([9, 10])('once all was verified, also where earlier bytes changed with an append (script %d)', (seed) => {
    const script = new StoreScript(randomStore(seed), seededRandom(seed));
    const kept = new KeptStore(script.directory);
    let now = REFRESHED_AT;
    kept.refresh(now);
    for (let number = 0; number < STEPS; number++) {
      const change = script.step();
      for (let times = 0; times < 3; times++) script.rewriteUnderAppend();
      kept.refresh(now);
      for (let left = kept.keeper.catalog.rows.size; left > 0; left--) {
        now += VERIFY_EVERY;
        kept.refresh(now);
      }
      everyDigest(kept, expectLikeFresh(kept, { seed, number, change }));
    }
  });

  function run(
    seed: number,
    options: ConstructorParameters<typeof KeptStore>[1],
    check: (kept: KeptStore, compared: number) => void = () => {},
  ): void {
    const script = new StoreScript(randomStore(seed), seededRandom(seed));
    const kept = new KeptStore(script.directory, options);
    let now = REFRESHED_AT;
    kept.refresh(now);
    for (let number = 0; number < STEPS; number++) {
      const changes = [script.step(), script.step()];
      kept.refresh(now);
      // A line that has no end yet is read when it stood still.
      now += STANDS_STILL;
      kept.refresh(now);
      check(kept, expectLikeFresh(kept, { seed, number, changes }));
    }
  }

  function everyDigest(kept: KeptStore, compared: number): void {
    expect(compared).toBe(kept.keeper.catalog.rows.size);
  }
});

describe('a digest cache that holds one digest in a hundred', () => {
  test.each([11, 12])('answers what one answers that holds them all, only slower (script %d)', (seed) => {
    const rnd = seededRandom(seed);
    const { directory } = smallStore(seed, { agents: 3, sessions: 60, meanKb: 4 });
    const script = new StoreScript(directory, rnd);
    const all = new KeptStore(directory);
    all.refresh();
    const hundredth = Math.floor(all.cache.counts().bytes / 100);
    const one = new KeptStore(directory, { cacheBytes: hundredth, digests: digestStore() });
    const [views, expected] = [new Views(one.keeper, 'x'), new Views(all.keeper, 'x')];
    for (let step = 0; step < 6; step++) {
      script.step();
      for (const kept of [all, one]) kept.refresh();
      for (let asked = 0; asked < 5; asked++) {
        const query = randomQuestion(rnd);
        expect(views.build(query, REFRESHED_AT), viewKey(query)).toEqual(expected.build(query, REFRESHED_AT));
      }
    }
    expectLikeFresh(one, seed);
    const { bytes, misses, hits } = one.cache.counts();
    expect(bytes).toBeLessThanOrEqual(hundredth);
    expect(misses.capacity).toBeGreaterThan(10 * hits);
  });

  /** Of a window that cuts sessions in two, so that their digests are needed. */
  function randomQuestion(rnd: Random): ViewQuery {
    const startDay = below(28, rnd);
    const day = (offset: number) => new Date(Date.UTC(2026, 9, 10 + offset)).toISOString().slice(0, 10);
    const timeZone = pick(['UTC', 'Europe/Paris', 'Asia/Kathmandu'], rnd);
    const window = { timeZone, startDate: day(startDay), endDate: day(startDay + below(14, rnd)) };
    const filters = rnd() < 0.5 ? {} : { agent: [pick(['main', 'ops', 'dev'], rnd)] };
    const sort = pick(['updated', 'cost', 'tokens'] as const, rnd);
    const groupBy = pick(['instance', 'family'] as const, rnd);
    return rnd() < 0.3 ? usageQuery(window, filters) : sessionsQuery(window, filters, { sort, groupBy, limit: 100 });
  }
});

describe('a restart', () => {
  /** What a process that is gone leaves behind. */
  function copyOf(cacheDirectory: string): string {
    const copy = temporaryStateDir();
    cpSync(cacheDirectory, copy, { recursive: true });
    return copy;
  }

  test('finds every digest on disk and reads no transcript', () => {
    const directory = randomStore(5);
    const cacheDirectory = temporaryStateDir();
    const first = digestStore(cacheDirectory);
    const kept = new KeptStore(directory, { digests: first });
    kept.refresh();
    const again = new KeptStore(directory, { digests: digestStore(copyOf(cacheDirectory)) });
    const { pending, folded } = again.refresh();
    expect(pending).toBe(kept.keeper.catalog.rows.size);
    expect(folded).toBe(0);
    expect(stateOf(again.keeper)).toEqual(stateOf(kept.keeper));
  });

  test('folds what changed meanwhile, and what the disk holds in no readable form', () => {
    const directory = randomStore(5);
    const cacheDirectory = temporaryStateDir();
    const first = digestStore(cacheDirectory);
    const kept = new KeptStore(directory, { digests: first });
    kept.refresh();
    const rows = [...kept.keeper.catalog.rows.values()] as [TranscriptRow, TranscriptRow, TranscriptRow];
    const broken = (row: TranscriptRow, digest: Uint8Array) => ({ ...(first.find(row.id) as StoredDigest), digest });
    first.write([broken(rows[0], Buffer.from('CGD rubbish')), broken(rows[1], new Uint8Array(0))], []);
    writeFileSync(join(rows[2].directory, rows[2].name), '{}\n', { flag: 'a' });
    const again = new KeptStore(directory, { digests: digestStore(copyOf(cacheDirectory)) });
    expect(again.refresh().folded).toBe(3);
    expectLikeFresh(again, 'restart');
  });

  test('removes from disk what no longer exists', () => {
    const directory = randomStore(5);
    const digests = digestStore();
    const kept = new KeptStore(directory, { digests });
    kept.refresh();
    const [row] = [...kept.keeper.catalog.rows.values()] as [TranscriptRow];
    expect(digests.get(row.id, row.stamp)).toBeDefined();
    rmSync(join(row.directory, row.name));
    kept.refresh();
    expect(digests.get(row.id, row.stamp)).toBeUndefined();
  });
});

describe('a digest that is neither in memory nor on disk', () => {
  test('makes a view unavailable, and is folded again by the next refresh', () => {
    const directory = temporaryStateDir();
    for (const name of ['a', 'b']) writeWhole(join(directory, `agents/main/sessions/${name}.jsonl`), '{}\n');
    const kept = new KeptStore(directory, { cacheBytes: 1 });
    kept.refresh();
    const [a, b] = [...kept.keeper.catalog.rows.values()] as [TranscriptRow, TranscriptRow];
    const missing = kept.cache.get(a.id, a.stamp) === undefined ? a : b;
    expect(() => kept.keeper.digestOf(missing)).toThrow(DigestUnavailable);
    expect(kept.refresh()).toMatchObject({ pending: 0, folded: 1 });
    expect(kept.keeper.digestOf(missing).models).toEqual([]);
    expect(kept.refresh().folded).toBe(0);
  });

  test('leaves the rollup unsettled when it should be taken out, until that is added up anew', () => {
    const directory = temporaryStateDir();
    const line = linesOf([{ timestamp: '2026-11-20T00:00:00Z', message: { role: 'user' } }]);
    for (const name of ['a', 'b', 'c']) writeWhole(join(directory, `agents/main/sessions/${name}.jsonl`), line);
    const kept = new KeptStore(directory, { cacheBytes: 1 });
    kept.refresh();
    rmSync(join(directory, 'agents/main/sessions/a.jsonl'));
    kept.inventory();
    kept.keeper.restore(REFRESHED_AT);
    expect(kept.keeper.unsettled).toBe(true);
    kept.keeper.settle();
    expect(kept.keeper.unsettled).toBe(false);
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 2, pending: 2 });
    expect(kept.refresh().folded).toBe(2);
    expectLikeFresh(kept, 'settled');
  });
});
