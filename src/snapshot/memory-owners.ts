/** Who holds the memory of the process, beside what each may hold: for /v1/cache and the log. */
import type { MemoryBudget } from '../cache/memory-budget.ts';
import type { ThreadMemory } from '../memory-meter.ts';
import type { Bytes } from '../units.ts';

export interface MemoryOwner {
  readonly owner: string;
  readonly budget: Bytes;
  readonly used: Bytes;
}

/** What was measured. */
interface Held {
  readonly rss: Bytes;
  readonly main: ThreadMemory;
  readonly scan: readonly ThreadMemory[];
  readonly keeper: readonly ThreadMemory[];
  readonly digestCache: Bytes;
  readonly rollup: Bytes;
  readonly renderedViews: Bytes;
}

/**
 * Every owner once. The budgets add up to the cap; what is used adds up to the resident memory, because what nobody else
 * accounts for is the runtime's: Node's own code and data, stacks, compilers, SQLite's pages, and what allocators keep.
 */
export function memoryOwners(budget: MemoryBudget, held: Held): MemoryOwner[] {
  const { rss, main, scan, keeper, digestCache, rollup, renderedViews } = held;
  const all = [main, ...scan, ...keeper];
  const buffers = all.reduce((sum, thread) => sum + thread.buffers, 0);
  const owners: MemoryOwner[] = [
    { owner: 'mainHeap', budget: budget.mainHeap, used: main.heap },
    { owner: 'keeperHeap', budget: budget.keeperHeap, used: keeper[0]?.heap ?? 0 },
    ...Array.from({ length: budget.scanThreads }, (_, at) => ({
      owner: `scanHeap${at + 1}`,
      budget: budget.scanHeap,
      used: scan[at]?.heap ?? 0,
    })),
    // V8 counts every buffer; those that belong to somebody are his. The digest cache lies in mapped memory, which it does not count.
    { owner: 'buffers', budget: budget.buffers, used: Math.max(0, buffers - rollup - renderedViews) },
    { owner: 'digestCache', budget: budget.digestCache, used: digestCache },
    { owner: 'rollup', budget: budget.rollup, used: rollup },
    { owner: 'renderedViews', budget: budget.renderedViews, used: renderedViews },
  ];
  const known = owners.reduce((sum, { used }) => sum + used, 0);
  return [{ owner: 'runtime', budget: budget.runtime, used: rss - known }, ...owners];
}
