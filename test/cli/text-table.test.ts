import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../src/cli/cell-text.ts';
import { type Column, tableOf } from '../../src/cli/text-table.ts';

interface Row {
  readonly name: string;
  readonly tokens: number;
  readonly note: string;
}

const columns: Column<Row>[] = [
  { title: 'Name', align: 'left', text: ({ name }) => name, rank: 0, least: 6 },
  {
    title: 'Tokens',
    align: 'right',
    text: ({ tokens }) => String(tokens),
    short: ({ tokens }) => `${Math.round(tokens / 1e6)}M`,
    rank: 0,
  },
  { title: 'Note', align: 'left', text: ({ note }) => note, rank: 1, least: 4 },
];

const rows: Row[] = [
  { name: 'anthropic/claude', tokens: 12_345_678, note: 'dearest' },
  { name: 'local', tokens: 9_000_000, note: 'for free' },
];

describe('a table', () => {
  it('aligns its columns, and shows everything where the width is not bounded', () => {
    expect(tableOf(columns, rows, null)).toEqual([
      'Name                Tokens  Note',
      'anthropic/claude  12345678  dearest',
      'local              9000000  for free',
    ]);
  });

  it('cuts names first, then shortens numbers, then leaves columns out', () => {
    expect(tableOf(columns, rows, 28)).toMatchInlineSnapshot(`
      [
        "Name        Tokens  Note",
        "anthrop…  12345678  dearest",
        "local      9000000  for free",
      ]
    `);
    expect(tableOf(columns, rows, 20)).toMatchInlineSnapshot(`
      [
        "Name    Tokens  Note",
        "anthr…     12M  dea…",
        "local       9M  for…",
      ]
    `);
    expect(tableOf(columns, rows, 15)).toMatchInlineSnapshot(`
      [
        "Name     Tokens",
        "anthro…     12M",
        "local        9M",
      ]
    `);
  });

  it('is as narrow as it can be where it fits nowhere', () => {
    expect(tableOf(columns, rows, 3)).toEqual(['Name    Tokens', 'anthr…     12M', 'local       9M']);
  });

  it('is never wider than it may be, as long as the columns that stay can be that narrow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), tokens: fc.nat(), note: fc.string() })),
        fc.integer({ min: 14, max: 60 }),
        (all, width) => {
          for (const line of tableOf(columns, all, width)) expect(cellsOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
