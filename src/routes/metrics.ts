/** GET /metrics: what Prometheus scrapes. The keeper wrote most of it before anybody asked. */
import type { FastifyInstance } from 'fastify';
import { EXPOSITION_TYPE } from '../snapshot/metrics/exposition.ts';
import { ref } from '../snapshot/schemas.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import { noParameters } from './parameters.ts';
import type { ReadyLane } from './ready-lane.ts';
import { RequestMetrics } from './request-metrics.ts';
import { securityHeaders } from './security.ts';
import type { UsageService } from './service.ts';

export interface MetricsParts {
  readonly service: UsageService;
  readonly ready: ReadyLane;
  readonly scrapes: Lane;
}

/** Adds /metrics, and counts the answers of every route that is added later. */
export function addMetrics(app: FastifyInstance, { service, ready, scrapes }: MetricsParts): void {
  const requests = new RequestMetrics();
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url?.slice(app.prefix.length) ?? 'none';
    requests.note(route, reply.raw.statusCode, reply.elapsedTime);
    done();
  });

  app.get('/metrics', {
    schema: {
      summary: 'Metrics for Prometheus',
      querystring: noParameters,
      response: { 200: { type: 'string' }, default: ref('Problem') },
    },
    handler: (_request, reply) => {
      scrapes.enter(service.now())();
      return reply
        .headers(securityHeaders)
        .header('Cache-Control', 'no-store')
        .type(EXPOSITION_TYPE)
        .send(service.metrics() + requests.text(ready));
    },
  });
  allowOnly(app, '/metrics', ['GET', 'HEAD']);
}
