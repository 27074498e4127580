import { describe, expect, test } from 'vitest';
import { DigestCache } from '../../src/cache/digest-cache.ts';
import { below, seededRandom } from '../support/random.ts';

const OVERHEAD = 600;
const bytes = (size: number) => new Uint8Array(size);

describe('the cache of digests', () => {
  test('gives a digest at its stamp only', () => {
    const cache = new DigestCache(10_000);
    const digest = bytes(10);
    cache.set('a', 's1', digest);
    expect(cache.get('a', 's1')).toBe(digest);
    expect(cache.get('a', 's2')).toBeUndefined();
    cache.set('a', 's2', bytes(20));
    expect(cache.get('a', 's1')).toBeUndefined();
    expect(cache.get('a', 's2')).toEqual(bytes(20));
  });

  test('tells what was never here from what was pushed out and what is here for another stamp', () => {
    const cache = new DigestCache(2 * (OVERHEAD + 10));
    const misses = () => cache.counts().misses;
    cache.get('a', 's');
    expect(misses()).toEqual({ cold: 1, capacity: 0, stale: 0 });
    for (const id of ['a', 'b', 'c']) cache.set(id, 's', bytes(10));
    cache.get('a', 's');
    expect(misses()).toEqual({ cold: 1, capacity: 1, stale: 0 });
    cache.get('b', 'older');
    expect(misses()).toEqual({ cold: 1, capacity: 1, stale: 1 });
    cache.delete('a');
    cache.get('a', 's');
    expect(misses()).toEqual({ cold: 2, capacity: 1, stale: 1 });
  });

  test('pushes out what was longest not asked for', () => {
    const cache = new DigestCache(2 * (OVERHEAD + 10));
    cache.set('a', 's', bytes(10));
    cache.set('b', 's', bytes(10));
    cache.get('a', 's');
    cache.set('c', 's', bytes(10));
    expect(['a', 'b', 'c'].map((id) => cache.get(id, 's') !== undefined)).toEqual([true, false, true]);
    expect(cache.counts()).toMatchObject({ entries: 2, evictions: 1 });
  });

  test('does not keep a digest that is larger than the whole, nor its older self', () => {
    const cache = new DigestCache(2000);
    cache.set('a', 's1', bytes(10));
    cache.set('b', 's1', bytes(10));
    cache.set('a', 's2', bytes(2000 - OVERHEAD + 1));
    expect(cache.get('a', 's2')).toBeUndefined();
    expect(cache.get('a', 's1')).toBeUndefined();
    expect(cache.get('b', 's1')).toBeDefined();
    expect(cache.counts()).toMatchObject({ entries: 1, evictions: 1, misses: { cold: 0, capacity: 2, stale: 0 } });
    cache.set('a', 's3', bytes(2000 - OVERHEAD));
    expect(cache.get('a', 's3')).toBeDefined();
  });

  test('keeps what was asked for last when its bound shrinks, nothing under none, and takes on again when it grows', () => {
    const cache = new DigestCache(10 * (OVERHEAD + 10));
    for (const id of ['a', 'b', 'c', 'd']) cache.set(id, 's', bytes(10));
    cache.get('a', 's');
    cache.resize(2 * (OVERHEAD + 10));
    expect(['a', 'b', 'c', 'd'].map((id) => cache.get(id, 's') !== undefined)).toEqual([true, false, false, true]);
    expect(cache.counts()).toMatchObject({
      entries: 2,
      cap: 2 * (OVERHEAD + 10),
      evictions: 2,
      misses: { capacity: 2 },
    });
    cache.resize(0);
    cache.set('e', 's', bytes(0));
    expect(cache.counts()).toMatchObject({ entries: 0, bytes: 0, cap: 0 });
    cache.resize(OVERHEAD + 10);
    cache.set('e', 's', bytes(10));
    expect(cache.get('e', 's')).toBeDefined();
  });

  test.each([1, 2, 3])('holds what its counts say after every step of a random script (%d)', (seed) => {
    const rnd = seededRandom(seed);
    const cap = 20 * (OVERHEAD + 500);
    const cache = new DigestCache(cap);
    /** The last digest that was set of each, whether or not it is still kept. */
    const last = new Map<string, { stamp: string; digest: Uint8Array }>();
    let asked = 0;
    for (let step = 0; step < 3000; step++) {
      const id = `id${below(60, rnd)}`;
      const dice = rnd();
      const before = cache.counts();
      if (dice < 0.4) {
        const entry = { stamp: `s${below(3, rnd)}`, digest: bytes(rnd() < 0.01 ? cap : below(1500, rnd)) };
        cache.set(id, entry.stamp, entry.digest);
        last.set(id, entry);
      } else if (dice < 0.9) {
        const stamp = `s${below(3, rnd)}`;
        const found = cache.get(id, stamp);
        asked++;
        const known = last.get(id);
        if (found !== undefined) expect(known).toEqual({ stamp, digest: found });
        const { misses, hits } = cache.counts();
        expect(hits - before.hits).toBe(found === undefined ? 0 : 1);
        if (known === undefined) expect(misses.cold - before.misses.cold).toBe(1);
        else expect(misses.cold).toBe(before.misses.cold);
      } else {
        cache.delete(id);
        last.delete(id);
      }
      const { entries, bytes: held, cap: limit, hits, misses, evictions } = cache.counts();
      expect(limit).toBe(cap);
      expect(held).toBeLessThanOrEqual(cap);
      expect(hits + misses.cold + misses.capacity + misses.stale).toBe(asked);
      expect(evictions).toBeGreaterThanOrEqual(before.evictions);
      expect(entries).toBeLessThanOrEqual(last.size);
      if (step % 50 === 0) expect(held).toBe(heldBytes(cache, last));
      // Looking was asking.
      if (step % 50 === 0) asked += last.size;
    }
    expect(cache.counts().evictions).toBeGreaterThan(100);
  });

  /** The sizes of all digests that can be had, overheads included. */
  function heldBytes(cache: DigestCache, last: ReadonlyMap<string, { stamp: string; digest: Uint8Array }>): number {
    let sum = 0;
    for (const [id, { stamp, digest }] of last) {
      if (cache.get(id, stamp) !== undefined) sum += digest.byteLength + OVERHEAD;
    }
    return sum;
  }
});
