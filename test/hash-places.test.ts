import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashPlaces } from '../src/hash-places.ts';

const number = fc.nat(30);
const step = fc.oneof(
  fc.record({ what: fc.constant('enter' as const), number }),
  fc.record({ what: fc.constant('leave' as const), number }),
  fc.record({ what: fc.constant('change' as const), number, to: number }),
);

test('a number is found under its hash, however numbers come, change and go', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (steps, spread) => {
      const places = new HashPlaces();
      /** What each number is called, and so its hash: all but equal, so that many share their places. */
      const names = new Map<number, number>();
      const hashOf = (name: number) => name % spread;
      for (const taken of steps) {
        const name = names.get(taken.number);
        if (taken.what === 'enter' && name === undefined) {
          places.enter(hashOf(taken.number), taken.number);
          names.set(taken.number, taken.number);
        } else if (taken.what === 'leave' && name !== undefined) {
          places.leave(hashOf(name), taken.number);
          names.delete(taken.number);
        } else if (taken.what === 'change' && name !== undefined && !names.has(taken.to)) {
          places.change(hashOf(name), taken.number, taken.to);
          names.delete(taken.number);
          names.set(taken.to, name);
        }
        for (let at = 0; at <= 30; at++) {
          const [known] = [...names].find(([, called]) => called === at) ?? [-1];
          expect(places.find(hashOf(at), (found) => names.get(found) === at)).toBe(known);
        }
      }
    }),
    { numRuns: 100 },
  );
});
