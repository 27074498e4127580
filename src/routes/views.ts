/**
 * The views: /v1/usage, /v1/sessions, /v1/sessions/{key} and /v1/budgets.
 * An address seen before leads straight to its view's bytes; every other one is checked, and asked for if need be.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Budget } from '../budget-options.ts';
import { budgetsQuery, type ViewQuery, viewKey } from '../snapshot/query.ts';
import { ref } from '../snapshot/schemas.ts';
import type { Milliseconds } from '../units.ts';
import type { Delivery, Origin } from './delivery.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import type { Parameters, ParametersSchema } from './parameter-check.ts';
import {
  noParameters,
  sessionParameters,
  sessionQueryOf,
  sessionsParameters,
  sessionsQueryOf,
  sessionTargetOf,
  usageParameters,
  usageQueryOf,
} from './parameters.ts';
import { sendPending } from './pending.ts';
import type { ReadyLane } from './ready-lane.ts';
import type { SnapshotHead, UsageService } from './service.ts';

export interface ViewParts {
  readonly service: UsageService;
  readonly delivery: Delivery;
  readonly ready: ReadyLane;
  /** The lane of views that are not ready. */
  readonly asks: Lane;
  /** The zone of a request that names none. */
  readonly timeZone: string;
  readonly budgets: readonly Budget[];
}

/** Adds the routes of the views. */
export function addViews(app: FastifyInstance, parts: ViewParts): void {
  const views = new Views(parts);
  const { timeZone, budgets } = parts;
  const depth = slashesOf(`${app.prefix}/v1/sessions/`);

  views.add(app, '/v1/usage', {
    summary: 'Usage and cost of a window, whole and by every dimension',
    parameters: usageParameters,
    answer: 'UsageAnswer',
    query: (given: Parameters<typeof usageParameters>) => usageQueryOf(given, timeZone),
  });
  views.add(app, '/v1/sessions', {
    summary: 'Sessions with their totals in a window, page by page',
    parameters: sessionsParameters,
    answer: 'SessionsAnswer',
    query: (given: Parameters<typeof sessionsParameters>) => sessionsQueryOf(given, timeZone),
  });
  views.add(app, '/v1/budgets', {
    summary: 'Budgets: what is spent of each, and what is to be expected',
    parameters: noParameters,
    answer: 'BudgetsAnswer',
    query: () => budgetsQuery(budgets, timeZone),
  });
  views.add(app, '/v1/sessions/*', {
    summary: 'One family by its key (percent-encoded), or one instance as agent/sessionId',
    parameters: sessionParameters,
    answer: 'SessionAnswer',
    query: (given: Parameters<typeof sessionParameters>, path) =>
      sessionQueryOf(given, sessionTargetOf(path.split('/').slice(depth)), timeZone),
  });
}

interface ViewRoute<S extends ParametersSchema> {
  readonly summary: string;
  readonly parameters: S;
  /** The name of its shape. */
  readonly answer: string;
  /** The question of checked parameters and the path as it came, still percent-encoded. */
  readonly query: (given: Parameters<S>, path: string) => ViewQuery;
}

class Views {
  readonly #parts: ViewParts;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  add<S extends ParametersSchema>(app: FastifyInstance, url: string, route: ViewRoute<S>): void {
    app.get(url, {
      schema: {
        summary: route.summary,
        querystring: route.parameters,
        response: { 200: ref(route.answer), 202: ref('PendingAnswer'), default: ref('Problem') },
      },
      onRequest: (request, reply, done) => {
        if (this.#parts.ready.answer(request.raw, reply.raw)) reply.hijack();
        else done();
      },
      handler: (request, reply) => {
        const address = request.raw.url ?? '';
        const query = route.query(request.query as Parameters<S>, address.split('?', 1)[0] ?? '');
        return this.#answer(query, address, request, reply);
      },
    });
    allowOnly(app, url, ['GET', 'HEAD']);
  }

  async #answer(
    query: ViewQuery,
    address: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { service, delivery, ready, asks } = this.#parts;
    const key = viewKey(query);
    ready.remember(address, key);
    if (ready.answer(request.raw, reply.raw, key)) return reply.hijack();
    if (service.head() === null) return sendPending(reply, query, null);

    const leave = asks.enter(service.now());
    const answer = await service.ask(query).finally(leave);
    const head = service.head();
    if (answer.kind === 'error') throw answer.error;
    if (answer.kind === 'pending' || head === null) return sendPending(reply, query, head);
    const now = service.now();
    const shown = answer.outdated ? outdatedHead(answer.head ?? head, now) : head;
    const origin: Origin = answer.outdated ? 'outdated' : 'asked';
    delivery.send(request.raw, reply.raw, { view: answer.view, head: shown, origin, now });
    return reply.hijack();
  }
}

/** The head of an earlier rendering: stale, if it says nothing worse. */
function outdatedHead(head: SnapshotHead, now: Milliseconds): SnapshotHead {
  const state = head.state === 'fresh' ? 'stale' : head.state;
  return { ...head, state, staleAt: Math.min(head.staleAt, now) };
}

function slashesOf(path: string): number {
  return path.split('/').length - 1;
}
