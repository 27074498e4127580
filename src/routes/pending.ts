/** What is answered while nobody knows the figures: the view's shape with null where figures would be, never zero. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { ViewQuery } from '../snapshot/query.ts';
import { sendJson, writeJson } from './json-answer.ts';
import type { SnapshotHead } from './service.ts';

const FIGURES: Readonly<Record<ViewQuery['view'], readonly string[]>> = {
  usage: [
    'totals',
    'previous',
    'series',
    'split',
    'undated',
    'future',
    'byModel',
    'byProvider',
    'byAgent',
    'byChannel',
    'byKind',
    'tools',
    'messages',
    'latency',
    'caching',
    'prices',
    'sessionCount',
  ],
  sessions: ['totals', 'matches', 'sessions', 'next'],
  budgets: ['budgets'],
  session: ['session', 'instances', 'series', 'undated', 'byModel', 'tools', 'latency', 'unreadable'],
};

const HEADERS = { 'Retry-After': '1', 'Cache-Status': 'clawgauge; fwd=miss; detail=pending' } as const;

/** 202, to be asked again in a second. */
export function sendPending(reply: FastifyReply, query: ViewQuery, head: SnapshotHead | null): FastifyReply {
  return sendJson(reply, 202, pendingBody(query, head), HEADERS);
}

/** The same where there is no framework. */
export function writePending(response: ServerResponse, query: ViewQuery, head: SnapshotHead | null): void {
  writeJson(response, 202, pendingBody(query, head), HEADERS);
}

/** The same with the members of another answer than a view's. */
export function sendPendingMembers(
  reply: FastifyReply,
  names: readonly string[],
  head: SnapshotHead | null,
): FastifyReply {
  return sendJson(reply, 202, { snapshot: head, ...nothingIn(names) }, HEADERS);
}

function pendingBody(query: ViewQuery, head: SnapshotHead | null): Record<string, unknown> {
  if (query.view === 'budgets') return { snapshot: head, ...nothingIn(FIGURES.budgets) };
  const { range, startDate, endDate, timeZone, granularity } = query;
  return {
    snapshot: head,
    window: { range, startDate, endDate, timeZone, start: null, end: null, granularity },
    ...(query.view === 'usage' ? { filters: query.filters } : {}),
    ...nothingIn(FIGURES[query.view]),
  };
}

function nothingIn(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]));
}
