/** The answer of /v1/usage, worked out record by record from everything there is. */
import { floorToQuarter, QUARTER } from './calendar.ts';
import type { OracleRecord } from './records.ts';
import type { OracleSession } from './sessions.ts';
import { byNames, type Counted, dollars, groupsOf, latencyOf, messagesOf, totalsOf } from './totals.ts';
import type { UsageAnswer } from './v1-shapes.ts';
import {
  bucketOf,
  bucketsOf,
  type OracleWindow,
  previousSpan,
  resolveWindow,
  type Span,
  type WindowQuery,
} from './window.ts';

export type SplitBy = 'model' | 'provider' | 'agent' | 'channel' | 'kind';

export interface OracleQuery extends WindowQuery {
  filters?: Partial<UsageAnswer['filters']>;
  split?: SplitBy | null;
}

/** Throws InvalidParameter where the service refuses the question. */
export function usageAnswer(sessions: OracleSession[], query: OracleQuery, now: number): Omit<UsageAnswer, 'snapshot'> {
  const window = resolveWindow(query, now, activityOf(sessions));
  const filters = filtersOf(query);
  const users = !filtersModels(filters);
  const counted = countedRecords(sessions, filters);
  const items = counted.filter((item) => inWindow(window, item.record));
  const undated = items.filter((item) => item.record.ts === null);
  const previous = previousSpan(window, now);
  const series = seriesOf(window, items, users);
  const missing = items.filter((item) => item.record.cost?.source === 'missing');
  return {
    window: window.answer,
    filters,
    totals: totalsOf(items),
    previous: previous === null ? null : totalsOf(counted.filter((item) => inSpan(previous, item.record))),
    series: series.map(({ start, date, totals, messages }) => ({ start, date, totals, messages })),
    split: query.split ? splitOf(query.split, items, series) : null,
    undated: window.answer.range === 'all' ? totalsOf(undated) : null,
    future: counted.filter((item) => item.asUsage && isFuture(item.record, now)).length,
    byModel: groupsOf(items, ({ record }) => ({ provider: record.provider, model: record.model })).map(asRow),
    byProvider: groupsOf(items, ({ record }) => ({ provider: record.provider })).map(asRow),
    byAgent: groupsOf(items, ({ session }) => ({ agent: session.agent })).map(asRow),
    byChannel: groupsOf(items, ({ session }) => ({ channel: session.channel })).map(asRow),
    byKind: groupsOf(items, ({ session }) => ({ kind: session.kind })).map(asRow),
    tools: toolsOf(items),
    messages: messagesOf(items, users),
    latency: latencyOf(items),
    caching: cachingOf(items),
    prices: {
      missing: groupsOf(missing, ({ record }) => ({ provider: record.provider, model: record.model }))
        .map(({ key, totals }) => ({ ...key, records: totals.records, tokens: totals.totalTokens }))
        .sort(
          (a, b) =>
            b.records - a.records || b.tokens - a.tokens || byNames([a.provider, a.model], [b.provider, b.model]),
        ),
    },
    sessionCount: new Set(items.map(({ session }) => JSON.stringify([session.agent, session.sessionId]))).size,
  };
}

/** The moments of all dated messages, whatever the filters. */
export function activityOf(sessions: OracleSession[]): number[] {
  return sessions.flatMap((session) => session.records.map((record) => record.ts)).filter((ts) => ts !== null);
}

export function filtersOf(query: OracleQuery): UsageAnswer['filters'] {
  return { agent: [], channel: [], kind: [], provider: [], model: [], ...query.filters };
}

/** Whether the filters ask for providers or models, which user messages do not have. */
export function filtersModels(filters: UsageAnswer['filters']): boolean {
  return filters.provider.length > 0 || filters.model.length > 0;
}

/** Every record that counts after the filters, of any time. */
export function countedRecords(sessions: OracleSession[], filters: UsageAnswer['filters']): Counted[] {
  const byModel = filtersModels(filters);
  return sessions
    .filter((session) => matchesSession(filters, session))
    .flatMap((session) => session.records.map((record) => ({ session, record })))
    .filter(
      ({ record }) =>
        holds(filters.provider, record.provider ?? 'none') && holds(filters.model, record.model ?? 'none'),
    )
    .map(({ session, record }) => ({
      session,
      record,
      asUsage: record.usage !== null,
      asMessage: !byModel || record.role === 'assistant',
    }))
    .filter((item) => item.asUsage || item.asMessage);
}

export function matchesSession(filters: UsageAnswer['filters'], session: OracleSession): boolean {
  return (
    holds(filters.agent, session.agent) && holds(filters.channel, session.channel) && holds(filters.kind, session.kind)
  );
}

/** Records without a time are in `all` and in nothing else. */
export function inWindow(window: OracleWindow, record: OracleRecord): boolean {
  return record.ts === null ? window.answer.range === 'all' : inSpan(window, record);
}

function inSpan(span: Span, record: OracleRecord): boolean {
  return record.ts !== null && record.ts >= span.start && record.ts < span.end;
}

/** Later than the quarter hour that holds now. */
function isFuture(record: OracleRecord, now: number): boolean {
  return record.ts !== null && record.ts >= floorToQuarter(now) + QUARTER;
}

function holds(list: string[], value: string): boolean {
  return list.length === 0 || list.includes(value);
}

function asRow<Key>({
  key,
  totals,
}: {
  key: Key;
  totals: UsageAnswer['totals'];
}): Key & { totals: UsageAnswer['totals'] } {
  return { ...key, totals };
}

type SeriesRow = UsageAnswer['series'][number] & { items: Counted[] };

/** Longest series of days that is filled with zeros. */
const FILLED_DAYS = 366;

function seriesOf(window: OracleWindow, items: Counted[], users: boolean): SeriesRow[] {
  const sparse = window.answer.granularity === 'day' && window.lastDay - window.firstDay + 1 > FILLED_DAYS;
  const rows = new Map<string, { start: number; date: string; items: Counted[] }>();
  const rowOf = (bucket: { start: number; date: string }) => {
    const name = `${bucket.date} ${bucket.start}`;
    const row = rows.get(name) ?? { ...bucket, items: [] };
    rows.set(name, row);
    return row;
  };
  if (!sparse) bucketsOf(window).forEach(rowOf);
  for (const item of items) {
    if (item.record.ts !== null) rowOf(bucketOf(window, item.record.ts)).items.push(item);
  }
  return [...rows.values()]
    .sort((a, b) => a.start - b.start || (a.date < b.date ? -1 : 1))
    .map((row) => ({ ...row, totals: totalsOf(row.items), messages: messagesOf(row.items, users) }));
}

const SPLIT_ROWS = 12;

function splitOf(by: SplitBy, items: Counted[], series: SeriesRow[]): UsageAnswer['split'] {
  const nameOf = (item: Counted) => splitName(by, item);
  const names = groupsOf(items, (item) => ({ name: nameOf(item) })).map((group) => group.key.name);
  const largest = names.slice(0, SPLIT_ROWS);
  const row = (name: string | null, belongs: (item: Counted) => boolean) => {
    const totals = series.map(({ items: all }) => totalsOf(all.filter(belongs)));
    return { name, cost: totals.map((t) => t.cost), totalTokens: totals.map((t) => t.totalTokens) };
  };
  const rows = largest.map((name) => row(name, (item) => nameOf(item) === name));
  if (names.length > SPLIT_ROWS) rows.push(row(null, (item) => !largest.includes(nameOf(item))));
  return { by, rows };
}

function splitName(by: SplitBy, { session, record }: Counted): string {
  if (by === 'provider') return record.provider ?? 'none';
  if (by !== 'model') return session[by];
  const { provider, model } = record;
  return provider && model ? `${provider}/${model}` : (model ?? provider ?? 'none');
}

function toolsOf(items: Counted[]): UsageAnswer['tools'] {
  const counts = new Map<string, number>();
  for (const { record, asMessage } of items) {
    for (const name of asMessage ? record.tools : []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const tools = [...counts].map(([name, count]) => ({ name, count }));
  tools.sort((a, b) => b.count - a.count || byNames([a.name], [b.name]));
  return { calls: tools.reduce((sum, tool) => sum + tool.count, 0), unique: tools.length, tools };
}

/** `share` = tokens read from a cache among all tokens that went in; null when none did. */
function cachingOf(items: Counted[]): UsageAnswer['caching'] {
  const { input, cacheRead, cacheWrite } = totalsOf(items);
  const prompt = input + cacheRead + cacheWrite;
  const saved = items.filter((item) => item.asUsage && item.record.saved !== null).map((item) => item.record.saved);
  const nano = saved.reduce((sum, amount) => sum + BigInt(amount as number), 0n);
  return { share: prompt === 0 ? null : cacheRead / prompt, saved: saved.length === 0 ? null : dollars(nano) };
}
