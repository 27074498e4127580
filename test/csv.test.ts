import { expect, test } from 'vitest';
import { csvOf } from '../src/csv.ts';

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['=cmd()', "'=cmd()"],
  ['+1,2', `"'+1,2"`],
  ['-x', "'-x"],
  ['@x', "'@x"],
])('the text %j is one cell, and no formula', (text, cell) => {
  expect(csvOf([[text, 'behind']])).toBe(`${cell},behind\r\n`);
});

test('numbers are plain, what is not there is empty, and every line ends', () => {
  expect(csvOf([[1, -2.5, null], ['']])).toBe('1,-2.5,\r\n\r\n');
});
