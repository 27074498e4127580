import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/demo/random.ts';
import { Rhythm, rhythmShapes } from '../../src/demo/rhythm.ts';

const DAY = 86_400_000;
const to = Date.UTC(2026, 10, 22, 12, 34, 56);
const from = to - 30 * DAY;
const shapes = fc.constantFrom(...Object.values(rhythmShapes));
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe('Rhythm', () => {
  it('keeps to its period, and to the order of shares', () => {
    fc.assert(
      fc.property(shapes, shares, shares, (shape, one, two) => {
        const rhythm = new Rhythm(shape, from, to, new Random(1));
        const [early, late] = [Math.min(one, two), Math.max(one, two)].map((share) => rhythm.momentAt(share));
        expect(early).toBeGreaterThanOrEqual(from);
        expect(late).toBeLessThanOrEqual(to);
        expect(early).toBeLessThanOrEqual(late!);
      }),
    );
  });

  it('finds the moment of the share of a moment', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: from, max: to }), (shape, moment) => {
        const rhythm = new Rhythm(shape, from, to, new Random(1));
        expect(Math.abs(rhythm.momentAt(rhythm.shareAt(moment)) - moment)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('has the busy hours of its shape', () => {
    const rhythm = new Rhythm(rhythmShapes.night, from, to, new Random(1));
    const hours = Array.from({ length: 1000 }, (_, i) => new Date(rhythm.momentAt(i / 1000)).getUTCHours());
    expect(hours.filter((hour) => hour < 6).length).toBeGreaterThan(600);
  });

  it('serves periods shorter than an hour', () => {
    const rhythm = new Rhythm(rhythmShapes.office, to - 1000, to, new Random(1));
    expect(rhythm.momentAt(1)).toBe(to);
  });
});
