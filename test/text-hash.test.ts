import { expect, test } from 'vitest';
import { hashOf } from '../src/text-hash.ts';

test('is a 32-bit integer, the same for the same text, and spread over the lowest bits', () => {
  const hashes = Array.from({ length: 10_000 }, (_, at) => hashOf(`ops/session-${at}.jsonl`));
  expect(hashes.every((hash) => Number.isInteger(hash) && hash === (hash | 0))).toBe(true);
  expect(hashOf('ops/session-7.jsonl')).toBe(hashes[7]);
  expect(new Set(hashes).size).toBeGreaterThan(9_990);
  const places = new Set(hashes.map((hash) => hash & 0x3fff));
  // Of 16,384 places, 10,000 numbers at random take 7,484.
  expect(places.size).toBeGreaterThan(7_200);
});
