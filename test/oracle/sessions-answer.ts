/** The rows of /v1/sessions, without pages: instances or families, their totals in the window, the latest first. */
import {
  activityOf,
  countedRecords,
  filtersModels,
  filtersOf,
  inWindow,
  matchesSession,
  type OracleQuery,
} from './answer.ts';
import type { OracleSession } from './sessions.ts';
import { byNames, groupsOf, messagesOf, totalsOf } from './totals.ts';
import type { SessionRow, SessionsAnswer, UsageAnswer } from './v1-shapes.ts';
import { type OracleWindow, resolveWindow } from './window.ts';

export type GroupBy = 'instance' | 'family';

/** Rows are those instances or families that count after the filters in the window. */
export function sessionRows(
  sessions: OracleSession[],
  query: OracleQuery,
  now: number,
  groupBy: GroupBy,
): Pick<SessionsAnswer, 'window' | 'totals' | 'matches' | 'sessions'> {
  const window = resolveWindow(query, now, activityOf(sessions));
  const filters = filtersOf(query);
  const groups = new Map<string, OracleSession[]>();
  for (const session of sessions) {
    if (!matchesSession(filters, session)) continue;
    const name = JSON.stringify([session.agent, groupBy === 'family' ? session.family : session.sessionId]);
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(session);
  }
  const rows = [...groups.values()].map((group) => rowOf(group, window, filters)).filter((row) => row !== null);
  rows.sort((a, b) => b.updatedAt - a.updatedAt || byNames([a.agent, a.sessionId], [b.agent, b.sessionId]));
  const all = countedRecords(sessions, filters).filter((item) => inWindow(window, item.record));
  return { window: window.answer, totals: totalsOf(all), matches: rows.length, sessions: rows };
}

/** One instance or family; null when nothing of it counts in the window. What it says of itself its lead says. */
function rowOf(group: OracleSession[], window: OracleWindow, filters: UsageAnswer['filters']): SessionRow | null {
  const items = countedRecords(group, filters).filter((item) => inWindow(window, item.record));
  if (items.length === 0) return null;
  const [lead] = [...group].sort(byStanding) as [OracleSession, ...OracleSession[]];
  // Any counted message is activity, also one that a model filter keeps out of the figures.
  const activity = group
    .flatMap((session) => session.records)
    .filter((record) => inWindow(window, record))
    .map((record) => record.ts)
    .filter((ts) => ts !== null);
  const models = groupsOf(items, ({ record }) => ({ provider: record.provider, model: record.model }));
  const [largest] = models.sort((a, b) => b.totals.totalTokens - a.totals.totalTokens);
  return {
    key: lead.key,
    agent: lead.agent,
    sessionId: lead.sessionId,
    label: lead.label,
    channel: lead.channel,
    kind: lead.kind,
    family: lead.family,
    instances: new Set(group.map((session) => session.sessionId)).size,
    retained: group.every((session) => session.retained === true),
    model: largest?.key.model ?? null,
    provider: largest?.key.provider ?? null,
    firstActivity: activity.length === 0 ? null : activity.reduce((a, b) => Math.min(a, b)),
    lastActivity: activity.length === 0 ? null : activity.reduce((a, b) => Math.max(a, b)),
    updatedAt: group.map((session) => session.updatedAt).reduce((a, b) => Math.max(a, b)),
    totals: totalsOf(items),
    messages: messagesOf(items, !filtersModels(filters)),
  };
}

const STANDING = ['primary', 'topic', 'archive'];

/** The live transcript leads, then the one updated last, then the first session id; what is gone comes after all that is there. */
function byStanding(a: OracleSession, b: OracleSession): number {
  return (
    Number(a.retained === true) - Number(b.retained === true) ||
    STANDING.indexOf(a.class) - STANDING.indexOf(b.class) ||
    b.updatedAt - a.updatedAt ||
    byNames([a.sessionId], [b.sessionId])
  );
}
