/** What is read from a session's transcripts: /v1/sessions/{key}/timeseries and /v1/sessions/{key}/logs. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClawgaugeError } from '../errors.ts';
import type { SessionTarget } from '../snapshot/query.ts';
import type { ReadQuery } from '../snapshot/read-query.ts';
import { ref } from '../snapshot/schemas.ts';
import type { Delivery } from './delivery.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import type { Parameters, ParametersSchema } from './parameter-check.ts';
import { logsParameters, logsQueryOf, sessionTargetOf, timeseriesParameters, timeseriesQueryOf } from './parameters.ts';
import { sendPendingMembers } from './pending.ts';
import type { UsageService } from './service.ts';

export interface SessionReadParts {
  readonly service: UsageService;
  readonly delivery: Delivery;
  /** The lane of what a worker has to be asked for. */
  readonly asks: Lane;
  readonly transcripts: boolean;
}

const SESSIONS = '/v1/sessions/';

/** Adds both routes, each for a session named by its key and for one named as agent/sessionId. */
export function addSessionReads(app: FastifyInstance, parts: SessionReadParts): void {
  const reads = new SessionReads(app, parts);
  reads.add('timeseries', {
    summary: 'The usage of one session over its time, read from its transcripts',
    parameters: timeseriesParameters,
    answer: 'TimeseriesAnswer',
    members: ['session', 'points', 'undated', 'partial', 'reading'],
    query: timeseriesQueryOf,
    confidential: false,
  });
  reads.add('logs', {
    summary: 'The messages of one session, the last ones first, page by page; needs `--transcripts` and a token',
    parameters: logsParameters,
    answer: 'LogsAnswer',
    members: ['session', 'entries', 'next', 'partial'],
    query: logsQueryOf,
    confidential: true,
  });
}

interface ReadRoute<S extends ParametersSchema> {
  readonly summary: string;
  readonly parameters: S;
  /** The name of its shape, and the members behind the head. */
  readonly answer: string;
  readonly members: readonly string[];
  readonly query: (given: Parameters<S>, path: SessionTarget) => ReadQuery;
  /** It shows what people wrote: nobody may keep it. */
  readonly confidential: boolean;
}

class SessionReads {
  readonly #app: FastifyInstance;
  readonly #parts: SessionReadParts;
  /** Segments of a path before those of the session. */
  readonly #depth: number;

  constructor(app: FastifyInstance, parts: SessionReadParts) {
    this.#app = app;
    this.#parts = parts;
    this.#depth = `${app.prefix}${SESSIONS}`.split('/').length - 1;
  }

  add<S extends ParametersSchema>(name: string, route: ReadRoute<S>): void {
    for (const session of [':key', ':agent/:sessionId']) {
      const url = `${SESSIONS}${session}/${name}`;
      this.#app.get(url, {
        schema: {
          // The description names each once.
          ...(session === ':key' ? {} : { hide: true }),
          summary: route.summary,
          querystring: route.parameters,
          response: { 200: ref(route.answer), 202: ref('PendingAnswer'), default: ref('Problem') },
        },
        handler: (request, reply) => this.#answer(route, request, reply),
      });
      allowOnly(this.#app, url, ['GET', 'HEAD']);
    }
  }

  async #answer<S extends ParametersSchema>(
    route: ReadRoute<S>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { service, delivery, asks, transcripts } = this.#parts;
    const { confidential } = route;
    if (confidential && !transcripts) {
      const detail = 'The service was started without --transcripts, or without a token; expected both.';
      throw new ClawgaugeError('transcripts_not_served', detail);
    }
    const [path = ''] = (request.raw.url ?? '').split('?', 1);
    const target = sessionTargetOf(path.split('/').slice(this.#depth, -1));
    const query = route.query(request.query as Parameters<S>, target);
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const leave = asks.enter(service.now());
    const outcome = await service.read(query, left.signal).finally(leave);
    const head = service.head();
    if (outcome.kind === 'error') throw outcome.error;
    if (outcome.kind === 'pending' || head === null) return sendPendingMembers(reply, route.members, head);
    const now = service.now();
    delivery.send(request.raw, reply.raw, { view: outcome.view, head, origin: 'asked', now, confidential });
    return reply.hijack();
  }
}
