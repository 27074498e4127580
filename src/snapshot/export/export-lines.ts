/** The lines of an export: every row has the same columns, and every column the same type from the first row to the last. */
import { csvCell, csvLine } from '../../csv.ts';
import type { NanoDollars } from '../../units.ts';
import type { ExportFormat } from './export-query.ts';

/** `text` is escaped; a `value` (a number, true or false) is written as it stands. */
export type ColumnType = 'text' | 'value';

export type Columns = Readonly<Record<string, ColumnType>>;

/** In the order of the columns. */
export type ExportRow = readonly (string | number | null)[];

/** The text before the first row, and that of each row. */
export interface LineWriter {
  readonly head: string;
  line(row: ExportRow): string;
}

export function lineWriter(format: ExportFormat, columns: Columns): LineWriter {
  const names = Object.keys(columns);
  const types = Object.values(columns);
  if (format === 'csv') {
    const cell = (value: ExportRow[number], at: number) =>
      types[at] === 'text' || value === null ? csvCell(value) : String(value);
    return { head: csvLine(names), line: (row) => `${row.map(cell).join(',')}\r\n` };
  }
  const labels = names.map((name) => `${JSON.stringify(name)}:`);
  const member = (value: ExportRow[number], at: number) =>
    (labels[at] as string) + (types[at] === 'text' ? JSON.stringify(value) : String(value));
  return { head: '', line: (row) => `{${row.map(member).join(',')}}\n` };
}

/** Exactly, without an exponent, and with a point, so that no column of dollars begins as one of whole numbers. */
export function plainDollars(nano: NanoDollars): string {
  const digits = String(Math.abs(nano)).padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0{1,8}$/, '');
  return `${nano < 0 ? '-' : ''}${digits.slice(0, -9)}.${fraction}`;
}
