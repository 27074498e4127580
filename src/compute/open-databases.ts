/** The databases that one task reads: each opened once, at its first session, and closed when the task ends. */
import { QuietDatabase } from './quiet-database.ts';

export class OpenDatabases {
  readonly #open = new Map<string, QuietDatabase>();

  /** Throws the driver's error. */
  get(file: string): QuietDatabase {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const database = new QuietDatabase(file);
    this.#open.set(file, database);
    return database;
  }

  /** Closes them all; gives those of which everything that was read is void. */
  close(): ReadonlySet<string> {
    const torn = new Set<string>();
    for (const [file, database] of this.#open) {
      if (database.isTorn) torn.add(file);
      database.close();
    }
    this.#open.clear();
    return torn;
  }
}
