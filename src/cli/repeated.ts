/** The value of a flag that can be repeated; the outline of the program tells such flags by this function. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
