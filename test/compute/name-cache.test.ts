import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readName } from '../../src/compute/name-cache.ts';

function read(name: string): string {
  const bytes = Buffer.from(`<${name}>`);
  return readName(bytes, 1, bytes.length - 1);
}

test('a name is what its bytes say, whatever was read before', () => {
  const letters = fc.constantFrom('a', 'b', 'c', 'é', '5');
  const names = fc.array(fc.array(letters, { maxLength: 40 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(names, (some) => {
      for (const letters of some) expect(read(letters.join(''))).toBe(letters.join(''));
    }),
  );
});

test.each([
  ['that differs where it is not looked at first', 'abcde', 'axcye'],
  ['that begins the one before', 'acaw', 'ac'],
])('a name that shares its slot with another one %s is itself', (_, before, name) => {
  for (const text of [before, name, before]) expect(read(text)).toBe(text);
});
