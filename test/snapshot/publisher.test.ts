import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { unpack } from '../../src/compute/envelope.ts';
import { firstQueries, keysOf, precomputedQueries, usedZoneQueries } from '../../src/snapshot/precomputed.ts';
import { nextSnapshot, type PublishedSnapshot } from '../../src/snapshot/published.ts';
import { Publisher, type SnapshotHeader } from '../../src/snapshot/publisher.ts';
import { viewKey } from '../../src/snapshot/query.ts';
import { Views } from '../../src/snapshot/views.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore } from '../support/kept-store.ts';
import { writeJson, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const ZONES = ['UTC', 'Europe/Paris'];
const FIRST_KEYS = firstQueries(ZONES).map(viewKey);
const VIEW_KEYS = precomputedQueries(ZONES).map(viewKey);
const KEYS = precomputedQueries(ZONES).flatMap(keysOf);
const TOKYO_VIEWS = usedZoneQueries(['Asia/Tokyo']);
const TOKYO_KEYS = TOKYO_VIEWS.flatMap(keysOf);

const message = (timestamp: string, input: number, model = 'm') => ({
  timestamp,
  message: { role: 'assistant', model, usage: { input, cost: { total: 1 } } },
});

let kept: KeptStore;
let publisher: Publisher;
/** Milliseconds that go by between two looks at the clock: at first, a whole step of a publication. */
let tick = 4;
let time = 0;
const clock = {
  monotonic() {
    time += tick;
    return time;
  },
};
const path = (name: string) => join(kept.directory, 'agents/main/sessions', name);

beforeEach(() => {
  kept = new KeptStore(temporaryStateDir());
  writeWhole(path('old.jsonl'), linesOf([message('2026-01-05T10:00:00Z', 1), message('2026-03-05T10:00:00Z', 1)]));
  writeWhole(path('new.jsonl'), linesOf([message('2026-11-20T10:00:00Z', 1)]));
  kept.refresh();
  tick = 4;
  publisher = publisherOf('k');
});

function publisherOf(incarnation: string): Publisher {
  return new Publisher(kept.keeper, new Views(kept.keeper, incarnation), incarnation, ZONES, clock);
}

/** All steps of one publication. */
function publish(now = NOON, whole = true): { packed: Uint8Array; header: SnapshotHeader; steps: number } {
  for (let steps = 1; ; steps++) {
    const packed = publisher.step(now, whole);
    if (packed !== null) return { packed, header: unpack<SnapshotHeader>(packed).header, steps };
  }
}

const changedViews = (now?: number) => publish(now).header.views.map(({ key }) => key);
const isView = (key: string) => VIEW_KEYS.includes(key);
const ranges = (keys: readonly string[]) => new Set(keys.filter(isView).map((key) => (JSON.parse(key) as string[])[1]));

describe('a publication', () => {
  test('first holds every precomputed view', () => {
    const { header, steps } = publish();
    expect(header.views.map(({ key }) => key)).toEqual(KEYS);
    expect(steps).toBe(VIEW_KEYS.length + 1);
    expect(header).toMatchObject({ id: 'k.1', unavailable: 0, coverage: kept.keeper.coverage() });
  });

  test('builds as many views at a step as there is time for', () => {
    tick = 2;
    expect(publish().steps).toBe(VIEW_KEYS.length / 2 + 1);
    publisher = publisherOf('other');
    tick = 0;
    expect(publish().steps).toBe(1);
  });

  test('of the same figures has the same id, no view and one step', () => {
    publish();
    expect(publish()).toMatchObject({ header: { id: 'k.1', views: [] }, steps: 1 });
  });

  test('after a change that no view shows has the same id', () => {
    const entry = { sessionId: 'new', updatedAt: NOON };
    writeJson(kept.directory, 'agents/main/sessions/sessions.json', { 'agent:main:main': entry });
    kept.refresh();
    const { generation } = publish().header;
    const { version } = kept.keeper;
    writeFileSync(path('new.jsonl'), linesOf([{ type: 'custom' }]), { flag: 'a' });
    kept.refresh();
    expect(kept.keeper.version).toBeGreaterThan(version);
    const { header, steps } = publish();
    expect(header).toMatchObject({ id: 'k.1', views: [], coverage: kept.keeper.coverage() });
    expect(steps).toBe(VIEW_KEYS.length + 1);
    // Another view, that nobody precomputed, may show it.
    expect(header.generation).not.toBe(generation);
    expect(publish().header.generation).toBe(header.generation);
  });

  test('after a change holds the views whose figures changed, and no others', () => {
    publish();
    writeFileSync(path('old.jsonl'), linesOf([message('2026-03-05T10:00:00Z', 5)]), { flag: 'a' });
    kept.refresh();
    const { header } = publish();
    expect(header.id).toBe('k.2');
    expect(ranges(header.views.map(({ key }) => key))).toEqual(new Set(['1y', 'all']));
  });

  test('moves on with the time: another quarter hour, another day', () => {
    publish(NOON);
    expect(changedViews(NOON + 14 * MINUTE)).toEqual([]);
    writeFileSync(path('new.jsonl'), linesOf([message('2026-11-21T12:05:00Z', 5)]), { flag: 'a' });
    kept.refresh();
    publish(NOON + 14 * MINUTE);
    // Yesterday up to the present quarter hour now holds it.
    expect(ranges(changedViews(NOON + 15 * MINUTE))).toEqual(new Set(['today']));
    const nextDay = changedViews(NOON + 12 * 60 * MINUTE);
    expect(ranges(nextDay)).toEqual(new Set(['today', '7d', '30d', '90d', '1y']));
    expect(nextDay.map((key) => (JSON.parse(key) as string[])[0])).toContain('sessions');
  });

  test('names figures by the keeper that found them', () => {
    publish();
    publisher = publisherOf('other');
    expect(publish().header).toMatchObject({ id: 'other.1' });
  });

  test('goes on with what it can build, and tries the rest the next time', () => {
    const tiny = new KeptStore(kept.directory, { cacheBytes: 1 });
    tiny.refresh();
    kept = tiny;
    publisher = publisherOf('k');
    const { header } = publish();
    expect(header.unavailable).toBeGreaterThan(0);
    const seen = new Set(header.views.map(({ key }) => key));
    expect([...seen].filter(isView).length + header.unavailable).toBe(VIEW_KEYS.length);
    for (let tries = 0; tries < 10 && seen.size < KEYS.length; tries++) {
      tiny.refresh();
      for (const key of changedViews()) seen.add(key);
    }
    expect([...seen].sort()).toEqual([...KEYS].sort());
    expect(publish().header).toMatchObject({ views: [], unavailable: 0 });
  });
});

describe('a zone that somebody uses', () => {
  const keysIn = (header: SnapshotHeader) => header.views.map(({ key }) => key);

  test('has its first figures ready from the next publication on, which is no news of others', () => {
    publish();
    publisher.restart(['Asia/Tokyo']);
    expect(publisher.isCurrent(NOON)).toBe(false);
    const { header } = publish();
    expect(header).toMatchObject({ id: 'k.1', keys: [...KEYS, ...TOKYO_KEYS] });
    expect(keysIn(header)).toEqual(TOKYO_KEYS);
    publisher.restart(['Asia/Tokyo']);
    expect(publisher.isCurrent(NOON)).toBe(true);
  });

  test('follows what changes', () => {
    publisher.restart(['Asia/Tokyo']);
    publish();
    writeFileSync(path('new.jsonl'), linesOf([message('2026-11-21T10:00:00Z', 5)]), { flag: 'a' });
    kept.refresh();
    const { header } = publish();
    expect(header.id).toBe('k.2');
    expect(keysIn(header)).toEqual(expect.arrayContaining(TOKYO_KEYS));
    // Its midnight is news, although nothing changed in any other zone.
    publish(NOON + 2 * 60 * MINUTE);
    const midnight = publish(NOON + 3 * 60 * MINUTE).header;
    expect(midnight.id).not.toBe(header.id);
    expect(keysIn(midnight)).toEqual(expect.arrayContaining(TOKYO_VIEWS.map(viewKey)));
  });

  test('is ready no more when it is not used any longer, and as good as new when it is again', () => {
    publisher.restart(['Asia/Tokyo']);
    const first = nextSnapshot(null, publish().packed, NOON);
    publisher.restart([]);
    const second = nextSnapshot(first, publish().packed, NOON);
    expect(second.id).toBe(first.id);
    expect([...second.views.keys()].sort()).toEqual([...KEYS].sort());
    publisher.restart(['Asia/Tokyo']);
    const third = nextSnapshot(second, publish().packed, NOON);
    expect([...third.views.keys()].sort()).toEqual([...first.views.keys()].sort());
  });

  test('is not left over from a run before, whose figures are others', () => {
    publisher.restart(['Asia/Tokyo']);
    const before = nextSnapshot(null, publish().packed, NOON);
    publisher = publisherOf('other');
    const after = nextSnapshot(before, publish().packed, NOON);
    expect([...after.views.keys()].sort()).toEqual([...KEYS].sort());
  });
});

describe('a publication of the first views', () => {
  test('holds the usage that is asked for by default, and the whole one after it the rest', () => {
    const first = publish(NOON, false).header;
    expect(first.views.map(({ key }) => key)).toEqual(FIRST_KEYS);
    const rest = publish().header;
    expect(rest.id).toBe('k.2');
    expect(rest.views.map(({ key }) => key)).toEqual(KEYS.filter((key) => !FIRST_KEYS.includes(key)));
  });

  test('follows what becomes known', () => {
    publish(NOON, false);
    writeFileSync(path('new.jsonl'), linesOf([message('2026-11-21T10:00:00Z', 5)]), { flag: 'a' });
    kept.refresh();
    expect(publish(NOON, false).header).toMatchObject({ id: 'k.2', views: FIRST_KEYS.map((key) => ({ key })) });
  });

  test('is a whole one where all views are ready already: they must be of one moment', () => {
    publish();
    writeFileSync(path('old.jsonl'), linesOf([message('2026-03-05T10:00:00Z', 5)]), { flag: 'a' });
    kept.refresh();
    const { views } = publish(NOON, false).header;
    expect(ranges(views.map(({ key }) => key))).toEqual(new Set(['1y', 'all']));
  });
});

describe('a publication that was given up half way', () => {
  test('is begun anew, of one moment, and nothing that was rendered is lost', () => {
    for (let step = 0; step < 5; step++) publisher.step(NOON);
    writeFileSync(path('new.jsonl'), linesOf([message('2026-11-21T10:00:00Z', 5)]), { flag: 'a' });
    kept.refresh();
    publisher.restart();
    const snapshot = nextSnapshot(null, publish().packed, NOON);
    expect([...snapshot.views.keys()].sort()).toEqual([...KEYS].sort());
    expect(contentsOf(snapshot)).toEqual(contentsOf(wholeOf('fresh')));
    expect(publish().header.views).toEqual([]);
  });

  test('may be given up again and again', () => {
    publisher.restart();
    publisher.step(NOON);
    publisher.restart();
    publisher.restart();
    publisher.step(NOON);
    publisher.restart();
    expect(contentsOf(nextSnapshot(null, publish().packed, NOON))).toEqual(contentsOf(wholeOf('fresh')));
  });

  function wholeOf(incarnation: string): PublishedSnapshot {
    publisher = publisherOf(incarnation);
    return nextSnapshot(null, publish().packed, NOON);
  }

  function contentsOf({ views }: PublishedSnapshot): Record<string, string> {
    return Object.fromEntries([...views].map(([key, { etag }]) => [key, etag]));
  }
});
