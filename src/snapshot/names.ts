/** Orders of names, the same on every machine: by code unit, null last. */

/** Ascending by provider, then model, by code unit; null last. */
export function compareNames(
  a: { provider: string | null; model: string | null },
  b: { provider: string | null; model: string | null },
): number {
  return compareText(a.provider, b.provider) || compareText(a.model, b.model);
}

/** Ascending by code unit, null last. */
export function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
