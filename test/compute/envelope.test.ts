import { describe, expect, test } from 'vitest';
import { pack, packInto, unpack } from '../../src/compute/envelope.ts';
import { mappedBytes } from '../../src/mapped-bytes.ts';

const header = { what: 'é', numbers: [1, 2] };
const parts = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(300_000).fill(7)];

describe('an envelope', () => {
  test.each([
    ['small', parts.slice(0, 2), false],
    ['large', parts, true],
  ])('that is %s comes back as it was packed', (_, given, shared) => {
    for (const packed of [pack(header, given), packInto(header, given, mappedBytes)]) {
      expect(unpack(packed).header).toEqual(header);
      expect(unpack(packed).parts.map((part) => [...part])).toEqual(given.map((part) => [...part]));
    }
    expect(pack(header, given).buffer).toBeInstanceOf(ArrayBuffer);
    expect(packInto(header, given, mappedBytes).buffer instanceof SharedArrayBuffer).toBe(shared);
  });

  test('that was cut off is refused', () => {
    expect(() => unpack(pack(header, parts).slice(0, -1))).toThrow(RangeError);
  });
});
