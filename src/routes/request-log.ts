/** A line for each answer, at the level `debug`: without queries, bodies, keys and tokens. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Logs an answer once it is sent, or its client has left. */
export function logAnswer(
  log: FastifyBaseLogger,
  proxies: TrustedProxies,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const began = performance.now();
  const client = proxies.clientOf(request);
  response.once('close', () => {
    const { method } = request;
    const ms = Math.round(performance.now() - began);
    const whole = response.writableFinished;
    log.debug({ client, method, path: pathOf(request), status: response.statusCode, ms, whole }, 'answered');
  });
}

/** Keys of sessions can hold phone numbers. */
function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  return path.slice(0, 200).replace(/(\/v1\/sessions\/).*?(\/(?:timeseries|logs))?$/, '$1{key}$2');
}
