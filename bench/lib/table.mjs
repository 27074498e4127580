// Results as a table of text, for a terminal and for documents alike.

/** A table in Markdown, its columns aligned. `rows` are lists of cells. */
export function table(titles, rows) {
  const lines = [titles, ...rows].map((row) => row.map((cell) => String(cell ?? '')));
  const widths = titles.map((_, column) => Math.max(...lines.map((row) => row[column].length)));
  const text = ([first, ...rest]) => [first, widths.map((width) => '-'.repeat(width)), ...rest];
  return text(lines)
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`)
    .join('\n');
}

/** Whether a bar was met; nothing where there is none. */
export function verdict(met) {
  return met === undefined ? '' : met ? 'met' : 'MISSED';
}
