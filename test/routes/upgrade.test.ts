/** Requests that wish for another protocol and do not get it: answered as if they had not wished. */
import { createServer, type Server } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clawgaugePlugin } from '../../src/app.ts';
import { offerUpgrades } from '../../src/routes/upgrade.ts';
import { ask, askRaw, listening } from './client.ts';
import { MemoryService, plainOptions } from './memory-service.ts';
import { SocketClient } from './rpc/socket-client.ts';

describe('a server whose upgrades are taken by nobody', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      request.on('end', () => {
        const { method, url, headers } = request;
        response.end(JSON.stringify({ method, url, headers, body }));
      });
    });
    offerUpgrades(server, () => false);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as { port: number });
  });
  afterEach(() => server.close());

  test('answers, with all headers but the wish', async () => {
    const { body } = await ask(port, '/x?y', {
      headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAM', 'x-own': 'é' },
    });
    const { method, url, headers } = JSON.parse(body.toString());
    expect([method, url, headers]).toEqual(['GET', '/x?y', { host: `127.0.0.1:${port}`, 'x-own': 'é' }]);
  });

  test('answers with the body, and what follows on the same connection, in order', async () => {
    const wish = 'Connection: Upgrade\r\nUpgrade: h2c\r\n';
    const request = (path: string, rest: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\n${rest}`;
    const said = await askRaw(
      port,
      request('/1', `${wish}Content-Length: 5\r\n\r\nfirst`) +
        request('/2', `Transfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n`) +
        request('/3', 'Connection: close\r\nContent-Length: 5\r\n\r\nthird'),
    );
    const bodies = [...said.matchAll(/"url":"(\/\d)".*?"body":"(\w*)"/g)].map(([, url, body]) => [url, body]);
    expect(bodies).toEqual([
      ['/1', 'first'],
      ['/2', 'second'],
      ['/3', 'third'],
    ]);
  });

  test('keeps an option of the connection that is no wish', async () => {
    const said = await askRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(said).toContain('\r\nConnection: close\r\n');
  });

  test('is left to the other listeners where there are any', async () => {
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 418 Theirs\r\n\r\n'));
    const said = await askRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: theirs\r\n\r\n');
    expect(said).toBe('HTTP/1.1 418 Theirs\r\n\r\n');
  });
});

describe('an application of somebody else', () => {
  let app: FastifyInstance;
  let port: number;

  beforeEach(async () => {
    app = Fastify();
    app.get('/', () => 'theirs');
    await app.register(clawgaugePlugin, { ...plainOptions, service: new MemoryService(), basePath: '/clawgauge' });
    port = await listening(app);
  });
  afterEach(() => app.close());

  test('has the WebSocket under the path of the plugin', async () => {
    const client = await SocketClient.connected(port, {}, { path: '/clawgauge/rpc' });
    expect(await client.call('usage.cost')).toMatchObject({ ok: true });
    const closed = app.close();
    expect(await client.closed).toMatchObject({ code: 1012 });
    await closed;
  });

  test('keeps its own paths', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await ask(port, '/', { headers })).body.toString()).toBe('theirs');
    expect((await ask(port, '/rpc', { headers })).status).toBe(404);
  });
});
