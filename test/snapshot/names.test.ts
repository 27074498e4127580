import { expect, test } from 'vitest';
import { compareNames, compareText } from '../../src/snapshot/names.ts';

test('names come by code unit, the missing one last', () => {
  const names = ['b', null, 'a', 'B', 'ä', '', '\u{1f600}', '\uffff', 'aa', 'none'];
  expect([...names].sort(compareText)).toEqual(['', 'B', 'a', 'aa', 'b', 'none', 'ä', '\u{1f600}', '\uffff', null]);
  expect(compareText(null, null)).toBe(0);
});

test('models come by provider, then by model', () => {
  const models = [
    { provider: null, model: 'a' },
    { provider: 'b', model: null },
    { provider: 'b', model: 'a' },
    { provider: 'a', model: 'z' },
    { provider: null, model: null },
  ];
  expect([...models].sort(compareNames).map(({ provider, model }) => `${provider}/${model}`)).toEqual([
    'a/z',
    'b/a',
    'b/null',
    'null/a',
    'null/null',
  ]);
});
