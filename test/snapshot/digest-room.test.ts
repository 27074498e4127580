import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roomForDigests } from '../../src/snapshot/digest-room.ts';
import { MIB } from '../../src/units.ts';

const SHARE = 13 * MIB + 7;
const EXPECTED = 37 * MIB;

test('the cache has its whole share while the others keep to theirs', () => {
  expect(roomForDigests(0, SHARE, 0, EXPECTED)).toBe(SHARE);
  expect(roomForDigests(SHARE - 1, SHARE, EXPECTED, EXPECTED)).toBe(SHARE);
});

test('it leaves free what they hold beyond theirs, in whole MiB', () => {
  expect(roomForDigests(SHARE, SHARE, EXPECTED + 1, EXPECTED)).toBe(13 * MIB);
  expect(roomForDigests(SHARE, SHARE, EXPECTED + 3 * MIB, EXPECTED)).toBe(10 * MIB);
  expect(roomForDigests(10 * MIB, SHARE, EXPECTED + 3 * MIB + 7, EXPECTED)).toBe(10 * MIB);
  expect(roomForDigests(10 * MIB, SHARE, EXPECTED + 3 * MIB + 8, EXPECTED)).toBe(9 * MIB);
});

test('it is empty, and no less, when they hold all of it', () => {
  expect(roomForDigests(SHARE, SHARE, EXPECTED + 40 * MIB, EXPECTED)).toBe(0);
  expect(roomForDigests(SHARE, 0, EXPECTED + 40 * MIB, EXPECTED)).toBe(0);
});

test('it stays as it is while they go up and down a little, and grows when there is room again', () => {
  const shrunk = roomForDigests(SHARE, SHARE, EXPECTED + 5 * MIB, EXPECTED);
  expect(roomForDigests(shrunk, SHARE, EXPECTED + 4 * MIB, EXPECTED)).toBe(shrunk);
  expect(roomForDigests(shrunk, SHARE, EXPECTED + 5 * MIB, EXPECTED)).toBe(shrunk);
  expect(roomForDigests(shrunk, SHARE, EXPECTED + 2 * MIB, EXPECTED)).toBe(shrunk + 3 * MIB);
});

test('it never takes more than is there', () => {
  const bytes = fc.nat(64 * MIB);
  fc.assert(
    fc.property(bytes, bytes, fc.array(bytes), (share, expected, all) => {
      let cap = 0;
      for (const held of all) {
        cap = roomForDigests(cap, share, held, expected);
        expect(cap).toBeLessThanOrEqual(Math.max(0, share - Math.max(0, held - expected)));
      }
    }),
  );
});
