import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByteSize } from '../src/byte-size.ts';

describe('a size', () => {
  it.each([
    ['0b', 0],
    ['512b', 512],
    ['1kb', 1024],
    ['1kib', 1024],
    ['256mb', 268_435_456],
    ['256MiB', 268_435_456],
    ['1GB', 1_073_741_824],
    ['2gib', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each([
    '',
    '256',
    'mb',
    '1.5gb',
    '-1mb',
    '1 mb',
    ' 1mb',
    '1bib',
    '1ib',
    '1tb',
    '1m',
    '0x1mb',
    '9007199254740992b',
    '99999999999gb',
  ])('%j is none', (text) => {
    expect(parseByteSize(text)).toBeNull();
  });

  it('means the same with a decimal-looking and a binary-looking unit', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom('k', 'm', 'g'), (number, prefix) => {
        expect(parseByteSize(`${number}${prefix}b`)).toBe(parseByteSize(`${number}${prefix}ib`));
      }),
    );
  });
});
