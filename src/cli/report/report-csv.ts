/** A report as CSV: a line for each row under a line of names, which are those of the JSON; no sum, no word besides. */
import { type Cell, csvOf } from '../../csv.ts';
import type { Report } from './report.ts';
import { jsonTotals } from './report-json.ts';
import { ABOUT } from './report-kinds.ts';

export function csvOfReport({ kind, rows, totals }: Pick<Report, 'kind' | 'rows' | 'totals'>): string {
  const names = ABOUT[kind];
  const head: Cell[] = [...names, ...Object.keys(jsonTotals(totals))];
  return csvOf([
    head,
    ...rows.map(({ about, totals: its }) => [
      ...names.map((name) => about[name] ?? null),
      ...Object.values(jsonTotals(its)),
    ]),
  ]);
}
