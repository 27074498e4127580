/** Everything that a rollup counts, by name and in order: equal dumps are equal sums, however they came about. */
import { VIEW_COLUMNS } from '../../src/compute/figures.ts';
import type { Combination } from '../../src/snapshot/dimensions.ts';
import type { Rollup } from '../../src/snapshot/rollup.ts';

export interface RollupDump {
  readonly rows: readonly string[];
  readonly tools: readonly string[];
  readonly latencies: readonly string[];
}

export function dumpRollup(rollup: Rollup): RollupDump {
  const nameOf = (row: number) => {
    const { agent, channel, kind, role, provider, model } = rollup.combinations.items[
      rollup.rowCombinations[row] as number
    ] as Combination;
    return JSON.stringify([rollup.quarters[row], agent, channel, kind, role, provider, model]);
  };
  const rows: string[] = [];
  for (let row = 0; row < rollup.rows; row++) {
    const figures = rollup.figures.subarray(row * VIEW_COLUMNS, (row + 1) * VIEW_COLUMNS);
    if (figures.some((figure) => figure !== 0)) rows.push(`${nameOf(row)} ${figures.join(' ')}`);
  }
  const tools: string[] = [];
  rollup.forEachTool((row, tool, calls) => tools.push(`${nameOf(row)} ${rollup.tools.items[tool]} ${calls}`));
  const latencies: string[] = [];
  rollup.forEachLatency((row, latency, count) => latencies.push(`${nameOf(row)} ${latency} ${count}`));
  return { rows: rows.sort(), tools: tools.sort(), latencies: latencies.sort() };
}
