/** A table of names with their totals; a name is a link that shows only its figures. */
import { useState } from 'preact/hooks';
import type { SplitBy } from '../../src/snapshot/query.ts';
import type { Totals } from '../../src/snapshot/shapes.ts';
import { Cost, Count, Share } from './figures.tsx';
import { follow, hrefOf, place } from './place.ts';

/** As many rows as are shown before more are asked for; those of the page's own markup too. */
const FIRST_ROWS = 8;

export interface Row {
  /** Null for what has no name. */
  readonly name: string | null;
  /** What tells it from others of that name. */
  readonly detail?: string | null;
  readonly totals: Totals;
}

interface TableParts {
  readonly title: string;
  /** What one row is, as a column's heading. */
  readonly heading: string;
  readonly rows: readonly Row[];
  /** The filter that a name stands for; none, where there is none. */
  readonly dimension?: SplitBy;
}

export function TotalsTable({ title, heading, rows, dimension }: TableParts) {
  const [all, setAll] = useState(false);
  const { measure } = place.value;
  const amountOf = ({ totals }: Row) => (measure === 'cost' ? totals.cost : totals.totalTokens);
  const whole = rows.reduce((sum, row) => sum + amountOf(row), 0);
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">{heading}</th>
            <th scope="col">Cost</th>
            <th scope="col">Tokens</th>
            <th scope="col">Calls</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={`${row.name} ${row.detail}`}>
              <th scope="row">
                <Name row={row} dimension={dimension} />
                <Share of={amountOf(row)} whole={whole} />
              </th>
              <td>
                <Cost totals={row.totals} />
              </td>
              <td>
                <Count value={row.totals.totalTokens} />
              </td>
              <td>
                <Count value={row.totals.records} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 ? <p class="empty">Nothing in this window.</p> : null}
      {rows.length > FIRST_ROWS ? (
        <button type="button" class="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${rows.length}`}
        </button>
      ) : null}
    </section>
  );
}

function Name({ row: { name, detail }, dimension }: { row: Row; dimension: SplitBy | undefined }) {
  const shown = name ?? 'unknown';
  const small = detail ? <small> {detail}</small> : null;
  if (dimension === undefined) {
    return (
      <>
        {shown}
        {small}
      </>
    );
  }
  const { filters } = place.value;
  return (
    <>
      <a href={hrefOf({ filters: { ...filters, [dimension]: [name ?? 'none'] } })} onClick={follow}>
        {shown}
      </a>
      {small}
    </>
  );
}
