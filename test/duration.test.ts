import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../src/duration.ts';

describe('a duration', () => {
  it.each([
    ['0ms', 0],
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['400d', 34_560_000_000],
    ['007s', 7000],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    '10',
    's',
    '1.5s',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1S',
    '1M',
    '1w',
    '1s1s',
    '1e3s',
    '１s',
    '9007199254740993ms',
    '9999999999999999h',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('is its number times its unit, whatever the number', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
    fc.assert(
      fc.property(fc.nat(1e8), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (number, unit) => {
        expect(parseDuration(`${number}${unit}`)).toBe(number * units[unit]);
      }),
    );
  });
});
