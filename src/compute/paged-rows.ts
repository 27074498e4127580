/**
 * Rows of a table of OpenClaw's in pages, each read in a transaction of its own: thousands of sessions in a single one
 * would keep the gateway's log from being emptied. What changes meanwhile changes the database's stamp.
 */
import type { SqlRow } from '../sqlite-driver.ts';
import type { QuietDatabase } from './quiet-database.ts';

/** What takes well under 50 ms. */
const PAGE_ROWS = 500;

/**
 * All rows that a query gives, in the order of a unique text column.
 * @param select ends in a WHERE clause
 * @param key the column's name in the query, and in its rows
 */
export function* pagedRows(
  database: QuietDatabase,
  select: string,
  key: { readonly column: string; readonly name: string },
): Generator<SqlRow, undefined> {
  const statement = database.prepare(`${select} AND ${key.column} > ? ORDER BY ${key.column} LIMIT ${PAGE_ROWS}`);
  for (let after = ''; ; ) {
    const rows = statement.all(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = String(last[key.name]);
  }
}
