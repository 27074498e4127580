/**
 * How the memory cap of the whole process is shared out. One formula, so that the sum can be checked: each owner gets
 * the least that it works with, more scan threads get theirs as far as a share of the rest goes, and what is left then
 * is shared by weight. The sum of all owners is the cap.
 */
import { type Bytes, MIB } from '../units.ts';

export interface MemoryBudget {
  readonly cap: Bytes;
  readonly scanThreads: number;
  /** What each owner may hold; the heaps are V8's limits. */
  readonly runtime: Bytes;
  readonly mainHeap: Bytes;
  readonly keeperHeap: Bytes;
  /** Of each scan thread. */
  readonly scanHeap: Bytes;
  /** Read buffers of the scan threads, and bytes on their way between threads. */
  readonly buffers: Bytes;
  readonly digestCache: Bytes;
  readonly rollup: Bytes;
  readonly renderedViews: Bytes;
}

/** Of this much a thread's task can hold a digest of thousands of quarter hours; with less, ordinary ones fail. */
const SCAN_HEAP = 24 * MIB;
/** A read buffer, the batch that is scanned, and its result. */
const SCAN_BUFFERS = 2 * MIB;
/** The share of what is left over the least that goes to more scan threads. */
const SCAN_SHARE = 0.3;

/** What the rest is shared out by. */
const WEIGHTS = { keeperHeap: 4, rollup: 4, digestCache: 2, renderedViews: 2, buffers: 1, mainHeap: 1 } as const;

/**
 * What Node itself takes, heaps and buffers aside: its code and data in memory, the threads' stacks, what V8 compiles,
 * SQLite and its pages, and what the allocator keeps. Measured with all threads at work (docs/performance.md), by the major version of Node.
 */
function runtimeOf(major: number): Bytes {
  if (major < 22) return 70 * MIB;
  return major < 24 ? 78 * MIB : 86 * MIB;
}

const THIS_MAJOR = Number(process.versions.node.split('.')[0]);

/** The least of each owner, with one scan thread. */
function leastOf(major: number): Omit<MemoryBudget, 'cap' | 'scanThreads'> {
  return {
    runtime: runtimeOf(major),
    mainHeap: 20 * MIB,
    keeperHeap: 24 * MIB,
    scanHeap: SCAN_HEAP,
    buffers: SCAN_BUFFERS,
    digestCache: MIB,
    rollup: 2 * MIB,
    renderedViews: MIB,
  };
}

/** The smallest cap that a service works under. */
export function leastMemoryCap(major = THIS_MAJOR): Bytes {
  return Object.values(leastOf(major)).reduce((sum, bytes) => sum + bytes, 0);
}

/** The shares of a cap, which is at least `leastMemoryCap`. */
export function shareOut(cap: Bytes, cores: number, major = THIS_MAJOR): MemoryBudget {
  const least = leastOf(major);
  const room = cap - leastMemoryCap(major);
  const affordable = 1 + Math.floor((room * SCAN_SHARE) / (SCAN_HEAP + SCAN_BUFFERS));
  const scanThreads = Math.max(1, Math.min(cores, affordable));
  const rest = room - (scanThreads - 1) * (SCAN_HEAP + SCAN_BUFFERS);
  const weights = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  const share = (owner: keyof typeof WEIGHTS) => least[owner] + Math.floor((rest * WEIGHTS[owner]) / weights);
  const budget = {
    cap,
    scanThreads,
    ...least,
    mainHeap: share('mainHeap'),
    keeperHeap: share('keeperHeap'),
    buffers: share('buffers') + (scanThreads - 1) * SCAN_BUFFERS,
    digestCache: share('digestCache'),
    rollup: share('rollup'),
    renderedViews: share('renderedViews'),
  };
  // What the divisions dropped: a few bytes.
  return { ...budget, runtime: budget.runtime + (cap - sumOf(budget)) };
}

/** What all owners may hold together: the cap. */
export function sumOf({ cap: _cap, scanThreads, ...owners }: MemoryBudget): Bytes {
  return Object.values(owners).reduce((sum, bytes) => sum + bytes, 0) + (scanThreads - 1) * owners.scanHeap;
}
