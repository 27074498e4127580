/** What is on the screen as CSV. */
import { csvOf } from '../../src/csv.ts';
import type { SessionRow, Totals, UsageFigures } from '../../src/snapshot/shapes.ts';

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
