// Results as a table of text, for a terminal and for documents alike.

/** A table in Markdown, its columns aligned. `rows` are lists of cells. */
export function table(titles, rows) {
  const lines = [titles, ...rows].map((row) => titles.map((_, column) => String(row[column] ?? '')));
  const widths = titles.map((_, column) => Math.max(...lines.map((row) => row[column].length)));
  const text = ([first, ...rest]) => [first, widths.map((width) => '-'.repeat(width)), ...rest];
  return text(lines)
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`)
    .join('\n');
}

/** Whether a bar was met, or even the stretch; nothing where there is none. */
export function verdict({ met, stretched = false }) {
  if (met === undefined) return '';
  return met ? (stretched ? 'stretch' : 'met') : 'MISSED';
}
