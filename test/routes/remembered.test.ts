import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Remembered } from '../../src/routes/remembered.ts';

describe('what is remembered', () => {
  test('is what was set last, or nothing', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 12 }), size: fc.integer({ min: 1, max: 7 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const remembered = new Remembered<number, number>(6);
        const set = new Map<number, number>();
        steps.forEach(({ key, size }, at) => {
          remembered.set(key, at, size);
          set.set(key, at);
          expect(remembered.get(key)).toBe(size <= 6 ? at : undefined);
          for (const [known, value] of set) expect([undefined, value]).toContain(remembered.get(known));
        });
      }),
    );
  });

  test('is never more than two generations', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 40 }),
      size: fc.integer({ min: 1, max: 12 }),
      set: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const remembered = new Remembered<number, number>(10);
        for (const { key, size, set } of steps) {
          if (set) remembered.set(key, size, size);
          else remembered.get(key);
        }
        let kept = 0;
        // Asking promotes, and so may forget, but never adds.
        for (let key = 0; key <= 40; key++) kept += remembered.get(key) ?? 0;
        expect(kept).toBeLessThanOrEqual(20 + 10);
      }),
    );
  });

  test('stays as long as it is asked for', () => {
    const remembered = new Remembered<string, number>(4);
    remembered.set('asked', 1);
    remembered.set('not asked', 1);
    for (let other = 0; other < 100; other++) {
      remembered.set(`other ${other}`, 1);
      expect(remembered.get('asked')).toBe(1);
    }
    expect(remembered.get('not asked')).toBeUndefined();
  });
});
