/** Sums and lists that follow what changes, held against those that are made anew. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DigestUnavailable } from '../../src/snapshot/counted-digests.ts';
import {
  type SessionsQuery,
  sessionsQuery,
  type UsageQuery,
  usageQuery,
  type ViewQuery,
} from '../../src/snapshot/query.ts';
import type { SessionsFigures } from '../../src/snapshot/shapes.ts';
import { LiveSources } from '../../src/snapshot/view-sources.ts';
import { Views } from '../../src/snapshot/views.ts';
import { RANGES } from '../../src/snapshot/window.ts';
import { expectEqual } from '../support/answers.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore, keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { seededRandom } from '../support/random.ts';
import { randomStore } from '../support/random-store.ts';
import { StoreScript } from '../support/store-script.ts';

const ZONES = ['UTC', 'Asia/Kathmandu'];
const UTC = { timeZone: 'UTC', range: 'all' } as const;
const MODELS = { model: ['acme-large', 'none'] };

/** Every range in every zone, all splits, a fine series, and what filters leave. */
const QUESTIONS: readonly UsageQuery[] = [
  ...ZONES.flatMap((timeZone) => RANGES.map((range) => usageQuery({ timeZone, range }))),
  ...(['model', 'provider', 'agent', 'channel', 'kind'] as const).map((split) => usageQuery(UTC, {}, split)),
  usageQuery(UTC, MODELS, 'model'),
  usageQuery(UTC, { agent: ['main'] }, 'channel'),
  usageQuery({ timeZone: 'Asia/Kathmandu', range: '7d', granularity: 'hour' }, {}, 'model'),
];

const LISTS: readonly SessionsQuery[] = (['updated', 'cost', 'tokens'] as const).flatMap((sort) => [
  sessionsQuery(UTC, {}, { sort, limit: 1000 }),
  sessionsQuery({ timeZone: 'Asia/Kathmandu' }, {}, { sort, limit: 3 }),
  sessionsQuery(UTC, { agent: ['main'] }, { sort, groupBy: 'family', q: 'a' }),
]);

describe('views that follow what changes say what views say that are built anew', () => {
  test.each([1, 2])('whatever happens to the transcripts (script %d)', (seed) => {
    const script = new StoreScript(randomStore(seed), seededRandom(seed));
    const kept = new KeptStore(script.directory);
    const sources = new LiveSources(kept.keeper);
    const [live, fresh] = [new Views(kept.keeper, 'k'), new Views(kept.keeper, 'k')];
    const steps: string[] = [];
    // Half an hour each time, so that quarter hours and days pass.
    for (let step = 0, now = REFRESHED_AT; step < 25; step++, now += 1_800_000) {
      kept.refresh(now);
      for (const query of [...QUESTIONS, ...LISTS]) {
        expectEqual(live.build(query, now, sources), fresh.build(query, now), { steps, query });
      }
      sources.sweep();
      steps.push(script.step());
    }
  });

  test('also where something changes between two questions', () => {
    const script = new StoreScript(randomStore(7), seededRandom(7));
    const kept = new KeptStore(script.directory);
    const sources = new LiveSources(kept.keeper);
    const [live, fresh] = [new Views(kept.keeper, 'k'), new Views(kept.keeper, 'k')];
    const queries = [...QUESTIONS.slice(0, 4), ...LISTS.slice(0, 4)];
    for (let step = 0; step < 60; step++) {
      script.step();
      kept.refresh();
      const query = queries[step % 7] as ViewQuery;
      expectEqual(live.build(query, REFRESHED_AT, sources), fresh.build(query, REFRESHED_AT), { step, query });
    }
  });

  test('where digests are gone, as soon as they were folded again', () => {
    const script = new StoreScript(randomStore(3), seededRandom(3));
    const kept = new KeptStore(script.directory, { cacheBytes: 1 });
    const sources = new LiveSources(kept.keeper);
    const window = { timeZone: 'UTC', startDate: '2026-03-29', endDate: '2026-10-25' };
    const queries = [usageQuery(window), sessionsQuery(window, {}, { limit: 1000 })];
    const live = new Views(kept.keeper, 'k');
    for (let step = 0; step < 5; step++) {
      script.step();
      const answers = queries.map((query) => untilFolded(kept, () => live.build(query, REFRESHED_AT, sources)));
      const { keeper } = keptStore(script.directory);
      const fresh = new Views(keeper, 'k');
      expectEqual(
        answers,
        queries.map((query) => fresh.build(query, REFRESHED_AT)),
        step,
      );
    }
  });
});

/** What is asked, once no digest is missing for it any more. */
function untilFolded<Answer>(kept: KeptStore, ask: () => Answer): Answer {
  for (let tries = kept.keeper.catalog.rows.size + 2; ; tries--) {
    kept.refresh();
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof DigestUnavailable) || tries < 0) throw error;
    }
  }
}

describe('a page of an earlier moment', () => {
  test('keeps its order and its figures while the list that it was cut from goes on', () => {
    const kept = new KeptStore(randomStore(6));
    kept.refresh();
    const sources = new LiveSources(kept.keeper);
    const views = new Views(kept.keeper, 'k');
    const page = (limit: number, cursor: string | null = null) =>
      views.build(sessionsQuery(UTC, {}, { limit, cursor, sort: 'tokens' }), REFRESHED_AT, sources) as SessionsFigures;
    const first = page(4);
    const before = page(1000);
    const line = { timestamp: '2026-11-22T12:00:00Z', message: { role: 'assistant', usage: { input: 1e9 } } };
    appendFileSync(join(kept.directory, 'agents/main/sessions/main-1.jsonl'), linesOf([line]));
    kept.refresh();
    expect(page(1000)).not.toEqual(before);
    const { totals, sessions } = page(1000, first.next);
    expect(totals).toEqual(before.totals);
    expect([...first.sessions, ...sessions]).toEqual(before.sessions);
  });
});

test('a sum is made once, and again only after nothing asked for it between two sweeps', () => {
  const kept = new KeptStore(randomStore(1));
  kept.refresh();
  const { sums } = new LiveSources(kept.keeper);
  let made = 0;
  const ask = () =>
    sums.of('key', () => {
      made++;
      return { reach: { start: 0, end: 0, undated: false }, add: () => {} };
    });
  const sum = ask();
  sums.sweep();
  expect(ask()).toBe(sum);
  sums.sweep();
  sums.sweep();
  expect(ask()).not.toBe(sum);
  expect(made).toBe(2);
});
