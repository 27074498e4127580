/** Two looks at parsed JSON of any shape. */

/** Reads a member of anything, as `value?.name` does. */
export function member(value: unknown, name: string): unknown {
  return value === null || value === undefined ? undefined : (value as Record<string, unknown>)[name];
}

export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
