/** Small helpers over a source of randomness that gives numbers from 0 up to, not including, 1. */

export type Random = () => number;

/** A source that gives the same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An integer from 0 to `count` - 1. */
export function below(count: number, rnd: Random): number {
  return Math.floor(rnd() * count);
}

export function pick<T>(items: readonly [T, ...T[]] | readonly T[], rnd: Random): T {
  return items[below(items.length, rnd)] as T;
}

/** A shuffled copy. */
export function shuffled<T>(items: readonly T[], rnd: Random): T[] {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = below(at + 1, rnd);
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}
