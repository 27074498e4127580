/** A report as data: what is shown as a table, as JSON and as CSV. Absent is null, never zero. */
import type { SnapshotHead, Tokens, Totals, UsageFigures, Usd } from '../../snapshot/shapes.ts';
import type { SessionsAnswer, UsageAnswer } from '../figures.ts';
import { type DayRow, monthsOf, weeksOf } from './periods.ts';
import type { ReportKind } from './request.ts';

/** What a model has in a row; `modelName` is null for all that are not named one by one. */
export interface ModelShare {
  readonly modelName: string | null;
  readonly totalTokens: Tokens;
  readonly cost: Usd;
}

export interface ReportRow {
  /** What the row is about, by the member's name in JSON: a date, a model and its provider, and so on. */
  readonly about: Readonly<Record<string, string | null>>;
  readonly totals: Totals;
  /** Dearest first; only of days, weeks and months. */
  readonly models: readonly ModelShare[] | null;
}

export interface Report {
  readonly kind: ReportKind;
  readonly rows: readonly ReportRow[];
  /** Of all that matches, also where rows are left out. */
  readonly totals: Totals;
  /** Rows that there would be; more than `rows` where a limit left some out. */
  readonly matches: number;
  readonly window: { readonly since: string; readonly until: string; readonly timeZone: string };
  /** Models without a price, whose usage is in no cost; null where the figures do not name them. */
  readonly missing: UsageFigures['prices']['missing'] | null;
  readonly snapshot: SnapshotHead;
}

export function usageReport(kind: Exclude<ReportKind, 'sessions'>, answer: UsageAnswer): Report {
  const { totals, prices, window, snapshot } = answer;
  const rows = rowsOf(kind, answer);
  const { startDate: since, endDate: until, timeZone } = window;
  return {
    kind,
    rows,
    totals,
    matches: rows.length,
    window: { since, until, timeZone },
    missing: prices.missing,
    snapshot,
  };
}

/** @param pages in order, at least one; of one moment */
export function sessionsReport(pages: readonly [SessionsAnswer, ...SessionsAnswer[]]): Report {
  const [{ totals, matches, window, snapshot }] = pages;
  const { startDate: since, endDate: until, timeZone } = window;
  const rows = pages.flatMap(({ sessions }) =>
    sessions.map(
      ({ sessionId, agent, key, label, channel, kind, provider, model, firstActivity, lastActivity, totals }) => ({
        about: {
          sessionId,
          agent,
          key,
          label,
          channel,
          kind,
          provider,
          modelName: model,
          firstActivity: firstActivity === null ? null : new Date(firstActivity).toISOString(),
          lastActivity: lastActivity === null ? null : new Date(lastActivity).toISOString(),
        },
        totals,
        models: null,
      }),
    ),
  );
  return { kind: 'sessions', rows, totals, matches, window: { since, until, timeZone }, missing: null, snapshot };
}

function rowsOf(kind: Exclude<ReportKind, 'sessions'>, answer: UsageAnswer): ReportRow[] {
  switch (kind) {
    case 'daily':
      return [...daysOf(answer).map((day) => ({ about: { date: day.date }, ...day })), ...undated(answer, 'date')];
    case 'weekly':
      return [...weeksOf(daysOf(answer)), ...undated(answer, 'week', 'startDate')];
    case 'monthly':
      return [...monthsOf(daysOf(answer)), ...undated(answer, 'month')];
    case 'models':
      return answer.byModel.map(({ provider, model, totals }) => row({ modelName: model, provider }, totals));
    case 'agents':
      return answer.byAgent.map(({ agent, totals }) => row({ agent }, totals));
    case 'channels':
      return answer.byChannel.map(({ channel, totals }) => row({ channel }, totals));
    case 'kinds':
      return answer.byKind.map(({ kind: name, totals }) => row({ kind: name }, totals));
  }
}

/** Days on which something was used. */
function daysOf({ series, split }: UsageAnswer): DayRow[] {
  return series.flatMap(({ date, totals }, at) => {
    if (totals.records === 0) return [];
    const models = (split?.rows ?? []).map(({ name, cost, totalTokens }) => ({
      modelName: name,
      totalTokens: totalTokens[at] ?? 0,
      cost: cost[at] ?? 0,
    }));
    return [{ date, totals, models: models.filter(({ cost, totalTokens }) => cost > 0 || totalTokens > 0) }];
  });
}

/** Records without a time, in a row of their own: its days are null. */
function undated({ undated: totals }: UsageAnswer, ...members: string[]): ReportRow[] {
  if (totals === null || totals.records === 0) return [];
  return [row(Object.fromEntries(members.map((member) => [member, null])), totals)];
}

function row(about: ReportRow['about'], totals: Totals): ReportRow {
  return { about, totals, models: null };
}
