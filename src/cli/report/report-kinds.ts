/** How each report names what its rows are about: members of JSON, columns of CSV, and columns of the table. */
import { count, dollars, shortCount } from '../../page/format.ts';
import type { Totals } from '../../snapshot/shapes.ts';
import { zoneOf } from '../../snapshot/zone.ts';
import type { Column } from '../text-table.ts';
import type { Report, ReportRow } from './report.ts';
import type { ReportKind } from './request.ts';

/** The members of `about`, in order. */
export const ABOUT: Readonly<Record<ReportKind, readonly string[]>> = {
  daily: ['date'],
  weekly: ['week', 'startDate'],
  monthly: ['month'],
  sessions: [
    'sessionId',
    'agent',
    'key',
    'label',
    'channel',
    'kind',
    'provider',
    'modelName',
    'firstActivity',
    'lastActivity',
  ],
  models: ['modelName', 'provider'],
  agents: ['agent'],
  channels: ['channel'],
  kinds: ['kind'],
};

/** What a report is called: usage by … */
export const BY: Readonly<Record<ReportKind, string>> = {
  daily: 'day',
  weekly: 'ISO week',
  monthly: 'month',
  sessions: 'session',
  models: 'model',
  agents: 'agent',
  channels: 'channel',
  kinds: 'kind of session',
};

/** The columns of the table of a report. */
export function columnsOf({ kind, rows, window }: Report): Column<ReportRow>[] {
  const last = rows.some(({ models }) => models !== null) ? [modelsColumn] : [];
  return [...aboutColumns(kind, window.timeZone), ...FIGURES, ...last];
}

function aboutColumns(kind: ReportKind, timeZone: string): Column<ReportRow>[] {
  switch (kind) {
    case 'daily':
      return [named('Date', 'date', 'undated')];
    case 'weekly':
      return [named('Week', 'week', 'undated'), { ...named('From', 'startDate', ''), rank: 1 }];
    case 'monthly':
      return [named('Month', 'month', 'undated')];
    case 'sessions':
      return [
        left('Last activity', ({ about }) => localTime(about.lastActivity ?? null, timeZone), 2),
        { ...left('Session', ({ about }) => about.label ?? about.key ?? about.sessionId ?? ''), least: 20 },
        { ...named('Agent', 'agent', ''), rank: 4, least: 6 },
        { ...named('Channel', 'channel', ''), rank: 5 },
        { ...named('Model', 'modelName', 'unknown'), rank: 3, least: 10 },
      ];
    case 'models':
      return [
        { ...named('Model', 'modelName', 'unknown'), least: 16 },
        { ...named('Provider', 'provider', 'unknown'), rank: 1 },
      ];
    case 'agents':
      return [{ ...named('Agent', 'agent', 'none'), least: 16 }];
    case 'channels':
      return [{ ...named('Channel', 'channel', 'none'), least: 16 }];
    case 'kinds':
      return [named('Kind', 'kind', 'none')];
  }
}

const FIGURES: readonly Column<ReportRow>[] = [
  figure('Input', ({ input }) => input, 6),
  figure('Output', ({ output }) => output, 6),
  figure('Cache write', ({ cacheWrite }) => cacheWrite, 7),
  figure('Cache read', ({ cacheRead }) => cacheRead, 7),
  figure('Total', ({ totalTokens }) => totalTokens, 0),
  { title: 'Cost', align: 'right', text: ({ totals }) => costOf(totals), rank: 0 },
];

const modelsColumn: Column<ReportRow> = {
  ...left('Models', ({ models }) => (models ?? []).map(({ modelName }) => modelName ?? 'others').join(', '), 8),
  least: 16,
};

/** With a plus where some of it has no price. */
function costOf({ cost, records, missing }: Totals): string {
  if (records > 0 && missing === records) return 'no price';
  return `${dollars(cost)}${missing > 0 ? '+' : ''}`;
}

function named(title: string, member: string, otherwise: string): Column<ReportRow> {
  return left(title, ({ about }) => about[member] ?? otherwise);
}

function left(title: string, text: (row: ReportRow) => string, rank = 0): Column<ReportRow> {
  return { title, align: 'left', text, rank };
}

function figure(title: string, of: (totals: Totals) => number, rank: number): Column<ReportRow> {
  return {
    title,
    align: 'right',
    text: ({ totals }) => count(of(totals)),
    short: ({ totals }) => shortCount(of(totals)),
    rank,
  };
}

/** `2026-11-22 14:05` in the zone of the report. */
function localTime(iso: string | null, timeZone: string): string {
  if (iso === null) return '';
  const local = zoneOf(timeZone).localTime(Date.parse(iso));
  return new Date(local).toISOString().slice(0, 16).replace('T', ' ');
}
