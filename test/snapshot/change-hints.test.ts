import { expect, test } from 'vitest';
import { ChangeHints } from '../../src/snapshot/change-hints.ts';

test('hints name what changed in each directory once, and are forgotten when they were taken', () => {
  const hints = new ChangeHints();
  for (const name of ['a', 'b', 'a']) hints.add('/x', name);
  hints.add('/y', 'a');
  expect(hints.take()).toEqual([
    { directory: '/x', names: ['a', 'b'] },
    { directory: '/y', names: ['a'] },
  ]);
  expect(hints.take()).toEqual([]);
});

test('a change without a name is one of the whole directory, whatever is named besides', () => {
  const hints = new ChangeHints();
  hints.add('/x', 'a');
  hints.add('/x', null);
  hints.add('/x', 'b');
  expect(hints.take()).toEqual([{ directory: '/x', names: null }]);
});

test('a storm of names is bounded: a directory that brings one too many is told of as a whole', () => {
  const hints = new ChangeHints();
  for (let name = 0; name < 1_000; name++) hints.add('/x', String(name));
  for (let name = 0; name < 1_000; name++) hints.add('/y', String(name));
  hints.add('/x', 'more');
  const [x, y] = hints.take();
  expect([x?.names?.length, y?.names]).toEqual([1_001, null]);
});
