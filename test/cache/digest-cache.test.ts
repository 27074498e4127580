import { describe, expect, test } from 'vitest';
import { DigestCache } from '../../src/cache/digest-cache.ts';
import { below, seededRandom } from '../support/random.ts';

const bytes = (size: number) => new Uint8Array(size);
/** A cache has four segments. Four of these digests fit into one, with their ids, stamps and heads. */
const SIZE = 100;
const SEGMENT = 512;
const names = (count: number) => Array.from({ length: count }, (_, at) => `id${at}`);
/** Which of the ids can be had. */
const held = (cache: DigestCache, ids: readonly string[]) => ids.filter((id) => cache.get(id, 's') !== undefined);

describe('the cache of digests', () => {
  test('gives a digest at its stamp only', () => {
    const cache = new DigestCache(10_000);
    const digest = Uint8Array.of(1, 2, 3);
    cache.set('a', 's1', digest);
    expect(cache.get('a', 's1')).toEqual(digest);
    expect(cache.get('a', 's2')).toBeUndefined();
    cache.set('a', 's2', bytes(20));
    expect(cache.get('a', 's1')).toBeUndefined();
    expect(cache.get('a', 's2')).toEqual(bytes(20));
    cache.set('a', 's3', bytes(0));
    expect(cache.get('a', 's3')).toEqual(bytes(0));
  });

  test('tells what was never here from what was pushed out and what is here for another stamp', () => {
    const cache = new DigestCache(4 * SEGMENT);
    const misses = () => cache.counts().misses;
    cache.get('id0', 's');
    expect(misses()).toEqual({ cold: 1, capacity: 0, stale: 0 });
    for (const id of names(17)) cache.set(id, 's', bytes(SIZE));
    cache.get('id0', 's');
    expect(misses()).toEqual({ cold: 1, capacity: 1, stale: 0 });
    cache.get('id16', 'older');
    expect(misses()).toEqual({ cold: 1, capacity: 1, stale: 1 });
    cache.delete('id0');
    cache.get('id0', 's');
    expect(misses()).toEqual({ cold: 2, capacity: 1, stale: 1 });
  });

  test('pushes out what came first and was not asked for since it came or was last spared', () => {
    const cache = new DigestCache(4 * SEGMENT);
    for (const id of names(16)) cache.set(id, 's', bytes(SIZE));
    cache.get('id0', 's');
    for (const id of ['b', 'c']) cache.set(id, 's', bytes(SIZE));
    expect(held(cache, [...names(6), 'b', 'c'])).toEqual(['id0', 'id4', 'id5', 'b', 'c']);
    expect(cache.counts()).toMatchObject({ entries: 15, evictions: 3 });
  });

  test('takes the room of what was replaced before it pushes anything out', () => {
    const cache = new DigestCache(4 * SEGMENT);
    for (const id of names(6)) cache.set(id, 's', bytes(SIZE));
    for (let size = 0; size < 1_000; size++) cache.set(`one${size % 2}`, 's', bytes(size % 90));
    expect(held(cache, names(6))).toEqual(names(6));
    expect(cache.counts()).toMatchObject({ entries: 8, evictions: 0 });
  });

  test('does not keep a digest that is larger than half of a segment, nor its older self', () => {
    const cache = new DigestCache(4 * 4 * SEGMENT);
    cache.set('a', 's', bytes(10));
    cache.set('b', 's', bytes(10));
    cache.set('a', 's', bytes(2 * SEGMENT));
    expect(held(cache, ['a', 'b'])).toEqual(['b']);
    expect(cache.counts()).toMatchObject({ entries: 1, evictions: 1, misses: { cold: 0, capacity: 1, stale: 0 } });
    cache.set('a', 's', bytes(2 * SEGMENT - 22));
    expect(held(cache, ['a', 'b'])).toEqual(['a', 'b']);
  });

  test('keeps what was asked for when its bound shrinks, nothing under none, and takes on again when it grows', () => {
    const cache = new DigestCache(4 * 4 * SEGMENT);
    for (const id of names(40)) cache.set(id, 's', bytes(100));
    cache.get('id3', 's');
    cache.resize(4 * SEGMENT);
    const kept = held(cache, names(40));
    expect(kept).toContain('id3');
    expect(kept.slice(1)).toEqual(names(40).slice(41 - kept.length));
    expect(kept.length).toBeGreaterThan(12);
    expect(cache.counts().bytes).toBeLessThanOrEqual(4 * SEGMENT);
    cache.resize(0);
    cache.set('e', 's', bytes(0));
    expect(cache.counts()).toMatchObject({ entries: 0, bytes: 0, cap: 0 });
    cache.resize(4 * SEGMENT);
    cache.set('e', 's', bytes(10));
    expect(held(cache, ['e'])).toEqual(['e']);
  });

  test.each([1, 2, 3, 4])('holds what its counts say after every step of a random script (%d)', (seed) => {
    const rnd = seededRandom(seed);
    const cap = 10_000;
    const cache = new DigestCache(cap);
    /** The last digest that was set of each, whether or not it is still kept. */
    const last = new Map<string, { stamp: string; digest: Uint8Array }>();
    let asked = 0;
    for (let step = 0; step < 3000; step++) {
      const id = `id${below(60, rnd)}`;
      const dice = rnd();
      const before = cache.counts();
      if (dice < 0.4) {
        const size = rnd() < 0.01 ? cap : below(rnd() < 0.2 ? 300 : 100, rnd);
        const entry = { stamp: `s${below(3, rnd)}`, digest: bytes(size).fill(step) };
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
      } else if (dice < 0.99) {
        cache.delete(id);
        last.delete(id);
      } else {
        cache.resize(rnd() < 0.5 ? cap : 2_000);
      }
      const { entries, bytes: reached, cap: limit, hits, misses, evictions } = cache.counts();
      expect(reached).toBeLessThanOrEqual(limit);
      expect(hits + misses.cold + misses.capacity + misses.stale).toBe(asked);
      expect(evictions).toBeGreaterThanOrEqual(before.evictions);
      if (step % 50 !== 0) continue;
      expect([...last].filter(([id, { stamp }]) => cache.get(id, stamp) !== undefined)).toHaveLength(entries);
      // Looking was asking.
      asked += last.size;
    }
    expect(cache.counts().evictions).toBeGreaterThan(100);
  });
});
