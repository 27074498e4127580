/** CSV (RFC 4180), for the dashboard, exports and reports alike. */

export type Cell = string | number | null;

/** Lines with their ends; nothing for null. */
export function csvOf(lines: readonly (readonly Cell[])[]): string {
  return lines.map(csvLine).join('');
}

/** One line with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Names are other people's text: a spreadsheet must not take one for a formula. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
