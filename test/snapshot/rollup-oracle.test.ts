/** The rollup against plain Maps: after every step of random scripts it holds, hands out and reports the same sums. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Digest, UNDATED } from '../../src/compute/digest.ts';
import { VIEW_COLUMNS } from '../../src/compute/figures.ts';
import { type Filing, Rollup } from '../../src/snapshot/rollup.ts';
import type { Reach, RollupBlock } from '../../src/snapshot/rollup-block.ts';
import { amount, counts, latency, quarter } from '../support/arbitrary-row.ts';
import { EVERYTHING } from '../support/rollup-dump.ts';

const FILINGS: readonly Filing[] = [
  { agent: 'main', channel: 'none', kind: 'main' },
  { agent: 'ops', channel: 'none', kind: 'orphan' },
];

/** What one digest of a script counts: cells of models and tools that have names. */
const contents = fc.record({
  filing: fc.constantFrom(...FILINGS),
  cells: fc.array(
    fc.record({
      quarter,
      model: fc.constantFrom(null, 'a', 'b'),
      figures: fc.array(amount, { minLength: VIEW_COLUMNS, maxLength: VIEW_COLUMNS }),
      tools: counts(fc.nat(3)),
      latencies: counts(latency),
    }),
    { maxLength: 12 },
  ),
});
type Contents = typeof contents extends fc.Arbitrary<infer T> ? T : never;

const reach: fc.Arbitrary<Reach> = fc.oneof(
  fc.constant(EVERYTHING),
  fc.record({ start: quarter, end: quarter, undated: fc.boolean() }),
);

const step = fc.oneof(
  { weight: 4, arbitrary: contents.map((digest) => ({ put: digest })) },
  { weight: 3, arbitrary: fc.nat(10).map((index) => ({ takeOut: index })) },
  { weight: 2, arbitrary: reach.map((within) => ({ read: within })) },
  { weight: 1, arbitrary: fc.constant({ takeChanges: true }) },
);

/** By row and column, tool or latency, each with a name: the count. What is 0 is not in it. */
type Sums = Map<string, number>;

function digestOf({ cells }: Contents): Digest {
  const digest = new Digest();
  for (const { quarter, model, figures, tools, latencies } of cells) {
    const cell = digest.cell(quarter, digest.model('assistant', null, model));
    for (const [at, figure] of figures.entries()) cell.figures[at] = (cell.figures[at] as number) + figure;
    for (const [tool, calls] of tools) {
      const index = digest.tool(`tool ${tool}`);
      cell.tools.set(index, (cell.tools.get(index) ?? 0) + calls);
    }
    for (const [latency, count] of latencies) cell.latencies.set(latency, (cell.latencies.get(latency) ?? 0) + count);
  }
  return digest;
}

function add(sums: Sums, key: readonly unknown[], by: number): void {
  const name = JSON.stringify(key);
  const sum = (sums.get(name) ?? 0) + by;
  if (sum === 0) sums.delete(name);
  else sums.set(name, sum);
}

function addContents(sums: Sums, { filing, cells }: Contents, sign: 1 | -1): void {
  for (const { quarter, model, figures, tools, latencies } of cells) {
    const row = [quarter, filing.agent, model];
    for (const [at, figure] of figures.entries()) add(sums, [...row, 'figure', at], sign * figure);
    for (const [tool, calls] of tools) add(sums, [...row, 'tool', `tool ${tool}`], sign * calls);
    for (const [latency, count] of latencies) add(sums, [...row, 'latency', latency], sign * count);
  }
}

/** Adds what a block holds; each of its rows is there once and is not nothing. */
function addBlock(sums: Sums, rollup: Rollup, block: RollupBlock): void {
  const seen = new Set<string>();
  const rowOf = (row: number) => {
    const { agent, model } = rollup.combinations.items[block.combinations[row] as number] ?? {};
    return [block.quarters[row], agent, model];
  };
  const holding = new Set<number>();
  for (let row = 0; row < block.rows; row++) {
    const key = JSON.stringify(rowOf(row));
    expect(seen).not.toContain(key);
    seen.add(key);
    for (let at = 0; at < VIEW_COLUMNS; at++) {
      const figure = block.figures[row * VIEW_COLUMNS + at] as number;
      if (figure !== 0) holding.add(row);
      add(sums, [...rowOf(row), 'figure', at], figure);
    }
  }
  block.forEachTool((row, tool, calls) => {
    holding.add(row);
    add(sums, [...rowOf(row), 'tool', rollup.tools.items[tool]], calls);
  });
  block.forEachLatency((row, latency, count) => {
    holding.add(row);
    add(sums, [...rowOf(row), 'latency', latency], count);
  });
  expect(holding.size).toBe(block.rows);
}

/** Those sums whose quarter hour lies within reach. */
function within(sums: Sums, { start, end, undated }: Reach): Sums {
  return new Map(
    [...sums].filter(([key]) => {
      const [quarter] = JSON.parse(key) as [number];
      return quarter === UNDATED ? undated : quarter >= start && quarter < end;
    }),
  );
}

function read(rollup: Rollup, asked: Reach): Sums {
  const sums: Sums = new Map();
  const rows = new Set<string>();
  rollup.forEachBlock(asked, (block) => {
    for (let row = 0; row < block.rows; row++) {
      const key = `${block.quarters[row]} ${block.combinations[row]}`;
      expect(rows).not.toContain(key);
      rows.add(key);
    }
    addBlock(sums, rollup, block);
  });
  return sums;
}

describe('a rollup', () => {
  // Sizes at which changes are encoded at once, now and then, and never in a script.
  test.each([1, 16, 1024])('is what plain Maps are, with room to gather %d rows', (gathered) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (script) => {
        const rollup = new Rollup(gathered);
        const sums: Sums = new Map();
        const kept: Contents[] = [];
        let before: Sums = new Map();
        const apply = (digest: Contents, sign: 1 | -1) => {
          rollup.apply(digestOf(digest), digest.filing, sign);
          addContents(sums, digest, sign);
        };
        for (const it of script) {
          if ('put' in it) {
            apply(it.put, 1);
            kept.push(it.put);
          } else if ('takeOut' in it) {
            const [digest] = kept.splice(it.takeOut, 1);
            if (digest !== undefined) apply(digest, -1);
          } else if ('read' in it) {
            expect(within(read(rollup, it.read), it.read)).toEqual(within(sums, it.read));
          } else {
            const changes = rollup.takeChanges();
            if (changes !== null) addBlock(before, rollup, changes);
            else before = new Map(sums);
            expect(before).toEqual(sums);
          }
        }
        expect(read(rollup, EVERYTHING)).toEqual(sums);
        for (const digest of kept) apply(digest, -1);
        expect(read(rollup, EVERYTHING)).toEqual(new Map());
      }),
      { numRuns: 60 },
    );
  });
});
