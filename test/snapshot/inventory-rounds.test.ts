/** A keeper that never looks at everything at once against one that has just done so, over random changes to a real store. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DirectoryChange } from '../../src/snapshot/change-hints.ts';
import { KeptStore } from '../support/kept-store.ts';
import { below, seededRandom } from '../support/random.ts';
import { randomStore } from '../support/random-store.ts';
import { StoreScript } from '../support/store-script.ts';

const STEPS = 40;
/** Long after everything was written, so that nothing counts as written lately. */
const LATER = Date.parse('2040-01-01T00:00:00Z');
const UNHINTED = { everything: false, changes: [] };

afterEach(() => {
  vi.useRealTimers();
});

/** What a keeper knows of each transcript. */
function catalogOf({ keeper }: KeptStore): Record<string, unknown> {
  const rows = [...keeper.catalog.rows.values()].map(({ id, stamp, size, mtimeMs, identity }) => {
    return [id, { stamp, size, mtimeMs, identity }] as const;
  });
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function fresh(directory: string): KeptStore {
  const kept = new KeptStore(directory);
  kept.inventory();
  return kept;
}

/** Waits until the file system dates a change otherwise than the one before: until then its stamps say nothing. */
function tick(directory: string): void {
  const probe = join(directory, 'tick');
  writeFileSync(probe, '');
  const { ctimeNs } = statSync(probe, { bigint: true });
  do writeFileSync(probe, '');
  while (statSync(probe, { bigint: true }).ctimeNs === ctimeNs);
}

describe.each([1, 2, 3, 4])('random changes (script %d)', (seed) => {
  test('are all found within one round of slices', () => {
    const random = seededRandom(seed);
    const script = new StoreScript(randomStore(seed), random);
    const kept = new KeptStore(script.directory);
    // Directories are old enough for their stamps to be relied on.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    let now = LATER;
    const look = () => {
      // Two or three transcripts each time.
      now += 11;
      kept.inventory(UNHINTED, now);
    };
    look();
    for (let step = 0; step < STEPS; step++) {
      tick(script.directory);
      const changes = [script.step(), script.step()];
      tick(script.directory);
      for (let refreshes = below(4, random); refreshes > 0; refreshes--) look();
      if (step % 4 > 0) continue;
      const expected = catalogOf(fresh(script.directory));
      for (let looked = 0; looked <= kept.keeper.catalog.rows.size; looked += 2) look();
      expect(catalogOf(kept), `step ${step}: ${changes.join()}`).toEqual(expected);
    }
  });

  test('are found at once when watchers name them', () => {
    const script = new StoreScript(randomStore(seed), seededRandom(seed));
    const kept = new KeptStore(script.directory);
    kept.inventory(UNHINTED, LATER);
    let before = catalogOf(kept);
    for (let step = 0; step < STEPS; step++) {
      const change = script.step();
      const now = fresh(script.directory);
      const after = catalogOf(now);
      kept.inventory({ everything: false, changes: namesThatDiffer(before, after, script.directory) }, LATER);
      expect(catalogOf(kept), `step ${step}: ${change}`).toEqual(after);
      before = after;
    }
  });
});

/** What watchers of the directories would name. */
function namesThatDiffer(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  state: string,
): DirectoryChange[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...ids].filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  return changed.map((id) => {
    const [agent, name] = id.split('/', 2) as [string, string];
    return { directory: join(state, 'agents', agent, 'sessions'), names: [name] };
  });
}
