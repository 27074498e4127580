/**
 * The counters of usage: sums of the stores that never go down. A counter advances by what the sum of its agent and model
 * rose by since the ledger last had it, over all channels together: so a session that changes its channel counts once,
 * under the channel where it was counted first. A sum that falls (deleted, purged or cheaper by now) leaves the counter
 * as it is, and what is added after that counts again.
 */
import { AMOUNTS, type Counter, type CounterLabels } from '../../cache/counter-ledger.ts';
import type { CellTotal } from './cell-sum.ts';

/** Counters that there can be under their own names. */
const MAX_COUNTERS = 200;

/** Where everything is counted that has none. */
const OTHER: CounterLabels = { agent: 'other', provider: 'other', model: 'other', channel: 'other' };

/**
 * What the counters come to when the stores add up to `totals`. The same totals again change nothing, so it does not
 * matter how often, and in how many lives of the service, it is asked.
 * Those that there were come first, in their order.
 * @param most counters under their own names; who has one keeps it, and the largest get what is free
 */
export function advanced(
  counters: readonly Counter[],
  totals: readonly CellTotal[],
  most: number = MAX_COUNTERS,
): Counter[] {
  const cells = assigned(counters, totals, most);
  // Where some have no names, nobody knows what went from them to those that have, and back.
  const together = cells.some(({ labels }) => isOther(labels)) ? () => '' : groupOf;
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const group = groups.get(together(cell.labels));
    if (group === undefined) groups.set(together(cell.labels), [cell]);
    else group.push(cell);
  }
  for (const group of groups.values()) for (const at of AMOUNTS.keys()) advance(group, at);
  return cells.map(({ labels, counted, total }) => ({ labels, counted, seen: total }));
}

interface Cell {
  readonly labels: CounterLabels;
  readonly counted: Float64Array;
  readonly seen: Float64Array;
  readonly total: Float64Array;
}

/** Lets the counters of cells that belong together advance by what they rose by together. */
function advance(cells: readonly Cell[], at: number): void {
  const rises = cells.map((cell) => ({ cell, by: (cell.total[at] as number) - (cell.seen[at] as number) }));
  let left = rises.reduce((sum, { by }) => sum + by, 0);
  for (const { cell, by } of rises.sort((a, b) => b.by - a.by)) {
    const step = Math.min(left, by);
    if (step <= 0) return;
    cell.counted[at] = (cell.counted[at] as number) + step;
    left -= step;
  }
}

/** Every counter with the total that belongs to it; new ones for the largest of what has none, as far as there is room. */
function assigned(counters: readonly Counter[], totals: readonly CellTotal[], most: number): Cell[] {
  const cells = new Map<string, Cell>();
  const enter = (labels: CounterLabels, counter?: Counter): Cell => {
    const cell: Cell = {
      labels,
      counted: counter?.counted.slice() ?? new Float64Array(AMOUNTS.length),
      seen: counter?.seen ?? new Float64Array(AMOUNTS.length),
      total: new Float64Array(AMOUNTS.length),
    };
    cells.set(keyOf(labels), cell);
    return cell;
  };
  for (const counter of counters) enter(counter.labels, counter);
  const used = totals.filter(({ amounts }) => amounts.some((amount) => amount !== 0));
  const unnamed = used.filter(({ labels }) => !cells.has(keyOf(labels)));
  const named = cells.size - (cells.has(keyOf(OTHER)) ? 1 : 0);
  unnamed.sort((a, b) => tokensOf(b) - tokensOf(a) || (keyOf(a.labels) < keyOf(b.labels) ? -1 : 1));
  for (const { labels } of unnamed.slice(0, Math.max(0, most - named))) enter(labels);
  for (const { labels, amounts } of used) {
    const { total } = cells.get(keyOf(labels)) ?? cells.get(keyOf(OTHER)) ?? enter(OTHER);
    AMOUNTS.forEach((_, at) => {
      total[at] = (total[at] as number) + (amounts[at] as number);
    });
  }
  return [...cells.values()];
}

function isOther(labels: CounterLabels): boolean {
  return keyOf(labels) === keyOf(OTHER);
}

function keyOf({ agent, provider, model, channel }: CounterLabels): string {
  return JSON.stringify([agent, provider, model, channel]);
}

/** A channel is what a session can change; agent and model stay what they are. */
function groupOf({ agent, provider, model }: CounterLabels): string {
  return JSON.stringify([agent, provider, model]);
}

function tokensOf({ amounts }: CellTotal): number {
  return AMOUNTS.reduce((sum, amount, at) => (amount === 'cost' ? sum : sum + (amounts[at] as number)), 0);
}
