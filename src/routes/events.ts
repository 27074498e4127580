/** GET /v1/events: what is published, as it is published. */
import type { FastifyInstance } from 'fastify';
import { ref } from '../snapshot/schemas.ts';
import type { EventStreams } from './event-streams.ts';
import { allowOnly } from './methods.ts';
import { noParameters } from './parameters.ts';

/** Adds /v1/events; its streams end when the application begins to close, which would wait for them. */
export function addEvents(app: FastifyInstance, { streams }: { readonly streams: EventStreams }): void {
  app.get('/v1/events', {
    exposeHeadRoute: false,
    schema: {
      summary: 'Server-sent events: one for each published snapshot and each change of its state',
      querystring: noParameters,
      response: { 200: { type: 'string' }, default: ref('Problem') },
    },
    handler: (request, reply) => {
      const lastEventId = request.headers['last-event-id'];
      streams.open(reply.raw, Array.isArray(lastEventId) ? lastEventId[0] : lastEventId);
      return reply.hijack();
    },
  });
  allowOnly(app, '/v1/events', ['GET']);
  app.addHook('preClose', async () => streams.close());
}
