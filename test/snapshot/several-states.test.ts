/** One keeper over two state directories: what each says alone, side by side, and nothing of one under the name of the other. */
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeOf } from '../../src/agent-id.ts';
import type { Keeper } from '../../src/snapshot/keeper.ts';
import { type FilterChoice, usageQuery } from '../../src/snapshot/query.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { KeptStore, keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { randomStore } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const ALL = { timeZone: 'UTC', range: 'all' } as const;

const usage = (keeper: Keeper, filters: FilterChoice = {}) => usageView(keeper, usageQuery(ALL, filters), REFRESHED_AT);

function agents(keeper: Keeper): string[] {
  return [...keeper.catalog.rows.stores.keys()].sort();
}

function two(first = randomStore(1), second = randomStore(2)) {
  const kept = new KeptStore(first, { otherStates: [{ name: 'work', directory: second }] });
  kept.refresh();
  return { kept, first, second };
}

describe('two state directories', () => {
  test('count what each counts alone, under ids of their own', () => {
    const { kept, first, second } = two();
    const here = keptStore(first).keeper;
    const there = keptStore(second).keeper;
    expect(agents(kept.keeper)).toEqual([...agents(here), ...agents(there).map((id) => `${id}@work`)].sort());
    for (const { agent, totals } of usage(here).byAgent) {
      expect(usage(kept.keeper, { agent: [agent] }).totals).toEqual(totals);
    }
    for (const { agent, totals } of usage(there).byAgent) {
      expect(usage(kept.keeper, { agent: [`${agent}@work`] }).totals).toEqual(totals);
    }
    const nano = (keeper: Keeper) => Number(usage(keeper).totals.costNano);
    expect(nano(kept.keeper)).toBe(nano(here) + nano(there));
  });

  test('of the same content are two of everything', () => {
    const first = randomStore(3);
    const second = temporaryStateDir();
    cpSync(first, second, { recursive: true, preserveTimestamps: true });
    const { kept } = two(first, second);
    const alone = usage(keptStore(first).keeper);
    expect(usage(kept.keeper).sessionCount).toBe(2 * alone.sessionCount);
    expect(usage(kept.keeper).totals.records).toBe(2 * alone.totals.records);
  });

  test('have prices of their own', () => {
    const first = randomStore(4);
    const second = temporaryStateDir();
    cpSync(first, second, { recursive: true, preserveTimestamps: true });
    rmSync(join(second, 'openclaw.json'));
    const { kept } = two(first, second);
    const priced = (agent: (agent: string) => boolean) =>
      usage(kept.keeper, { agent: agents(kept.keeper).filter(agent) }).totals.estimated;
    expect(priced((agent) => placeOf(agent) === null)).toBeGreaterThan(priced((agent) => placeOf(agent) === 'work'));
  });

  test('are read on while one of them is missing, whose figures stay', () => {
    const { kept, first, second } = two();
    const before = usage(kept.keeper);
    for (const [away, other, subject] of [
      [second, first, 'work:.'],
      [first, second, '.'],
    ] as const) {
      renameSync(away, `${away}-away`);
      const record = { type: 'message', timestamp: '2026-11-01T00:00:00Z', message: { role: 'user', content: 'x' } };
      writeFileSync(join(other, `agents/main/sessions/new-${subject.length}.jsonl`), `${JSON.stringify(record)}\n`);
      const { problems, removed, folded } = kept.refresh();
      expect(problems).toContainEqual(expect.objectContaining({ code: 'state_dir_missing', subject }));
      expect([removed, folded]).toEqual([0, 1]);
      expect(usage(kept.keeper).totals).toEqual(before.totals);
      renameSync(`${away}-away`, away);
      expect(kept.refresh().problems).toEqual([]);
    }
    expect(usage(kept.keeper).messages.total).toBe(before.messages.total + 2);
  });

  test('are all known to gateway calls, the first as the one that is meant', () => {
    const { kept, first } = two();
    const { roster, eras } = kept.keeper.callContext() ?? { roster: null, eras: {} };
    const alone = keptStore(first).keeper.callContext();
    expect(roster?.defaultAgent).toBe(alone?.roster.defaultAgent);
    expect(roster?.configured).toEqual(expect.arrayContaining(['main', 'main@work']));
    expect(Object.keys(eras)).toEqual(agents(kept.keeper));
  });
});
