/** Everything that a rollup counts, by name and in order: equal dumps are equal sums, however they came about. */
import { VIEW_COLUMNS } from '../../src/compute/figures.ts';
import type { Combination } from '../../src/snapshot/dimensions.ts';
import type { Rollup } from '../../src/snapshot/rollup.ts';
import type { Reach, RollupBlock } from '../../src/snapshot/rollup-block.ts';

export interface RollupDump {
  readonly rows: readonly string[];
  readonly tools: readonly string[];
  readonly latencies: readonly string[];
}

/** All rows of a rollup. */
export const EVERYTHING: Reach = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, undated: true };

export function dumpRollup(rollup: Rollup): RollupDump {
  const blocks: RollupDump[] = [];
  rollup.forEachBlock(EVERYTHING, (block) => blocks.push(dumpBlock(rollup, block)));
  const all = (part: keyof RollupDump) => blocks.flatMap((dump) => dump[part]).sort();
  return { rows: all('rows'), tools: all('tools'), latencies: all('latencies') };
}

/** `rollup` is where the block comes from: it has the names. */
export function dumpBlock(rollup: Rollup, block: RollupBlock): RollupDump {
  const nameOf = (row: number) => {
    const number = block.combinations[row] as number;
    const { agent, channel, kind, role, provider, model } = rollup.combinations.items[number] as Combination;
    return JSON.stringify([block.quarters[row], agent, channel, kind, role, provider, model]);
  };
  const rows: string[] = [];
  for (let row = 0; row < block.rows; row++) {
    const figures = block.figures.subarray(row * VIEW_COLUMNS, (row + 1) * VIEW_COLUMNS);
    if (figures.some((figure) => figure !== 0)) rows.push(`${nameOf(row)} ${figures.join(' ')}`);
  }
  const tools: string[] = [];
  block.forEachTool((row, tool, calls) => tools.push(`${nameOf(row)} ${rollup.tools.items[tool]} ${calls}`));
  const latencies: string[] = [];
  block.forEachLatency((row, latency, count) => latencies.push(`${nameOf(row)} ${latency} ${count}`));
  return { rows: rows.sort(), tools: tools.sort(), latencies: latencies.sort() };
}
