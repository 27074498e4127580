/** The databases that one task reads: each opened once, at its first session, and closed when the task ends. */
import { FirstPages } from './first-pages.ts';
import { QuietDatabase } from './quiet-database.ts';

export interface OpenDatabase {
  readonly database: QuietDatabase;
  /** Of the sessions that the task reads from their start. */
  readonly firstPages: FirstPages;
}

export class OpenDatabases {
  readonly #sessions: ReadonlyMap<string, readonly string[]>;
  readonly #open = new Map<string, OpenDatabase>();

  /** @param sessions by database: ids of the sessions that will be read from their start, in this order */
  constructor(sessions: ReadonlyMap<string, readonly string[]>) {
    this.#sessions = sessions;
  }

  /** Throws the driver's error. */
  get(file: string): OpenDatabase {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const database = new QuietDatabase(file);
    const open = { database, firstPages: new FirstPages(database, this.#sessions.get(file) ?? []) };
    this.#open.set(file, open);
    return open;
  }

  /** Closes them all; gives those of which everything that was read is void. */
  close(): ReadonlySet<string> {
    const torn = new Set<string>();
    for (const [file, { database }] of this.#open) {
      if (database.isTorn) torn.add(file);
      database.close();
    }
    this.#open.clear();
    return torn;
  }
}
