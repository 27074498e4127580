import { describe, expect, it } from 'vitest';
import { cellsOf, cutTo, plainText } from '../../src/cli/cell-text.ts';

describe('text for a terminal', () => {
  it('steers nothing: no escape, no new line, no turning of the direction', () => {
    expect(plainText('a\u001b[2Jb\r\nc\u0007')).toBe('a [2Jb  c ');
    expect(plainText('admin\u202enimda\u2066x\u200b')).toBe('adminnimdax');
    expect(plainText('Grüße, 世界 👋')).toBe('Grüße, 世界 👋');
  });

  it.each([
    ['', 0],
    ['plain', 5],
    ['Grüße', 5],
    ['e\u0301', 1],
    ['世界', 4],
    ['👋 hi', 5],
  ])('takes the cells of its signs: %j takes %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });

  it('is cut with an ellipsis, and never in the middle of a sign', () => {
    expect(cutTo('agent:main', 10)).toBe('agent:main');
    expect(cutTo('agent:main', 6)).toBe('agent…');
    expect(cutTo('世界世界', 4)).toBe('世…');
    expect(cellsOf(cutTo('世界世界', 4))).toBeLessThanOrEqual(4);
  });
});
