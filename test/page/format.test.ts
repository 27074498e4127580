import { describe, expect, test } from 'vitest';
import { bytes, change, count, dollars, duration, percent, shortCount } from '../../src/page/format.ts';

describe('a figure is written', () => {
  test.each([
    [0, '$0.00'],
    [0.00001, '<$0.0001'],
    [0.0042, '$0.0042'],
    [0.1, '$0.10'],
    [1234.567, '$1,234.57'],
    [-2.5, '−$2.50'],
  ])('%d dollars: %s', (value, text) => expect(dollars(value)).toBe(text));

  test.each([
    [0, '0'],
    [9_999, '9,999'],
    [12_345, '12.3k'],
    [999_400, '999k'],
    [999_500, '1.00M'],
    [78_499_999, '78.5M'],
    [1_234_567_890, '1.23B'],
    [4_321_000_000_000, '4,321B'],
  ])('%d in short: %s', (value, text) => expect(shortCount(value)).toBe(text));

  test.each([
    [120, 100, '+20 %'],
    [97.5, 100, '−2.5 %'],
    [100, 100, '±0 %'],
    [1_300, 100, '×13'],
    [5, 0, null],
  ])('%d after %d: %s', (now, before, text) => expect(change(now, before)).toBe(text));

  test.each([
    [850, '850 ms'],
    [4_200, '4.2 s'],
    [14_000, '14 s'],
    [180_000, '3 min'],
    [18_000_000, '5 h'],
    [259_200_000, '3 d'],
  ])('%d ms: %s', (ms, text) => expect(duration(ms)).toBe(text));

  test.each([
    [512, '512 B'],
    [1_536, '1.5 KiB'],
    [33_344_585, '31.8 MiB'],
    [1_073_741_824, '1.0 GiB'],
  ])('%d bytes: %s', (size, text) => expect(bytes(size)).toBe(text));

  test('in full, and as a share', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect(percent(0.7344)).toBe('73.4 %');
  });
});
