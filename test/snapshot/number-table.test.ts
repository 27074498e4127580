import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberTable } from '../../src/snapshot/number-table.ts';

/** Few keys that are met again, small and huge ones of either sign, and such as the rollup makes. */
const key = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.maxSafeInteger(),
  fc.tuple(fc.nat(3000), fc.nat(12)).map(([row, tool]) => row * 2 ** 24 + tool),
  fc
    .tuple(fc.integer({ min: -3, max: 2000 }), fc.nat(7))
    .map(([quarter, combination]) => quarter * 2 ** 19 + combination),
  fc.constantFrom(-1e10 * 2 ** 19, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1, 0),
);
const operation = fc.record({
  set: fc.boolean(),
  key,
  value: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger()),
});

/** Those of a table's entries that are not 0, as `forEach` gives them. */
function entriesOf(table: NumberTable): Map<number, number> {
  const entries = new Map<number, number>();
  table.forEach((entry, value) => {
    expect(entries.has(entry)).toBe(false);
    entries.set(entry, value);
  });
  return entries;
}

describe('a table of numbers', () => {
  test('says what a Map says, where 0 may be as good as nothing', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 400, size: 'max' }),
        fc.constantFrom(8, 64),
        (operations, capacity) => {
          const table = new NumberTable(capacity);
          const map = new Map<number, number>();
          for (const { set, key, value } of operations) {
            const before = map.get(key) ?? 0;
            const sum = set ? value : before + value;
            if (!Number.isSafeInteger(sum)) continue;
            if (set) table.set(key, value);
            else table.add(key, value);
            map.set(key, sum);
            expect(table.get(key)).toBe(sum);
          }
          for (const [key, value] of map) expect(table.get(key) ?? 0).toBe(value);
          expect(entriesOf(table)).toEqual(new Map([...map].filter(([, value]) => value !== 0)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('knows nothing of keys that were never set', () => {
    const table = new NumberTable();
    table.set(7, 1);
    expect(table.get(8)).toBeUndefined();
    expect(table.get(7 + 2 ** 32)).toBeUndefined();
  });

  test('starts anew when it was cleared', () => {
    const table = new NumberTable(8);
    for (let key = 1; key <= 20; key++) table.set(key, key);
    expect(table.size).toBe(20);
    table.clear();
    expect([table.size, table.get(7), entriesOf(table).size]).toEqual([0, undefined, 0]);
    table.add(7, 1);
    expect([table.size, table.get(7)]).toEqual([1, 1]);
  });

  test('does not grow for keys that came and went', () => {
    const table = new NumberTable(64);
    const { bytes } = table;
    for (let key = 0; key < 10_000; key++) {
      table.add(key, 5);
      table.add(key, -5);
    }
    expect(table.bytes).toBe(bytes);
    expect(entriesOf(table).size).toBe(0);
  });

  test('takes at most 64 bytes for each key that it holds', () => {
    const table = new NumberTable();
    for (let key = 0; key < 100_000; key++) table.set(key * 2 ** 24 + (key % 5), 1);
    expect(entriesOf(table).size).toBe(100_000);
    expect(table.bytes).toBeLessThanOrEqual(64 * 100_000);
  });
});
