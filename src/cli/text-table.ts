/** Rows as aligned columns that fit a width: first numbers get shorter and names are cut, then columns are left out. */
import { cellsOf, cutTo, plainText } from './cell-text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly text: (row: Row) => string;
  /** What stands for it where there is little room. */
  readonly short?: (row: Row) => string;
  /** Where there is none, columns of the highest rank are left out first; 0 stays. */
  readonly rank: number;
  /** It may be cut to this many cells. */
  readonly least?: number;
}

const GAP = '  ';

interface Cells {
  readonly column: Pick<Column<never>, 'align' | 'rank' | 'least'>;
  /** Of the head, then of each row. */
  readonly texts: readonly string[];
  readonly width: number;
}

/** The lines of a table, its head first; without spaces at their ends. @param width in cells; null for any */
export function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number | null): string[] {
  const full = columns.map((column) => cellsOfColumn(column, rows, column.text));
  const fitting = width === null ? full : fitted(columns, rows, full, width);
  return Array.from({ length: rows.length + 1 }, (_, line) =>
    fitting
      .map(({ texts, width: its, column }) => padded(texts[line] as string, its, column.align))
      .join(GAP)
      .trimEnd(),
  );
}

/** The widest form that fits; the narrowest one where none does. */
function fitted<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  full: readonly Cells[],
  width: number,
): readonly Cells[] {
  const short = columns.map((column) => cellsOfColumn(column, rows, column.short ?? column.text));
  const ranks = [...new Set(columns.map(({ rank }) => rank))].sort((a, b) => b - a);
  let narrowest: readonly Cells[] = short;
  for (const rank of ranks) {
    for (const form of [full, short]) {
      const kept = form.filter(({ column }) => column.rank <= rank);
      const cut = cutInto(kept, width);
      if (widthOf(cut) <= width) return cut;
      narrowest = cut;
    }
  }
  return narrowest;
}

/** Cuts the columns that may be cut, the widest ones first, as far as is needed and may be. */
function cutInto(cells: readonly Cells[], width: number): readonly Cells[] {
  const widths = cells.map((it) => it.width);
  let over = widthOf(cells) - width;
  while (over > 0) {
    const at = widest(cells, widths);
    if (at === -1) break;
    widths[at] = (widths[at] as number) - 1;
    over--;
  }
  return cells.map((it, at) => ({
    ...it,
    width: widths[at] as number,
    texts: it.texts.map((text) => cutTo(text, widths[at] as number)),
  }));
}

/** Of a line of all columns. */
function widthOf(cells: readonly Cells[]): number {
  return cells.reduce((sum, { width }) => sum + width, GAP.length * (cells.length - 1));
}

/** The widest column that may still be cut; -1 without any. */
function widest(cells: readonly Cells[], widths: readonly number[]): number {
  let found = -1;
  cells.forEach(({ column: { least } }, at) => {
    if (least === undefined || (widths[at] as number) <= least) return;
    if (found === -1 || (widths[at] as number) > (widths[found] as number)) found = at;
  });
  return found;
}

function cellsOfColumn<Row>(column: Column<Row>, rows: readonly Row[], textOf: (row: Row) => string): Cells {
  const texts = [column.title, ...rows.map((row) => plainText(textOf(row)))];
  return { column, texts, width: texts.reduce((most, text) => Math.max(most, cellsOf(text)), 0) };
}

function padded(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(width - cellsOf(text));
  return align === 'left' ? text + space : space + text;
}
