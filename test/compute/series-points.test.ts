import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COST, INPUT, noFigures, RECORDS, TOTAL_TOKENS } from '../../src/compute/figures.ts';
import { SeriesPoints } from '../../src/compute/series-points.ts';

function figuresOf(tokens: number) {
  const figures = noFigures();
  [figures[RECORDS], figures[INPUT], figures[TOTAL_TOKENS], figures[COST]] = [1, tokens, tokens, tokens * 10];
  return figures;
}

const arbitraryTimes = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 300 });

describe('points in bounded memory', () => {
  it('are the records themselves in the order of their time while there is room', () => {
    fc.assert(
      fc.property(arbitraryTimes, (times) => {
        const points = new SeriesPoints();
        for (const [at, time] of times.entries()) points.add(time, figuresOf(at));
        const expected = times.map((time, at) => [time, at]).sort(([a = 0], [b = 0]) => a - b);
        expect(points.groups(300).map(({ end, input }) => [end, input])).toEqual(expected);
      }),
    );
  });

  it('lose no amount and no time when neighbours become one', () => {
    fc.assert(
      fc.property(arbitraryTimes, fc.integer({ min: 1, max: 20 }), (times, most) => {
        const points = new SeriesPoints(8);
        for (const [at, time] of times.entries()) points.add(time, figuresOf(at));
        const groups = points.groups(most);
        expect(groups.length).toBeLessThanOrEqual(Math.min(8, most));
        const sum = (name: 'records' | 'input' | 'cost') => groups.reduce((total, group) => total + group[name], 0);
        const tokens = times.reduce((total, _, at) => total + at, 0);
        expect([sum('records'), sum('input'), sum('cost')]).toEqual([times.length, tokens, tokens * 10]);
        if (times.length === 0) return;
        expect(Math.min(...groups.map(({ start }) => start))).toBe(Math.min(...times));
        expect(Math.max(...groups.map(({ end }) => end))).toBe(Math.max(...times));
      }),
    );
  });
});
