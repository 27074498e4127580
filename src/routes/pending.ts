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
  return reply
    .code(202)
    .headers(securityHeaders)
    .header('Retry-After', '1')
    .header('Cache-Control', 'no-store')
    .header('Cache-Status', 'clawgauge; fwd=miss; detail=pending')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(pendingBody(query, head)));
}

function pendingBody(query: ViewQuery, head: SnapshotHead | null): Record<string, unknown> {
  const { range, startDate, endDate, timeZone, granularity } = query;
  return {
    snapshot: head,
    window: { range, startDate, endDate, timeZone, start: null, end: null, granularity },
    ...(query.view === 'usage' ? { filters: query.filters } : {}),
    ...Object.fromEntries(FIGURES[query.view].map((name) => [name, null])),
  };
}
