/** What leaves the machine, and what programs are given: real sockets and real processes. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/notices/command.ts';
import { postNotice } from '../../src/notices/webhook.ts';

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const NOTICE = { id: 'msg_1', body: '{"what":"ünïcode"}', version: '1.2.3' };
const NOW = 1_700_000_000_999;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function receiver(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    answer(request, response, body);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

describe('a webhook', () => {
  test('gets the notice with its id and the time, signed with the secret', async () => {
    const got: { request: IncomingMessage; body: string }[] = [];
    const url = await receiver((request, response, body) => {
      got.push({ request, body });
      response.writeHead(204).end();
    });
    expect(await postNotice({ kind: 'webhook', url, secret: SECRET }, NOTICE, NOW)).toEqual({
      error: null,
      final: false,
    });
    const [{ request, body } = {}] = got;
    const signed = createHmac('sha256', KEY).update(`msg_1.1700000000.${NOTICE.body}`).digest('base64');
    expect(request).toMatchObject({ method: 'POST', url: '/hook' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'clawgauge/1.2.3',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${signed}`,
    });
    expect(body).toBe(NOTICE.body);
  });

  test('without a secret gets it unsigned', async () => {
    let signature: unknown;
    const url = await receiver((request, response) => {
      signature = request.headers['webhook-signature'];
      response.end();
    });
    await postNotice({ kind: 'webhook', url, secret: null }, NOTICE, NOW);
    expect(signature).toBeUndefined();
  });

  test.each([
    [200, null, false],
    [302, 'answered 302', false],
    [410, 'answered 410', true],
    [500, 'answered 500', false],
  ])('that answers %d: error %s, final %s; nobody else is asked', async (status, error, final) => {
    let asked = 0;
    const other = await receiver(() => asked++);
    const url = await receiver((_, response) => response.writeHead(status, { location: other }).end('x'.repeat(1e6)));
    expect(await postNotice({ kind: 'webhook', url, secret: null }, NOTICE, NOW)).toEqual({ error, final });
    expect(asked).toBe(0);
  });

  test('that says nothing is waited for no longer than that', async () => {
    const url = await receiver(() => {});
    expect(await postNotice({ kind: 'webhook', url, secret: null }, NOTICE, NOW, 50)).toEqual({
      error: 'no answer within 50 ms',
      final: false,
    });
  });

  test('that is not there', async () => {
    const url = 'http://127.0.0.1:9/';
    expect((await postNotice({ kind: 'webhook', url, secret: null }, NOTICE, NOW)).error).toContain('ECONNREFUSED');
  });
});

describe('a program', () => {
  const node = (code: string, ...args: string[]) =>
    ({ kind: 'command', command: [process.execPath, '-e', code, ...args] }) as const;

  test('gets the notice on its standard input, its arguments as they are, and no variable of ours', async () => {
    process.env.CLAWGAUGE_TOKEN = 'secret';
    const code = `
      const { equal } = require('node:assert');
      let body = '';
      process.stdin.on('data', (it) => (body += it)).on('end', () => {
        equal(body, ${JSON.stringify(NOTICE.body)});
        equal(process.argv[1], '$(touch x); "');
        equal(process.env.CLAWGAUGE_TOKEN, undefined);
      });`;
    const result = await runCommand(node(code, '$(touch x); "'), NOTICE);
    delete process.env.CLAWGAUGE_TOKEN;
    expect(result).toEqual({ error: null, final: false });
  });

  test.each([
    ['process.exit(3)', 'ended with 3'],
    ['console.error("no\\nway"); process.exitCode = 1', 'ended with 1: no\nway'],
    ['console.error("x".repeat(1e6)); process.exitCode = 1', `ended with 1: ${'x'.repeat(300)}`],
    ['process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 1e6)', 'ended with SIGTERM'],
  ])('that does %s: %s', async (code, error) => {
    expect(await runCommand(node(code), NOTICE)).toEqual({ error, final: false });
  });

  test('that does not read, with much to read, is content', async () => {
    const long = { body: 'x'.repeat(1e6) };
    expect((await runCommand(node('process.exit(0)'), long)).error).toBeNull();
  });

  test('that does not end is ended', async () => {
    expect((await runCommand(node('setInterval(() => {}, 1e6)'), NOTICE, 300)).error).toBe('no end within 300 ms');
  });

  test('that is not there', async () => {
    const result = await runCommand({ kind: 'command', command: ['/nowhere/program'] }, NOTICE);
    expect(result.error).toContain('ENOENT');
  });
});
