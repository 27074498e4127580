/** The routes about the service itself: whether it lives, what it does, and asking it to look again. */
import type { FastifyInstance } from 'fastify';
import { ref } from '../snapshot/schemas.ts';
import { sendJson } from './json-answer.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import { noParameters } from './parameters.ts';
import { notReady } from './problem.ts';
import type { UsageService } from './service.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers without a token; it shows no figure. */
    clawgaugeOpen?: boolean;
  }
}

export interface OperationParts {
  readonly service: UsageService;
  /** The lane of what a worker has to be asked for. */
  readonly asks: Lane;
  readonly refreshes: Lane;
  readonly bodyLimit: number;
}

/** Adds /health, /ready, /v1/status, /v1/cache and /v1/refresh. */
export function addOperations(app: FastifyInstance, parts: OperationParts): void {
  const { service, asks, refreshes, bodyLimit } = parts;
  const problem = { default: ref('Problem') };

  app.get('/health', {
    config: { clawgaugeOpen: true },
    schema: { summary: 'Whether the process lives', response: { 200: statusShape('ok') } },
    handler: (_request, reply) => sendJson(reply, 200, { status: 'ok' }),
  });
  allowOnly(app, '/health', ['GET', 'HEAD']);

  app.get('/ready', {
    schema: {
      summary: 'Whether a complete or restored snapshot is published',
      querystring: noParameters,
      response: { 200: statusShape('ready'), ...problem },
    },
    handler: (_request, reply) => {
      if (!service.complete()) throw notReady();
      return sendJson(reply, 200, { status: 'ready' });
    },
  });
  allowOnly(app, '/ready', ['GET', 'HEAD']);

  app.get('/v1/status', {
    schema: {
      summary: 'State, the last refreshes, failures',
      querystring: noParameters,
      response: { 200: { type: 'object' }, ...problem },
    },
    handler: (_request, reply) => sendJson(reply, 200, service.status()),
  });
  allowOnly(app, '/v1/status', ['GET', 'HEAD']);

  app.get('/v1/cache', {
    schema: {
      summary: 'Caches, memory by owner, threads',
      querystring: noParameters,
      response: { 200: { type: 'object' }, ...problem },
    },
    handler: async (_request, reply) => {
      const leave = asks.enter(service.now());
      const answer = await service.cache().finally(leave);
      return sendJson(reply, 200, answer);
    },
  });
  allowOnly(app, '/v1/cache', ['GET', 'HEAD']);

  app.post('/v1/refresh', {
    bodyLimit,
    schema: {
      summary: 'Look for changes now; one refresh at a time',
      querystring: noParameters,
      body: noParameters,
      response: { 202: statusShape('accepted'), ...problem },
    },
    handler: (_request, reply) => {
      refreshes.enter(service.now())();
      service.refresh();
      return sendJson(reply, 202, { status: 'accepted' });
    },
  });
  allowOnly(app, '/v1/refresh', ['POST']);
}

function statusShape(value: string): object {
  return { type: 'object', required: ['status'], properties: { status: { type: 'string', const: value } } };
}
