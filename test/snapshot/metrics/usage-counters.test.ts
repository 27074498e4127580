/** Counters of usage against a store that anything can happen to, and a service that ends at any moment. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AMOUNTS, type Counter } from '../../../src/cache/counter-ledger.ts';
import type { CellTotal } from '../../../src/snapshot/metrics/cell-sum.ts';
import { advanced } from '../../../src/snapshot/metrics/usage-counters.ts';

interface Session {
  readonly agent: string;
  readonly model: string;
  channel: string;
  tokens: number;
  /** Nano-dollars a token. */
  price: number;
}

const INPUT = AMOUNTS.indexOf('input');
const COST = AMOUNTS.indexOf('cost');
const labelsOf = ({ agent, model, channel }: Session) => ({ agent, provider: 'p', model, channel });
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

function totalsOf(sessions: Iterable<Session>): CellTotal[] {
  const cells = new Map<string, CellTotal>();
  for (const session of sessions) {
    const labels = labelsOf(session);
    const cell = cells.get(JSON.stringify(labels)) ?? { labels, amounts: new Float64Array(AMOUNTS.length) };
    cells.set(JSON.stringify(labels), cell);
    cell.amounts[INPUT] = (cell.amounts[INPUT] as number) + session.tokens;
    cell.amounts[COST] = (cell.amounts[COST] as number) + session.tokens * session.price;
  }
  return [...cells.values()];
}

const session = (agent: string, model: string, channel: string, tokens: number): Session => ({
  agent,
  model,
  channel,
  tokens,
  price: 1,
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append'), id: fc.nat(7), by: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename'), id: fc.nat(7), by: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), id: fc.nat(7), by: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore'), id: fc.nat(7), by: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reprice'), id: fc.nat(1), by: fc.nat(4) }) },
  // Worked out and never written, as when the service is killed in between.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lost write'), id: fc.constant(0), by: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write'), id: fc.constant(0), by: fc.constant(0) }) },
);
const harmless = step.filter((it) => !['delete', 'restore', 'reprice'].includes(it.do));

/** Runs a script; calls back at each write with the counters before and after it. */
function run(
  script: readonly { do: string; id: number; by: number }[],
  most: number,
  written: (before: readonly Counter[], after: readonly Counter[], sessions: readonly Session[]) => void,
): void {
  const sessions = new Map<number, Session>();
  const deleted = new Map<number, Session>();
  let counters: Counter[] = [];
  for (const { do: what, id, by } of script) {
    const known = sessions.get(id);
    if (what === 'append' && known !== undefined) known.tokens += by;
    else if (what === 'append') sessions.set(id, session(`agent${id % 2}`, `model${id % 3}`, 'none', by));
    else if (what === 'rename' && known !== undefined) known.channel = `channel${by}`;
    else if (what === 'delete' && known !== undefined) {
      deleted.set(id, known);
      sessions.delete(id);
    } else if (what === 'restore' && deleted.has(id) && known === undefined) {
      sessions.set(id, deleted.get(id) as Session);
    } else if (what === 'reprice') {
      for (const it of sessions.values()) if (it.model === `model${id}`) it.price = by;
    } else if (what === 'lost write') {
      advanced(counters, totalsOf(sessions.values()), most);
    } else if (what === 'write') {
      const next = advanced(counters, totalsOf(sessions.values()), most);
      written(counters, next, [...sessions.values()]);
      counters = next;
    }
  }
}

const amountsOf = (counters: readonly Counter[], at: number, group?: string) =>
  sum(
    counters.filter(({ labels }) => !group || labels.agent + labels.model === group).map((it) => it.counted[at] ?? 0),
  );

describe('counters of usage', () => {
  test('are what the stores add up to, by agent and model, while nothing is deleted or priced anew', () => {
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 60 }), (script) => {
        run(script, 200, (_, after, sessions) => {
          for (const group of new Set(sessions.map((it) => it.agent + it.model))) {
            const there = sessions.filter((it) => it.agent + it.model === group);
            expect(amountsOf(after, INPUT, group)).toBe(sum(there.map(({ tokens }) => tokens)));
            expect(amountsOf(after, COST, group)).toBe(sum(there.map(({ tokens, price }) => tokens * price)));
          }
        });
      }),
    );
  });

  test('advance by what an agent and model rose by since the last write, and by nothing when that fell', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (script) => {
        const expected = new Map<string, number>();
        const last = new Map<string, number>();
        run(script, 200, (_, after, sessions) => {
          for (const group of new Set([...last.keys(), ...sessions.map((it) => it.agent + it.model)])) {
            const there = sessions.filter((it) => it.agent + it.model === group);
            const now = sum(there.map(({ tokens, price }) => tokens * price));
            expected.set(group, (expected.get(group) ?? 0) + Math.max(0, now - (last.get(group) ?? 0)));
            last.set(group, now);
            expect(amountsOf(after, COST, group)).toBe(expected.get(group));
          }
        });
      }),
    );
  });

  test('never go down, and keep their names, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (script, most) => {
        run(script, most, (before, after) => {
          const later = new Map(after.map(({ labels, counted }) => [JSON.stringify(labels), counted]));
          for (const { labels, counted } of before) {
            const now = later.get(JSON.stringify(labels));
            expect(now).toBeDefined();
            AMOUNTS.forEach((_, at) => {
              expect(now?.[at]).toBeGreaterThanOrEqual(counted[at] as number);
            });
          }
        });
      }),
    );
  });

  test('count what has no name of its own under "other", and in sum nothing twice', () => {
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (script, most) => {
        run(script, most, (_, after, sessions) => {
          expect(after.filter(({ labels }) => labels.agent !== 'other').length).toBeLessThanOrEqual(most);
          expect(amountsOf(after, INPUT)).toBe(sum(sessions.map(({ tokens }) => tokens)));
        });
      }),
    );
  });

  test('are the same after the same totals again', () => {
    const totals = totalsOf([session('a', 'm', 'none', 5), session('a', 'm', 'telegram', 7)]);
    const once = advanced([], totals);
    expect(advanced(once, totals)).toEqual(once);
  });

  test('leave a session that changes its channel where it was counted, and count on under the new one', () => {
    const moving = session('a', 'm', 'none', 5);
    const first = advanced([], totalsOf([moving]));
    moving.channel = 'telegram';
    moving.tokens += 2;
    const counted = advanced(first, totalsOf([moving])).map(({ labels, counted: it }) => [labels.channel, it[INPUT]]);
    expect(counted).toEqual([
      ['none', 5],
      ['telegram', 2],
    ]);
  });

  test('are named for the largest first', () => {
    const totals = totalsOf([session('a', 'm', 'none', 5), session('b', 'm', 'none', 9), session('c', 'm', 'none', 7)]);
    const names = advanced([], totals, 2).map(({ labels, counted }) => [labels.agent, counted[INPUT]]);
    expect(names).toEqual([
      ['b', 9],
      ['c', 7],
      ['other', 5],
    ]);
  });
});
