import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteArena } from '../../src/snapshot/byte-arena.ts';

const bytes = fc.uint8Array({ maxLength: 100 });
const step = fc.record({ at: fc.nat({ max: 9 }), bytes: fc.option(bytes) });

test('pieces are what they were last replaced by, whatever happens to the others', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const arena = new ByteArena();
      const kept = new Map<number, { number: number; bytes: Uint8Array }>();
      for (const { at, bytes } of steps) {
        const known = kept.get(at);
        if (bytes === null) {
          if (known !== undefined) arena.drop(known.number);
          kept.delete(at);
        } else {
          kept.set(at, { bytes, number: known === undefined ? arena.put(bytes) : arena.replace(known.number, bytes) });
        }
        for (const { number, bytes } of kept.values()) {
          expect([...arena.get(number).subarray(0, bytes.length)]).toEqual([...bytes]);
        }
      }
    }),
  );
});

test('freed room is used again', () => {
  const arena = new ByteArena();
  const piece = new Uint8Array(90);
  const numbers = Array.from({ length: 10_000 }, () => arena.put(piece));
  const { bytes } = arena;
  expect(bytes).toBeLessThan(1.1 * 96 * numbers.length);
  for (let round = 0; round < 3; round++) {
    for (const number of numbers) arena.drop(number);
    for (const at of numbers.keys()) numbers[at] = arena.put(piece);
  }
  expect(arena.bytes).toBe(bytes);
});

test('what does not fit is an error', () => {
  const arena = new ByteArena();
  expect(arena.get(arena.put(new Uint8Array(524_278).fill(7))).every((byte) => byte === 7)).toBe(true);
  expect(() => arena.put(new Uint8Array(524_279))).toThrow(RangeError);
});
