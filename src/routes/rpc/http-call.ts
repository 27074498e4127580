/** The gateway's calls without a socket: POST /rpc, one call and one answer, with the statuses of the gateway's own HTTP route. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ClawgaugeError } from '../../errors.ts';
import { ref } from '../../snapshot/schemas.ts';
import { validatorCompiler } from '../compilers.ts';
import { allowOnly } from '../methods.ts';
import { unknownParameter } from '../parameter-check.ts';
import { noParameters } from '../parameters.ts';
import { securityHeaders } from '../security.ts';
import type { RpcAnswer } from '../service.ts';
import { busy, type RpcCalls, rpcMethods } from './calls.ts';
import { rpcLimits } from './limits.ts';
import type { Outgoing } from './outgoing.ts';
import { type Frame, sizeOf } from './response-frame.ts';

export interface HttpCallParts {
  readonly calls: RpcCalls;
  readonly outgoing: Outgoing;
  /** Whether conversations may be shown to who proved the token; false where none is asked for. */
  readonly transcripts: boolean;
  readonly bodyLimit: number;
}

interface HttpCall {
  readonly method: string;
  readonly params: unknown;
}

const STATUSES: Readonly<Record<string, number>> = { INVALID_REQUEST: 400, FORBIDDEN: 403, UNAVAILABLE: 503 };

/** Adds POST /rpc. */
export function addHttpCall(app: FastifyInstance, { calls, outgoing, transcripts, bodyLimit }: HttpCallParts): void {
  app.post('/rpc', {
    bodyLimit,
    schema: {
      summary: "One of the gateway's calls; also as a WebSocket",
      querystring: noParameters,
      body: callShape,
      response: { 200: answerShape, default: ref('Problem') },
    },
    validatorCompiler: (part) =>
      part.httpPart === 'body' ? (data: unknown) => checked(data) : validatorCompiler(part),
    handler: async (request, reply) => {
      const { method, params } = request.body as HttpCall;
      const caller = { signal: goneSignal(reply), transcripts };
      const answer = await calls.answer(method, params, caller, null);
      const fits = !answer.ok || outgoing.admits(sizeOf(answer.payload));
      return send(reply, fits ? answer : busy('too many answers wait to be read'), outgoing);
    },
  });
  allowOnly(app, '/rpc', ['POST']);
}

const callShape = {
  type: 'object',
  required: ['method'],
  additionalProperties: false,
  properties: {
    method: { type: 'string', enum: rpcMethods },
    params: { type: 'object', description: 'Those of the method, as the gateway takes them.' },
  },
};

const answerShape = {
  type: 'object',
  required: ['ok', 'payload'],
  properties: {
    ok: { type: 'boolean', const: true },
    payload: { type: 'object', description: "The gateway's answer." },
  },
};

/** What is wrong with a call itself is a problem; what is wrong with its method or its parameters, the gateway's error. */
function checked(body: unknown): { value: HttpCall } | { error: Error } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return invalid('The body must be an object {"method": …, "params": …}; another value came.');
  }
  const { method, params, ...others } = body as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { error: unknownParameter(unknown, ['method', 'params']) };
  if (typeof method !== 'string' || method === '') {
    return invalid('"method" must be the name of a method; none came.');
  }
  return { value: { method, params } };
}

function invalid(detail: string): { error: Error } {
  return { error: new ClawgaugeError('invalid_parameter', detail) };
}

/** Aborted when the client leaves before it was answered. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

function send(reply: FastifyReply, answer: RpcAnswer, outgoing: Outgoing): FastifyReply {
  const body: Frame = answer.ok
    ? [Buffer.from('{"ok":true,"payload":'), ...answer.payload, Buffer.from('}')]
    : [Buffer.from(JSON.stringify(answer))];
  const { raw } = reply.hijack();
  const size = sizeOf(body);
  raw.once('close', outgoing.send(size));
  raw.setTimeout(rpcLimits.silence, () => raw.destroy());
  raw.writeHead(answer.ok ? 200 : (STATUSES[answer.error.code] ?? 500), {
    ...securityHeaders,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(size),
    ...(!answer.ok && answer.error.retryable === true ? { 'Retry-After': '1' } : {}),
  });
  for (const piece of body) raw.write(piece);
  raw.end();
  return reply;
}
