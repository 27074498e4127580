/** What was said of budgets, and to whom, in the ledger: so that nobody is told twice, however often the service starts. */
import type { Milliseconds } from '../units.ts';
import { type Database, inTransaction, type SqlRow, textOrNull } from './database.ts';
import type { Ledger } from './ledger.ts';

/** `covered`: a higher threshold was reached at the same time, and said instead. */
export type NoticeState = 'waiting' | 'sent' | 'failed' | 'covered';

/** One threshold of one period, for one target. */
export interface NoticeEntry {
  /** The same for every target: what receivers tell repetitions by. */
  readonly id: string;
  /** Names the target without saying what it is. */
  readonly target: string;
  readonly state: NoticeState;
  /** The JSON text that is sent. */
  readonly body: string;
  readonly attempts: number;
  /** When the next one is due. */
  readonly nextAt: Milliseconds;
  /** Why the last one failed. */
  readonly error: string | null;
  /** When all of it can be forgotten. */
  readonly forgetAt: Milliseconds;
}

const COLUMNS = ['id', 'target', 'state', 'body', 'attempts', 'next_at', 'error', 'forget_at'];

export class NoticeLedger {
  readonly #ledger: Pick<Ledger, 'use'>;

  constructor(ledger: Pick<Ledger, 'use'>) {
    this.#ledger = ledger;
  }

  /** Every entry; undefined when the ledger cannot be read. */
  load(): NoticeEntry[] | undefined {
    return this.#ledger.use((database) =>
      database
        .prepare(`SELECT ${COLUMNS.join(', ')} FROM notices`)
        .all()
        .map(entryOf),
    );
  }

  /** Writes entries and forgets those of before a moment, all or nothing; false when the ledger cannot be written. */
  save(entries: readonly NoticeEntry[], forgetBefore: Milliseconds): boolean {
    return this.#ledger.use((database) => write(database, entries, forgetBefore)) ?? false;
  }
}

function write(database: Database, entries: readonly NoticeEntry[], forgetBefore: Milliseconds): true {
  const places = COLUMNS.map(() => '?').join(', ');
  const put = database.prepare(`INSERT OR REPLACE INTO notices (${COLUMNS.join(', ')}) VALUES (${places})`);
  inTransaction(database, () => {
    database.prepare('DELETE FROM notices WHERE forget_at < ?').run(forgetBefore);
    for (const { id, target, state, body, attempts, nextAt, error, forgetAt } of entries) {
      put.run(id, target, state, body, attempts, nextAt, error, forgetAt);
    }
  });
  return true;
}

function entryOf(row: SqlRow): NoticeEntry {
  return {
    id: String(row.id),
    target: String(row.target),
    state: String(row.state) as NoticeState,
    body: String(row.body),
    attempts: Number(row.attempts),
    nextAt: Number(row.next_at),
    error: textOrNull(row.error),
    forgetAt: Number(row.forget_at),
  };
}
