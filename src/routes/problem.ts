/** Errors as RFC 9457 problems: what an answer that is none looks like. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClawgaugeError, type ErrorCode } from '../errors.ts';
import { securityHeaders } from './security.ts';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const MAX_DETAIL_LENGTH = 300;

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** Names the request in the log; only where the log says more than the problem. */
  readonly instance?: string;
}

/** The problem of an error that the client may see. */
function problemOf(error: ClawgaugeError): Problem {
  const { code, status, title } = error;
  return { type: `urn:clawgauge:error:${code}`, title, status, detail: error.message, code };
}

/**
 * Answers with any error. Faults of our own are logged, and their text, which may name paths,
 * stays in the log.
 */
export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = thrown instanceof ClawgaugeError ? thrown : fromFramework(thrown);
  let problem = problemOf(error);
  if (error.status === 500) {
    request.log.error({ err: thrown, requestId: request.id, route: request.routeOptions.url }, 'request failed');
    const instance = `urn:clawgauge:request:${request.id}`;
    problem = { ...problem, detail: `The log says more, under ${request.id}.`, instance };
  }
  return reply.code(error.status).headers(headersOf(error)).send(JSON.stringify(problem));
}

/** What /ready says while no complete snapshot is published. */
export function notReady(): ClawgaugeError {
  return new ClawgaugeError('not_ready', 'The first snapshot is still being made.');
}

/** Answers where there is no framework; for errors that are the client's to mend. */
export function refuse(error: ClawgaugeError, response: ServerResponse): void {
  const { headers, body } = plainAnswer(error);
  response.writeHead(error.status, headers).end(body);
}

/** Answers on a bare socket, where Node could not even read a request. */
export function refuseSocket(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(wholeAnswer(new ClawgaugeError(...socketError(cause))));
  socket.destroy(cause);
}

/** Answers a request for another protocol, which leaves a bare socket, and ends that. */
export function refuseUpgrade(error: ClawgaugeError, socket: Duplex): void {
  socket.once('finish', () => socket.destroy());
  socket.end(wholeAnswer(error));
}

function wholeAnswer(error: ClawgaugeError): string {
  const { headers, body } = plainAnswer(error);
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('')}\r\n${body}`;
}

function plainAnswer(error: ClawgaugeError): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify(problemOf(error));
  return { headers: { ...headersOf(error), 'Content-Length': String(Buffer.byteLength(body)) }, body };
}

function headersOf({ code }: ClawgaugeError): Record<string, string> {
  return {
    ...securityHeaders,
    'Cache-Control': 'no-store',
    'Content-Type': PROBLEM_TYPE,
    ...(code === 'unauthorized' ? { 'WWW-Authenticate': 'Bearer realm="clawgauge"' } : {}),
    ...(code === 'too_many_requests' || code === 'not_ready' ? { 'Retry-After': '1' } : {}),
  };
}

function socketError(cause: NodeJS.ErrnoException): [ErrorCode, string] {
  switch (cause.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'A whole request was expected in time; only a part of one came.'];
    case 'HPE_HEADER_OVERFLOW':
      return ['headers_too_large', 'At most 16 KiB of request line and headers were expected; more came.'];
    default:
      return ['malformed_request', 'An HTTP/1.1 request was expected; something else came.'];
  }
}

function fromFramework(thrown: unknown): ClawgaugeError {
  const { statusCode, code, message } = (thrown ?? {}) as { statusCode?: unknown; code?: unknown; message?: unknown };
  const detail = typeof message === 'string' ? message.slice(0, MAX_DETAIL_LENGTH) : '';
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ClawgaugeError('body_too_large', detail, { cause: thrown });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ClawgaugeError('unsupported_media_type', 'A body of application/json, or none, was expected.', {
      cause: thrown,
    });
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ClawgaugeError('malformed_request', detail, { cause: thrown });
  }
  return new ClawgaugeError('internal', detail, { cause: thrown });
}
