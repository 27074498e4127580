import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineShortener } from '../../src/compute/line-shortener.ts';
import { piecesOf } from '../support/pieces.ts';

function shortened(line: string, sizes: readonly number[] = [1024]): string | null {
  const shortener = new LineShortener();
  for (const piece of piecesOf(Buffer.from(line), sizes)) shortener.push(piece);
  return shortener.text();
}

const arbitrarySizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('a long line', () => {
  it('is the same where no string of it is long, however its bytes come', () => {
    fc.assert(
      fc.property(fc.json(), arbitrarySizes, (json, sizes) => {
        expect(shortened(json, sizes)).toBe(Buffer.from(json).toString('utf8'));
      }),
    );
  });

  it('keeps the beginning of each string, and is JSON still', () => {
    const awkward = fc.string({
      unit: fc.constantFrom('x', '"', '\\', '\n', '\u0007', 'é', '🦀', '\u2028', '\\"', 'A'.repeat(50)),
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(awkward, awkward, fc.nat(9), (unit, other, shift) => {
        const value = ' '.repeat(shift) + unit.repeat(Math.ceil(40_000 / unit.length));
        const line = JSON.stringify({ a: value, [value]: [other, value], b: 1 });
        const text = shortened(line, [65_536]);
        expect(text?.length).toBeLessThan(line.length);
        const { a, b } = JSON.parse(text as string) as { a: string; b: number };
        expect(b).toBe(1);
        expect(value.startsWith(a.slice(0, -1))).toBe(true);
        expect(a.length).toBeGreaterThan(4000);
      }),
      { numRuns: 200 },
    );
  });

  it('is given up where that is not enough', () => {
    expect(shortened(JSON.stringify(Array.from({ length: 100_000 }, () => 'xxxxxx')))).toBeNull();
    expect(shortened('x'.repeat(524_288))).toHaveLength(524_288);
    expect(shortened('x'.repeat(524_289))).toBeNull();
  });
});
