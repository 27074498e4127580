/** 405 instead of 404 for a known path asked with another method. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClawgaugeError } from '../errors.ts';

/** Refuses every method of a path but these, before a body is read. */
export function allowOnly(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const allow = allowed.join(', ');
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    reply.header('Allow', allow);
    throw new ClawgaugeError('method_not_allowed', `One of ${allow} was expected; got ${request.method}.`);
  };
  app.route({
    url,
    method: app.supportedMethods.filter((method) => !allowed.includes(method)),
    schema: { hide: true },
    onRequest: refuse,
    handler: refuse,
  });
}
