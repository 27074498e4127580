/** A report for a terminal: a heading, the table with its sum, and what has to be said about the figures. */
import { styleText } from 'node:util';
import { count } from '../../page/format.ts';
import { cellsOf, plainText } from '../cell-text.ts';
import { tableOf } from '../text-table.ts';
import type { Report, ReportRow } from './report.ts';
import { BY, columnsOf } from './report-kinds.ts';

/** What the text is written to. */
export interface Page {
  /** In cells; null for any, as in a file. */
  readonly width: number | null;
  /** Rows that there is room for; null for all. The last ones stay of days, weeks and months, else the first. */
  readonly rows: number | null;
  readonly colours: boolean;
}

type Format = Parameters<typeof styleText>[0];

export function textOf(report: Report, page: Page): string {
  const style = (format: Format, text: string) =>
    page.colours ? styleText(format, text, { validateStream: false }) : text;
  const heading = style('bold', headingOf(report));
  if (report.rows.length === 0) return lines([heading, '', 'Nothing was used.', ...notesOf(report, 0)]);
  const shown = shownRows(report, page.rows);
  const columns = columnsOf(report);
  const [head = '', ...body] = tableOf(columns, [...shown, totalRow(report)], page.width);
  const total = body.pop() ?? '';
  const left = report.matches - shown.length;
  return lines([
    heading,
    '',
    style('dim', head),
    ...body,
    style('dim', '─'.repeat(cellsOf(total))),
    style('bold', total),
    ...notesOf(report, left),
  ]);
}

function headingOf({ kind, rows, window: { since, until, timeZone } }: Report): string {
  const days = rows.length === 0 && since === '1970-01-01' ? `until ${until}` : `${since} to ${until}`;
  return `Usage by ${BY[kind]}, ${days} (${timeZone}), cost at list prices`;
}

/** The sum looks like a row: its first column says what it is. */
function totalRow({ totals, rows }: Report): ReportRow {
  const members = Object.keys(rows[0]?.about ?? {});
  const about: Record<string, string | null> = Object.fromEntries(members.map((member) => [member, '']));
  about[members.includes('sessionId') ? 'label' : (members[0] ?? '')] = 'Total';
  if ('lastActivity' in about) about.lastActivity = null;
  return { about, totals, models: [] };
}

function shownRows({ kind, rows }: Report, room: number | null): readonly ReportRow[] {
  if (room === null || rows.length <= room) return rows;
  return kind === 'daily' || kind === 'weekly' || kind === 'monthly' ? rows.slice(-room) : rows.slice(0, room);
}

function notesOf({ kind, totals, missing, snapshot }: Report, left: number): string[] {
  const { state, coverage } = snapshot;
  const notes: string[] = [];
  if (left > 0) {
    notes.push(kind === 'sessions' ? `${some(left, 'more session')} (--limit).` : `${some(left, 'more row')}.`);
  }
  if (totals.missing > 0) {
    const names = missing?.map(({ provider, model, records }) => `${modelName(provider, model)} (${count(records)})`);
    const which = names?.join(', ') ?? '"clawgauge report models" names the models';
    notes.push(`Without a price, and so not in the cost: ${some(totals.missing, 'record')}: ${which}.`);
  }
  if (coverage.pending > 0) notes.push(`${some(coverage.pending, 'transcript')} still to be read: figures will grow.`);
  if (coverage.failed > 0) notes.push(`${some(coverage.failed, 'transcript')} could not be read.`);
  if (state === 'stale') notes.push('The figures are stale: the service has not looked for a while.');
  if (state === 'degraded' && coverage.failed === 0) notes.push('Something is wrong: "clawgauge doctor" looks for it.');
  return notes.length === 0 ? [] : ['', ...notes];
}

function some(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function modelName(provider: string | null, model: string | null): string {
  return plainText(`${provider ?? 'unknown'}/${model ?? 'unknown'}`);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
