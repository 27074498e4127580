import { expect, test } from 'vitest';
import { roomForDigests } from '../../src/snapshot/digest-room.ts';
import { MIB } from '../../src/units.ts';

const SHARE = 13 * MIB + 7;
const EXPECTED = 37 * MIB;

test('the cache has its whole share while the others keep to theirs', () => {
  expect(roomForDigests(SHARE, 0, EXPECTED)).toBe(SHARE);
  expect(roomForDigests(SHARE, EXPECTED, EXPECTED)).toBe(SHARE);
});

test('it leaves free what they hold beyond theirs, in steps of a MiB', () => {
  expect(roomForDigests(SHARE, EXPECTED + 1, EXPECTED)).toBe(SHARE - MIB);
  expect(roomForDigests(SHARE, EXPECTED + MIB, EXPECTED)).toBe(SHARE - MIB);
  expect(roomForDigests(SHARE, EXPECTED + MIB + 1, EXPECTED)).toBe(SHARE - 2 * MIB);
});

test('it is empty, and no less, when they hold all of it', () => {
  expect(roomForDigests(SHARE, EXPECTED + 40 * MIB, EXPECTED)).toBe(0);
  expect(roomForDigests(0, EXPECTED + 40 * MIB, EXPECTED)).toBe(0);
});
