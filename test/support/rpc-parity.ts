/** Compares answers with those of a real gateway: every member, integers exactly, dollars to a millionth, percentiles to a hundredth. */
import { expect } from 'vitest';

const DOLLARS = 1e-6;

/** All differences, by where they are; the order of members and lists counts, but for equally used tools. */
export function differences(actual: unknown, golden: unknown, path = ''): string[] {
  if (typeof golden === 'number' && typeof actual === 'number') {
    return isSame(actual, golden, path) ? [] : [`${path}: ${actual}, gateway ${golden}`];
  }
  if (path.endsWith('/tools') && Array.isArray(golden) && Array.isArray(actual)) {
    return differences(asMembers(actual), asMembers(golden), `${path}/by name`);
  }
  if (typeof golden !== 'object' || golden === null || typeof actual !== 'object' || actual === null) {
    return actual === golden ? [] : [`${path}: ${JSON.stringify(actual)}, gateway ${JSON.stringify(golden)}`];
  }
  const compared = (value: object) => Object.keys(value).filter((name) => !isFree(name, path));
  const [ours, theirs] = [compared(actual), compared(golden)];
  const [inOrder, expected] = [ordered(ours, path), ordered(theirs, path)];
  const list = inOrder === expected ? [] : [`${path}: members ${inOrder}, gateway ${expected}`];
  return [
    ...list,
    ...theirs.flatMap((name) =>
      differences(
        (actual as Record<string, unknown>)[name],
        (golden as Record<string, unknown>)[name],
        `${path}/${name}`,
      ),
    ),
  ];
}

/** Of what has no price, the gateway tells in the order in which it came upon it. */
function ordered(names: readonly string[], path: string): string {
  if (path.endsWith('/missingCostByModel')) return [...names].sort().join();
  const rest = names.filter((name) => name !== 'missingCostByModel');
  return [...rest, ...(rest.length < names.length ? ['missingCostByModel'] : [])].join();
}

/** The number of each tool by its name, and the numbers in their order. */
function asMembers(tools: readonly { readonly name: string; readonly count: number }[]): object {
  const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    byName: Object.fromEntries(sorted.map(({ name, count }) => [name, count])),
    counts: tools.map(({ count }) => count),
  };
}

/** Members that tell how fresh an answer is, and where the store lies. */
function isFree(name: string, path: string): boolean {
  return name === 'sessionFile' || (path === '' && (name === 'updatedAt' || name === 'cacheStatus'));
}

function isSame(actual: number, golden: number, path: string): boolean {
  const off = Math.abs(actual - golden);
  if (/p95Ms$/.test(path)) return off <= golden * 0.01 + 1;
  // Times of files are set by tests, which do it to the microsecond.
  if (/updatedAt$/.test(path)) return off < 0.01;
  return /cost$|avgMs$/i.test(path) ? off <= DOLLARS : off === 0;
}

export function expectParity(actual: unknown, golden: unknown): void {
  expect(differences(actual, golden)).toEqual([]);
}
