/** Small JSON answers that nobody may keep: by the routes, and by whoever answers before there are any. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { securityHeaders } from './security.ts';

const HEADERS: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'Cache-Control': 'no-store',
  'Content-Type': 'application/json; charset=utf-8',
};

/** @param more headers beside those that all of these answers have */
export function sendJson(
  reply: FastifyReply,
  status: number,
  body: object,
  more: Readonly<Record<string, string>> = {},
): FastifyReply {
  return reply
    .code(status)
    .headers({ ...HEADERS, ...more })
    .send(JSON.stringify(body));
}

/** The same answer where there is no framework. */
export function writeJson(
  response: ServerResponse,
  status: number,
  body: object,
  more: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { ...HEADERS, ...more, 'Content-Length': String(Buffer.byteLength(text)) }).end(text);
}
