/**
 * Watches directories for hints that something changed. Hints may be lost, doubled or late: the refresh timer is the
 * truth, so a directory that cannot be watched costs only time until its changes show.
 */
import { type FSWatcher, watch } from 'node:fs';
import type { WatchedDirectory } from '../compute/inventory.ts';

interface Watcher {
  readonly identity: string;
  /** Null when the directory cannot be watched: it is not tried again until it is replaced. */
  readonly handle: FSWatcher | null;
}

export class DirectoryWatchers {
  readonly #changed: (directory: string, name: string | null) => void;
  readonly #failed: (directory: string, error: unknown) => void;
  readonly #watchers = new Map<string, Watcher>();

  /**
   * @param changed is told of each change, with the name of what changed in the directory where the system says it
   * @param failed is told once of each directory that cannot be watched
   */
  constructor(
    changed: (directory: string, name: string | null) => void,
    failed: (directory: string, error: unknown) => void,
  ) {
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Directories that are watched now. */
  get size(): number {
    return [...this.#watchers.values()].filter(({ handle }) => handle !== null).length;
  }

  /** Watches exactly these directories from now on. */
  follow(directories: readonly WatchedDirectory[]): void {
    const wanted = new Map(directories.map(({ path, identity }) => [path, identity]));
    for (const [path, { identity, handle }] of this.#watchers) {
      if (wanted.get(path) === identity) continue;
      handle?.close();
      this.#watchers.delete(path);
    }
    for (const [path, identity] of wanted) {
      if (!this.#watchers.has(path)) this.#watchers.set(path, { identity, handle: this.#open(path, identity) });
    }
  }

  close(): void {
    this.follow([]);
  }

  #open(path: string, identity: string): FSWatcher | null {
    const give = (error: unknown) => {
      if (this.#watchers.get(path)?.handle === null) return;
      this.#watchers.set(path, { identity, handle: null });
      this.#failed(path, error);
    };
    try {
      const handle = watch(path, { persistent: false }, (_, name) => this.#changed(path, name));
      // ENOSPC, when the system has no more watches, arrives here.
      handle.on('error', (error) => {
        handle.close();
        give(error);
      });
      return handle;
    } catch (error) {
      this.#failed(path, error);
      return null;
    }
  }
}
