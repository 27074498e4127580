import { expect, test } from 'vitest';
import { coloursOn } from '../../src/cli/screen.ts';

const write = () => true;
const terminal = { isTTY: true, hasColors: () => true, write };
const file = { write };

test('colours are for terminals that have them, unless the environment says otherwise', () => {
  expect(coloursOn(terminal, {})).toBe(true);
  expect(coloursOn({ ...terminal, hasColors: () => false }, {})).toBe(false);
  expect(coloursOn(file, {})).toBe(false);
  expect(coloursOn(terminal, { NO_COLOR: '1' })).toBe(false);
  expect(coloursOn(terminal, { NO_COLOR: '' })).toBe(true);
  expect(coloursOn(file, { FORCE_COLOR: '1' })).toBe(true);
  expect(coloursOn(terminal, { FORCE_COLOR: '0' })).toBe(false);
  expect(coloursOn(file, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
});
