/**
 * Keeps alive the hidden class of what `process.nextTick` queues. V8's feedback in that function refers to it weakly: a full
 * collection of garbage at a moment when nothing is queued lets go of it, and from then on V8 takes what is queued for objects
 * of many classes, for as long as the process lives. A request queues several, and took 20 % more CPU (docs/performance.md).
 */
import { executionAsyncResource } from 'node:async_hooks';

let kept: object | null = null;

/** To be called before there is much garbage. Resolves with what is kept. */
export function keepTickShape(): Promise<object> {
  return new Promise((resolve) => {
    process.nextTick(() => {
      kept ??= executionAsyncResource();
      resolve(kept);
    });
  });
}
