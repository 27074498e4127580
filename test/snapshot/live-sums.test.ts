/** Sums that follow what changes, held against sums that are made anew. */
import { describe, expect, test } from 'vitest';
import { LiveSums } from '../../src/snapshot/live-sums.ts';
import { type UsageQuery, usageQuery } from '../../src/snapshot/query.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { RANGES } from '../../src/snapshot/window.ts';
import { expectEqual } from '../support/answers.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
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

describe('views of live sums say what views of fresh ones say', () => {
  test.each([1, 2])('whatever happens to the transcripts (script %d)', (seed) => {
    const script = new StoreScript(randomStore(seed), seededRandom(seed));
    const kept = new KeptStore(script.directory);
    const sums = new LiveSums(kept.keeper);
    const names: string[] = [];
    // Half an hour each time, so that quarter hours and days pass.
    for (let step = 0, now = REFRESHED_AT; step < 25; step++, now += 1_800_000) {
      kept.refresh(now);
      for (const query of QUESTIONS) {
        const live = usageView(kept.keeper, query, now, sums);
        expectEqual(live, usageView(kept.keeper, query, now), { names, query });
      }
      sums.sweep();
      names.push(script.step());
    }
  });

  test('also where the rollup changes between two questions', () => {
    const script = new StoreScript(randomStore(7), seededRandom(7));
    const kept = new KeptStore(script.directory);
    const sums = new LiveSums(kept.keeper);
    for (let step = 0; step < 40; step++) {
      script.step();
      kept.refresh();
      const query = QUESTIONS[step % 5] as UsageQuery;
      expectEqual(usageView(kept.keeper, query, REFRESHED_AT, sums), usageView(kept.keeper, query, REFRESHED_AT), step);
    }
  });
});

test('a sum is made once, and again only after nothing asked for it between two sweeps', () => {
  const kept = new KeptStore(randomStore(1));
  kept.refresh();
  const sums = new LiveSums(kept.keeper);
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
