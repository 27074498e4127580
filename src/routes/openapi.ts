/**
 * /openapi.json: the API in its own words, made of the schemas of the routes.
 * Nothing of it is loaded or made before it is first asked for.
 */
import type { FastifyInstance, RouteOptions } from 'fastify';
import { shapes } from '../snapshot/schemas.ts';
import { schemaController } from './compilers.ts';
import { sendJson } from './json-answer.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import { noParameters } from './parameters.ts';
import type { UsageService } from './service.ts';

export interface OpenapiParts {
  readonly service: UsageService;
  readonly descriptions: Lane;
  readonly version: string;
}

/** Adds /openapi.json, which describes itself and every route that is added later. */
export function addOpenapi(app: FastifyInstance, { service, descriptions, version }: OpenapiParts): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    if (route.method === 'GET' || route.method === 'POST') routes.push(route);
  });
  let description: Promise<object> | null = null;

  app.get('/openapi.json', {
    schema: { summary: 'This description', querystring: noParameters, response: { 200: { type: 'object' } } },
    handler: async (_request, reply) => {
      const leave = descriptions.enter(service.now());
      description ??= describe(routes, version).catch((error: unknown) => {
        description = null;
        throw error;
      });
      return sendJson(reply, 200, await description.finally(leave));
    },
  });
  allowOnly(app, '/openapi.json', ['GET', 'HEAD']);
}

/** Describes routes by showing their schemas to the describing plugin, in an application that never listens. */
async function describe(routes: readonly RouteOptions[], version: string): Promise<object> {
  const [{ default: Fastify }, { default: swagger }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
  ]);
  const app = Fastify({ schemaController, exposeHeadRoutes: false });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Clawgauge', version, description: 'Usage and cost of OpenClaw.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{}, { token: [] }],
    },
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
  });
  for (const [name, shape] of Object.entries(shapes)) app.addSchema({ $id: name, ...shape });
  for (const { method, url, schema } of routes) {
    app.route({ method, url: url.replace('*', ':key'), schema: schema ?? {}, handler: () => null });
  }
  await app.ready();
  return app.swagger();
}
