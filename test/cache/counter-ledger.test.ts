/** Counters in the ledger: what is written is read again, all of it or nothing. */
import { expect, test } from 'vitest';
import { AMOUNTS, type Counter, CounterLedger } from '../../src/cache/counter-ledger.ts';
import { Ledger } from '../../src/cache/ledger.ts';
import { MIGRATIONS } from '../../src/cache/ledger-schema.ts';
import { temporaryStateDir } from '../support/stores.ts';

const clock = { now: () => 0 };
const counter = (agent: string, first: number): Counter => ({
  labels: { agent, provider: 'none', model: 'a "model"', channel: 'telegram' },
  counted: Float64Array.from(AMOUNTS, (_, at) => first + at),
  seen: Float64Array.from(AMOUNTS, (_, at) => first + 100 * at),
});

test('counters are there again after a restart, the last of each name', () => {
  const directory = temporaryStateDir();
  const ledger = new Ledger(directory, clock);
  const counters = new CounterLedger(ledger);
  expect(counters.load()).toEqual([]);
  expect(counters.save([counter('a', 1), counter('b', 2 ** 53 - 600)])).toBe(true);
  expect(counters.save([counter('a', 3)])).toBe(true);
  ledger.close();

  const again = new Ledger(directory, clock);
  const found = new CounterLedger(again).load();
  expect(found?.sort((a, b) => (a.labels.agent < b.labels.agent ? -1 : 1))).toEqual([
    counter('a', 3),
    counter('b', 2 ** 53 - 600),
  ]);
  again.close();
});

test('a ledger of the version before gets the table', () => {
  const directory = temporaryStateDir();
  new Ledger(directory, clock, MIGRATIONS.slice(0, 1)).close();
  const ledger = new Ledger(directory, clock);
  expect(new CounterLedger(ledger).save([counter('a', 1)])).toBe(true);
  ledger.close();
});

test('a ledger that cannot be used says so', () => {
  const ledger = new Ledger(temporaryStateDir(), clock, [
    () => {
      throw new Error('no room');
    },
  ]);
  const counters = new CounterLedger(ledger);
  expect(counters.load()).toBeUndefined();
  expect(counters.save([counter('a', 1)])).toBe(false);
  expect(ledger.state()).toMatchObject({ available: false, problem: 'no room' });
});
