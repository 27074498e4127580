/** What watchers told since the last refresh, bounded: a directory with too many names, or none, is told of as a whole. */

/** A directory in which something changed. */
export interface DirectoryChange {
  /** Absolute. */
  readonly directory: string;
  /** Of what changed in it; null when anything may have. */
  readonly names: readonly string[] | null;
}

/** Names kept of all directories together. */
const MAX_NAMES = 1_024;

export class ChangeHints {
  readonly #changes = new Map<string, Set<string> | null>();
  #names = 0;

  /** @param name in the directory; null where the system does not say */
  add(directory: string, name: string | null): void {
    const names = this.#changes.get(directory);
    if (names === null || (name !== null && names?.has(name))) return;
    if (name === null || this.#names >= MAX_NAMES) {
      this.#names -= names?.size ?? 0;
      this.#changes.set(directory, null);
    } else {
      if (names === undefined) this.#changes.set(directory, new Set([name]));
      else names.add(name);
      this.#names++;
    }
  }

  /** Gives what there is, and forgets it. */
  take(): DirectoryChange[] {
    const changes = [...this.#changes].map(([directory, names]) => ({ directory, names: names && [...names] }));
    this.#changes.clear();
    this.#names = 0;
    return changes;
  }
}
