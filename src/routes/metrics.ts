/** GET /metrics: what Prometheus scrapes. The keeper wrote most of it before anybody asked. */
import type { FastifyInstance } from 'fastify';
import { EXPOSITION_TYPE, OPEN_METRICS_TYPE, openMetrics } from '../snapshot/metrics/exposition.ts';
import { ref } from '../snapshot/schemas.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import { prefersOpenMetrics } from './negotiation.ts';
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
      response: {
        200: {
          content: {
            'text/plain': { schema: { type: 'string' } },
            'application/openmetrics-text': { schema: { type: 'string' } },
          },
        },
        default: ref('Problem'),
      },
    },
    handler: (request, reply) => {
      scrapes.enter(service.now())();
      const text = service.metrics() + requests.text(ready);
      const open = prefersOpenMetrics(request.headers.accept);
      return reply
        .headers(securityHeaders)
        .header('Cache-Control', 'no-store')
        .header('Vary', 'Accept')
        .type(open ? OPEN_METRICS_TYPE : EXPOSITION_TYPE)
        .send(open ? openMetrics(text) : text);
    },
  });
  allowOnly(app, '/metrics', ['GET', 'HEAD']);
}
