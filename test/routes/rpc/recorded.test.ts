/**
 * What real gateways said, said to us: every conversation of test/fixtures/rpc comes out the same, but for what stands
 * here. Their parameters and results are the answers' matter, and their pings that of the beat.
 */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dialect } from '../../../src/routes/service.ts';
import { listening } from '../client.ts';
import { appOver, MemoryService } from '../memory-service.ts';
import { SocketClient } from './socket-client.ts';

const TOKEN = 'the-token-of-the-gateway';

interface Entry {
  readonly sent?: string | { readonly binary?: string };
  readonly came?: 'ping' | Record<string, unknown>;
  readonly closed?: number;
  readonly reason?: string;
}

interface Conversation {
  readonly name: string;
  readonly headers?: Record<string, string>;
  readonly frames: readonly Entry[];
}

const letIn = { type: 'res', id: '1', ok: true };
const tokenMissing = 'unauthorized: gateway token missing (provide gateway auth token)';
const closedWith = (message: string) => [
  { ok: false, error: { message } },
  { closed: 1008, reason: message },
];
const unknownMethod = (id: string, method: string) => ({
  type: 'res',
  id,
  ok: false,
  error: { code: 'INVALID_REQUEST', message: `unknown method: ${method}` },
});

/** By conversation: what comes instead of the recorded frames, all of them after the challenge. */
const differences: Readonly<Record<string, (recorded: readonly object[]) => readonly object[]>> = {
  // The gateway offers to pair a device instead of a token.
  'connect without a token': () => closedWith(tokenMissing),
  'connect with a password': () => closedWith(tokenMissing),
  'connect as a node': () => closedWith('invalid role'),
  // Who may come in is asked of the token alone.
  'connect of an unknown client': () => [letIn],
  'connect in an unknown mode': () => [letIn],
  'connect with an unknown member': () => [letIn],
  // The gateway says nothing.
  'no JSON before connect': () => [{ closed: 1008, reason: 'invalid request frame' }],
  'no JSON after connect': () => [letIn, { id: 'invalid', error: { message: 'invalid request frame: must be JSON' } }],
  // To the gateway, what it does not know is the administrator's.
  'an unknown method': () => [letIn, unknownMethod('2', 'nope.nope')],
  // Of the gateway's other methods there is none.
  'calls without a scope': (recorded) => [
    ...recorded.slice(0, -2),
    unknownMethod('6', 'health'),
    unknownMethod('7', 'status'),
  ],
};

/** What these are about is tested elsewhere. */
const notOurs = ['parameters', 'tick and ping', 'creators and labels', 'connect from another origin'];

describe.each([
  ['2026.5.22', '2026.5'],
  ['2026.9.6', '2026.9'],
] as const)('%s', (version, dialect) => {
  const file = new URL(`../../fixtures/rpc/${version}.json`, import.meta.url);
  const { conversations } = JSON.parse(readFileSync(file, 'utf8')) as { conversations: Conversation[] };
  const service = new MemoryService();
  let app: FastifyInstance;
  let port: number;

  beforeAll(async () => {
    service.era = dialect satisfies Dialect;
    app = appOver(service, { token: TOKEN });
    port = await listening(app);
  });
  afterAll(() => app.close());

  test.each(conversations.filter(({ name }) => !notOurs.includes(name)).map((it) => [it.name, it] as const))(
    '%s',
    async (name, { frames }) => {
      const recorded = frames.slice(1).flatMap(({ came, closed, reason }) => {
        if (closed !== undefined) return [{ closed, reason }];
        return came === undefined || came === 'ping' ? [] : [expected(came)];
      });
      const wanted = differences[name]?.(recorded) ?? recorded;
      const challenge = { event: 'connect.challenge', payload: { nonce: expect.any(String) } };
      expect(await said(port, frames, wanted.length)).toMatchObject([challenge, ...wanted]);
    },
  );
});

/** A recorded frame, as far as it is to be ours. */
function expected(frame: Record<string, unknown>): object {
  const { payload, error, ...others } = frame as {
    payload?: { type?: string; auth?: { scopes?: unknown } };
    error?: { message: string; details?: Record<string, unknown> };
  };
  if (payload?.type === 'hello-ok') {
    const { scopes } = payload.auth ?? {};
    return { ...others, payload: { type: 'hello-ok', protocol: 4, auth: { role: 'operator', scopes } } };
  }
  if (error === undefined) return others;
  // It tells of a mode that clients here do not have.
  delete error.details?.minimumProbeProtocol;
  // The two versions write this differently.
  return { ...others, error: { ...error, message: error.message.replace('must not have', 'must NOT have') } };
}

/** Says the sent frames, each after something came, and gives what came: so many frames after the challenge, a close among them. */
async function said(port: number, frames: readonly Entry[], count: number): Promise<object[]> {
  const client = new SocketClient(port);
  const came: object[] = [];
  const left = frames.flatMap(({ sent }) => (sent === undefined ? [] : [sent]));
  const closed = client.closed.then(({ code, reason }) => ({ closed: code, reason }));
  while (came.length <= count) {
    const frame = await client.next().catch(() => closed);
    came.push(frame);
    if ('closed' in frame) return came;
    const sent = left.shift();
    if (typeof sent === 'string') client.send(sent);
    else if (sent?.binary !== undefined) client.send(Buffer.from(filled(sent.binary)));
    else if (sent !== undefined) client.send(filled(JSON.stringify(sent)));
  }
  client.socket.terminate();
  return came;
}

/** What the recording left out. */
function filled(text: string): string {
  return text.replaceAll('<token>', TOKEN).replaceAll('<70000 times x>', 'x'.repeat(70_000));
}
