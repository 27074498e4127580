/** A collection of garbage in this thread's heap, for when V8 itself would wait: until its own limits are near. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { readonly type: 'minor' }) => void;

let collect: Collect | null = null;

/** @param what all garbage, or what has become so lately, which takes far less time */
export function collectGarbage(what: 'all' | 'young' = 'all'): void {
  collect ??= exposed();
  if (what === 'all') collect();
  else collect({ type: 'minor' });
}

function exposed(): Collect {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
