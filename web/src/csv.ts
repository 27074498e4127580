/** What is on the screen as CSV (RFC 4180). */
import type { SessionRow, Totals, UsageFigures } from '../../src/snapshot/shapes.ts';

type Cell = string | number | null;

/** A line for each step of the series, with a column for each name of the split. */
export function usageCsv({ series, split }: Pick<UsageFigures, 'series' | 'split'>): string {
  const rows = split?.rows ?? [];
  const head = ['date', 'start', ...TOTALS, ...rows.map(({ name }) => `cost: ${name ?? 'the rest'}`)];
  return csvOf([
    head,
    ...series.map(({ date, start, totals }, at) => [
      date,
      new Date(start).toISOString(),
      ...TOTALS.map((name) => totals[name]),
      ...rows.map(({ cost }) => cost[at] ?? null),
    ]),
  ]);
}

export function sessionsCsv(sessions: readonly SessionRow[]): string {
  const head = [
    'key',
    'agent',
    'sessionId',
    'label',
    'channel',
    'kind',
    'provider',
    'model',
    'lastActivity',
    ...TOTALS,
  ];
  return csvOf([
    head,
    ...sessions.map(({ key, agent, sessionId, label, channel, kind, provider, model, lastActivity, totals }) => [
      key,
      agent,
      sessionId,
      label,
      channel,
      kind,
      provider,
      model,
      lastActivity === null ? null : new Date(lastActivity).toISOString(),
      ...TOTALS.map((name) => totals[name]),
    ]),
  ]);
}

const TOTALS = [
  'cost',
  'totalTokens',
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'records',
  'missing',
] as const satisfies readonly (keyof Totals)[];

export function csvOf(lines: readonly (readonly Cell[])[]): string {
  return `${lines.map((cells) => cells.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

/** Names are other people's text: a spreadsheet must not take one for a formula. */
function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
