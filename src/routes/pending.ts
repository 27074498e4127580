/** What is answered while nobody knows the figures: the view's shape with null where figures would be, never zero. */
import type { FastifyReply } from 'fastify';
import type { ViewQuery } from '../snapshot/query.ts';
import { securityHeaders } from './security.ts';
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
  session: ['session', 'instances', 'series', 'undated', 'byModel', 'tools', 'latency', 'unreadable'],
};

/** 202, to be asked again in a second. */
export function sendPending(reply: FastifyReply, query: ViewQuery, head: SnapshotHead | null): FastifyReply {
  return sendLater(reply, pendingBody(query, head));
}

/** The same with the members of another answer than a view's. */
export function sendPendingMembers(
  reply: FastifyReply,
  names: readonly string[],
  head: SnapshotHead | null,
): FastifyReply {
  return sendLater(reply, { snapshot: head, ...nothingIn(names) });
}

function sendLater(reply: FastifyReply, body: Record<string, unknown>): FastifyReply {
  return reply
    .code(202)
    .headers(securityHeaders)
    .header('Retry-After', '1')
    .header('Cache-Control', 'no-store')
    .header('Cache-Status', 'clawgauge; fwd=miss; detail=pending')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

function pendingBody(query: ViewQuery, head: SnapshotHead | null): Record<string, unknown> {
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
