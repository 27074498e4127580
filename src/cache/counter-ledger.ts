/**
 * The counters of usage in the ledger: for each (agent, provider, model, channel) what was counted so far, beside the sum
 * in the stores up to which it was. Both are written in one transaction.
 */
import { type Database, inTransaction, type SqlRow } from './database.ts';
import type { Ledger } from './ledger.ts';

/** What is counted: the columns of the table, in the order of a counter's amounts. Costs are nano-dollars. */
export const AMOUNTS = ['records', 'input', 'output', 'cache_read', 'cache_write', 'cost'] as const;

/** Names as the filters of `/v1` know them: `none` where there is none. */
export interface CounterLabels {
  readonly agent: string;
  readonly provider: string;
  readonly model: string;
  readonly channel: string;
}

export interface Counter {
  readonly labels: CounterLabels;
  /** By AMOUNTS; never smaller than before. */
  readonly counted: Float64Array;
  /** By AMOUNTS: the sum in the stores when `counted` was last brought up to date. */
  readonly seen: Float64Array;
}

const NAMES = ['agent', 'provider', 'model', 'channel'] as const;
const COLUMNS = [...NAMES, ...AMOUNTS.flatMap((amount) => [amount, `${amount}_seen`])];

export class CounterLedger {
  readonly #ledger: Pick<Ledger, 'use'>;

  constructor(ledger: Pick<Ledger, 'use'>) {
    this.#ledger = ledger;
  }

  /** Every counter; undefined when the ledger cannot be read. */
  load(): Counter[] | undefined {
    return this.#ledger.use((database) =>
      database
        .prepare(`SELECT ${COLUMNS.join(', ')} FROM counters`)
        .all()
        .map(counterOf),
    );
  }

  /**
   * Writes counters, all or none of them; false when the ledger cannot be written. Not waiting for the disk: should the
   * machine lose the last ones with its power, the stores say the same again.
   */
  save(counters: readonly Counter[]): boolean {
    const written = this.#ledger.use((database) => {
      database.exec('PRAGMA synchronous = NORMAL');
      try {
        return write(database, counters);
      } finally {
        database.exec('PRAGMA synchronous = FULL');
      }
    });
    return written ?? false;
  }
}

function write(database: Database, counters: readonly Counter[]): true {
  const places = COLUMNS.map(() => '?').join(', ');
  const put = database.prepare(`INSERT OR REPLACE INTO counters (${COLUMNS.join(', ')}) VALUES (${places})`);
  inTransaction(database, () => {
    for (const { labels, counted, seen } of counters) {
      const amounts = AMOUNTS.flatMap((_, at) => [counted[at] as number, seen[at] as number]);
      put.run(...NAMES.map((name) => labels[name]), ...amounts);
    }
  });
  return true;
}

function counterOf(row: SqlRow): Counter {
  const [agent, provider, model, channel] = NAMES.map((name) => String(row[name])) as [string, string, string, string];
  const amounts = (suffix: string) => Float64Array.from(AMOUNTS, (amount) => Number(row[`${amount}${suffix}`]));
  return { labels: { agent, provider, model, channel }, counted: amounts(''), seen: amounts('_seen') };
}
