/**
 * How the memory cap of the whole process is shared out. One formula, so that the sum can be checked:
 *
 *   digest cache   1/8 of the cap                     rendered views     1/16 of the cap
 *   keeper's heap  1/4 of the cap                     a scan thread's    1/8 of the cap, at least 24 MiB
 *
 * The rest is the main thread's heap, the runtime, and the rollup's arrays, which V8's limits do not see.
 */
import { type Bytes, MIB } from '../units.ts';

export interface MemoryBudget {
  readonly cap: Bytes;
  readonly digestCache: Bytes;
  readonly renderedViews: Bytes;
  readonly keeperHeap: Bytes;
  readonly scanHeap: Bytes;
}

export function shareOut(cap: Bytes): MemoryBudget {
  return {
    cap,
    digestCache: Math.floor(cap / 8),
    renderedViews: Math.floor(cap / 16),
    keeperHeap: Math.floor(cap / 4),
    scanHeap: Math.max(24 * MIB, Math.floor(cap / 8)),
  };
}
