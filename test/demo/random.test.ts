import { describe, expect, it } from 'vitest';
import { Random } from '../../src/demo/random.ts';

const many = <Value>(draw: () => Value) => Array.from({ length: 20_000 }, draw);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  it('gives the same sequence for the same seed, and another one when any part of it differs', () => {
    const sequence = (...seed: (number | string)[]) => {
      const random = new Random(...seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(sequence(1, 'ops')).toEqual(sequence(1, 'ops'));
    expect(sequence(1, 'ops')).not.toEqual(sequence(2, 'ops'));
    expect(sequence(1, 'ops')).not.toEqual(sequence(1, 'ope'));
    expect(sequence(1, 1)).not.toEqual(sequence(11));
  });

  it('spreads its numbers evenly over [0, 1)', () => {
    const random = new Random(1);
    const numbers = many(() => random.next());
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
      expect(share).toBeCloseTo(0.1, 1);
    }
  });

  it('reaches both limits of a range, and nothing beyond', () => {
    const random = new Random(2);
    expect(new Set(many(() => random.integer(-1, 2)))).toEqual(new Set([-1, 0, 1, 2]));
  });

  it('picks weighted items as often as their weight says', () => {
    const random = new Random(3);
    const items = [{ weight: 3 }, { weight: 0 }, { weight: 1 }];
    const picked = many(() => items.indexOf(random.weighted(items)));
    expect(picked.filter((item) => item === 0).length / picked.length).toBeCloseTo(0.75, 1);
    expect(picked).not.toContain(1);
  });

  it('draws positive numbers of the wanted mean with a long tail', () => {
    const random = new Random(4);
    const numbers = many(() => random.logNormal(100, 0.9));
    expect(Math.min(...numbers)).toBeGreaterThan(0);
    expect(mean(numbers)).toBeGreaterThan(95);
    expect(mean(numbers)).toBeLessThan(105);
    expect(Math.max(...numbers)).toBeGreaterThan(1000);
  });

  it('makes UUIDs of version 4 that do not repeat', () => {
    const random = new Random(5);
    const uuids = many(() => random.uuid());
    expect(
      uuids.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
    ).toBe(true);
    expect(new Set(uuids).size).toBe(uuids.length);
  });
});
