/** The server from its first moment on: what it answers alone, what it holds, and what becomes of that. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { BootListener, type BootParts } from '../../src/routes/boot-listener.ts';
import { Delivery } from '../../src/routes/delivery.ts';
import { rpcLimits } from '../../src/routes/rpc/limits.ts';
import { Gate } from '../../src/routes/security.ts';
import { usageQuery, viewKey } from '../../src/snapshot/query.ts';
import { RestoredViews } from '../../src/snapshot/restored-views.ts';
import { ask, askRaw } from './client.ts';
import { MemoryService, plainOptions, quiet, rendered } from './memory-service.ts';
import { operator, patient, SocketClient } from './rpc/socket-client.ts';

const TOKEN = 'open-sesame';
const good = { authorization: `Bearer ${TOKEN}` };

let service: MemoryService;
let listener: BootListener;
let app: FastifyInstance | null;

function partsOf(options: { token?: string } = {}): BootParts {
  const all = { ...plainOptions, ...options };
  return { ...all, gate: new Gate(all), delivery: new Delivery(all.refreshInterval) };
}

function bootListener(options: { token?: string } = {}): BootListener {
  return new BootListener(service, partsOf(options));
}

/** Loads the application and hands over. */
async function handOver(options: { token?: string } = {}): Promise<void> {
  app = buildApp(
    service,
    { ...plainOptions, ...options },
    quiet,
    (routes, takeUpgrade) => listener.serverFor(routes, takeUpgrade),
    await listener.rpc(),
  );
  await app.ready();
  listener.handOver();
}

beforeEach(() => {
  app = null;
  service = new MemoryService();
  service.views.set(viewKey(usageQuery({ timeZone: 'UTC' })), rendered({ window: null }));
  listener = bootListener();
});

afterEach(async () => {
  await app?.close();
  await listener.close();
});

const listening = async () => (await listener.listen('127.0.0.1', 0)).port;

const closeNow = (client: SocketClient) => {
  client.socket.terminate();
  return true;
};

/** Without the time of day. */
const plain = ({ status, headers, body }: Awaited<ReturnType<typeof ask>>) => {
  const { date: _, ...others } = headers;
  return { status, headers: others, body: body.toString() };
};

describe('before the application is there', () => {
  /** What a client may send, and what it comes back as; the application has to send the same. */
  const askAllWays = async (port: number, path: string) => {
    const replies = [];
    for (const method of ['GET', 'HEAD']) {
      for (const headers of [{}, { 'accept-encoding': 'gzip' }, { 'if-none-match': 'W/"figures-1"' }]) {
        replies.push(plain(await ask(port, path, { method, headers: headers as Record<string, string> })));
      }
    }
    return replies;
  };

  test.each(['/health', '/ready', '/v1/status', '/v1/usage', '/v1/usage?range=30d'])(
    '%s is answered, as the application will',
    async (path) => {
      const port = await listening();
      const before = await askAllWays(port, path);
      const unchanged = path.startsWith('/v1/usage') ? 304 : 200;
      expect(before.map(({ status }) => status)).toEqual([200, 200, unchanged, 200, 200, unchanged]);
      await handOver();
      expect(await askAllWays(port, path)).toEqual(before);
    },
  );

  test.each([
    ['/health', 200],
    ['/ready', 503],
    ['/v1/usage', 202],
    ['/v1/usage?range=7d&agent=a&agent=b&split=model', 202],
    ['/v1/sessions?q=%E4%B8%AD', 202],
  ])('without a snapshot, %s is answered too, as the application will', async (path, status) => {
    service.current = null;
    const port = await listening();
    const before = await askAllWays(port, path);
    expect(before.map((reply) => reply.status)).toEqual(Array(6).fill(status));
    await handOver();
    expect(await askAllWays(port, path)).toEqual(before);
  });

  test('it is wanted once something waits for it', async () => {
    const port = await listening();
    let wanted = false;
    const want = listener.wanted.then(() => {
      wanted = true;
    });
    for (const path of ['/health', '/ready', '/v1/usage']) await ask(port, path);
    expect(wanted).toBe(false);
    const reply = ask(port, '/nowhere');
    await want;
    await handOver();
    expect((await reply).status).toBe(404);
  });

  test.each([
    ['another view', 'GET', '/v1/usage?range=7d', {}, 200],
    ['another route', 'GET', '/v1/cache', {}, 200],
    ['a parameter of what has none', 'GET', '/v1/status?x=1', {}, 400],
    ['no route', 'GET', '/nowhere', {}, 404],
    ['a wrong parameter', 'GET', '/v1/usage?range=9d', {}, 400],
    ['another method', 'POST', '/v1/refresh', {}, 202],
    ['a foreign host', 'GET', '/v1/usage', { host: 'rebound.example' }, 403],
    ['a foreign host, even of /health', 'GET', '/health', { host: 'rebound.example' }, 403],
    ['a foreign origin', 'GET', '/v1/usage', { origin: 'https://evil.example' }, 403],
  ])('%s waits for it', async (_what, method, path, headers, status) => {
    const port = await listening();
    let answered = false;
    const reply = ask(port, path, { method, headers: headers as Record<string, string> }).finally(() => {
      answered = true;
    });
    await ask(port, '/health');
    expect(answered).toBe(false);
    await handOver();
    expect((await reply).status).toBe(status);
  });

  test('nothing but /health is answered without the token', async () => {
    listener = bootListener({ token: TOKEN });
    const port = await listening();
    expect((await ask(port, '/health')).status).toBe(200);
    for (const path of ['/ready', '/v1/usage']) expect((await ask(port, path, { headers: good })).status).toBe(200);
    const refused = ['/ready', '/v1/usage', '/nowhere'].flatMap((path) => [
      ask(port, path),
      ask(port, path, { headers: { authorization: 'Bearer open-sesam' } }),
    ]);
    await ask(port, '/health');
    await handOver({ token: TOKEN });
    for (const { status, headers } of await Promise.all(refused)) {
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer realm="clawgauge"');
    }
  });

  test('without a snapshot, a wrong parameter waits', async () => {
    service.current = null;
    const port = await listening();
    const usage = ask(port, '/v1/usage?range=9d');
    await ask(port, '/health');
    await handOver();
    expect((await usage).status).toBe(400);
  });

  test('the last snapshot says nothing of what the service does: that waits', async () => {
    listener.follow(new RestoredViews(null, plainOptions.refreshInterval, systemClock));
    const port = await listening();
    const status = ask(port, '/v1/status');
    await listener.wanted;
    await handOver();
    expect(JSON.parse((await status).body.toString())).toEqual(service.status());
  });

  test('what is no HTTP is refused, once', async () => {
    const port = await listening();
    expect(await askRaw(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*malformed_request/s);
    await handOver();
    expect((await askRaw(port, 'nonsense\r\n\r\n')).match(/HTTP\/1\.1 400/g)).toHaveLength(1);
  });

  test('more requests than may wait are refused', async () => {
    const port = await listening();
    let refused = 0;
    const replies = Array.from({ length: 518 }, async () => {
      const reply = await ask(port, '/');
      if (reply.status === 429) refused++;
      return reply;
    });
    await expect.poll(() => refused, { timeout: 20_000 }).toBe(6);
    await handOver();
    for (const { status, headers } of await Promise.all(replies)) {
      expect({ status, retryAfter: headers['retry-after'] }).toEqual(
        status === 429 ? { status, retryAfter: '1' } : { status: 200, retryAfter: undefined },
      );
    }
    expect(refused).toBe(6);
  });

  test('a client that leaves is forgotten', async () => {
    const port = await listening();
    const leaving = request({ port, host: '127.0.0.1', path: '/v1/usage?range=7d' }).on('error', () => {});
    leaving.end();
    await once(leaving, 'finish');
    await ask(port, '/health');
    leaving.destroy();
    const staying = ask(port, '/v1/usage?range=90d');
    await ask(port, '/health');
    await handOver();
    expect((await staying).status).toBe(200);
    expect(service.asked).toMatchObject([{ range: '90d' }]);
  });

  test.each([
    ['a WebSocket elsewhere', { connection: 'Upgrade', upgrade: 'websocket' }],
    ['another protocol', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' }],
  ])('the wish for %s is not heard', async (_what, headers) => {
    const port = await listening();
    expect((await ask(port, '/v1/usage', { headers })).status).toBe(200);
    const held = ask(port, '/v1/cache', { headers });
    await ask(port, '/health');
    await handOver();
    expect((await held).status).toBe(200);
  });

  test('closing lets go of who waits', async () => {
    const port = await listening();
    const waiting = ask(port, '/v1/cache');
    const socket = new SocketClient(port);
    await ask(port, '/health');
    await Promise.all([expect(waiting).rejects.toThrow(), socket.closed, listener.close()]);
  });
});

describe('a WebSocket', () => {
  const withoutService = () => listener.follow(new RestoredViews(null, plainOptions.refreshInterval, systemClock));
  const cost = { type: 'req', id: 'cost', method: 'usage.cost', params: { days: 1 } };
  const closed = (client: SocketClient) => client.closed.then(({ code }) => code);

  test('is opened before the application is there, or the service, and wants neither', async () => {
    withoutService();
    let wanted = false;
    void listener.wanted.then(() => {
      wanted = true;
    });
    const client = await SocketClient.connected(await listening());
    const pong = once(client.socket, 'pong');
    client.socket.ping();
    await pong;
    expect(wanted).toBe(false);
    client.socket.terminate();
  });

  test('has its calls wait for the service alone, and stays when the application comes', async () => {
    withoutService();
    const client = await SocketClient.connected(await listening());
    client.send(cost);
    expect(await client.call('nothing')).toMatchObject({ error: { message: 'unknown method: nothing' } });
    listener.follow(service);
    expect(await client.next()).toMatchObject({ id: 'cost', payload: { params: { days: 1 } } });
    await handOver();
    expect(await client.call('usage.cost')).toMatchObject({ ok: true });
    await app?.close();
    expect(await client.next()).toMatchObject({ event: 'shutdown' });
    expect(await closed(client)).toBe(1012);
  });

  test('counts among those that the application opens', async () => {
    const port = await listening();
    const early = Array.from({ length: rpcLimits.unconnected }, () => new SocketClient(port));
    for (const client of early) await client.next();
    await handOver();
    const late = new SocketClient(port);
    await closed(late);
    for (const client of early) client.socket.terminate();
    await expect.poll(() => SocketClient.connected(port).then(closeNow, () => false), patient).toBe(true);
  });

  test('is refused to a foreign host, and to who sends another token', async () => {
    listener = bootListener({ token: TOKEN });
    const port = await listening();
    const foreign = new SocketClient(port, { headers: { host: 'rebound.example' } });
    expect(await closed(foreign)).toBe(1006);
    const client = new SocketClient(port);
    await client.next();
    expect(await client.call('connect', { ...operator, auth: { token: 'sesame' } })).toMatchObject({ ok: false });
    expect(await closed(client)).toBe(1008);
    expect(await SocketClient.connected(port, {}, { headers: good }).then(closeNow)).toBe(true);
  });

  test('that is opened between two applications of a service is answered by it', async () => {
    const port = await listening();
    await handOver();
    listener.takeBack(partsOf(), true);
    await app?.close();
    const client = await SocketClient.connected(port);
    expect(await client.call('usage.cost')).toMatchObject({ ok: true });
    client.socket.terminate();
  });

  test('that is opened between two services has its calls wait for the second', async () => {
    const port = await listening();
    await handOver();
    listener.takeBack(partsOf(), false);
    await app?.close();
    const client = await SocketClient.connected(port);
    client.send(cost);
    expect(await client.call('nothing')).toMatchObject({ ok: false });
    const next = new MemoryService();
    next.respond = async () => ({ ok: true, payload: [Buffer.from('{"next":true}')] });
    listener.follow(next);
    expect(await client.next()).toMatchObject({ id: 'cost', payload: { next: true } });
    client.socket.terminate();
  });
});

describe('handing over', () => {
  test('keeps the connections: one that was asked before is asked on', async () => {
    const port = await listening();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const get = (path: string) =>
      new Promise<[number | undefined, number | undefined]>((resolve, reject) => {
        const asked = request({ port, host: '127.0.0.1', path, agent }, (response) => {
          const { localPort } = response.socket;
          response.resume().on('end', () => resolve([response.statusCode, localPort]));
        });
        asked.on('error', reject).end();
      });
    const [first, from] = await get('/v1/usage');
    const held = get('/v1/cache');
    await ask(port, '/health');
    await handOver();
    expect([first, await held, await get('/nowhere')]).toEqual([200, [200, from], [404, from]]);
    agent.destroy();
  });

  test('answers requests sent ahead on one connection in their order', async () => {
    const port = await listening();
    const heads = ['/v1/cache', '/v1/usage', '/nowhere'].map(
      (path) => `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n`,
    );
    const reply = askRaw(port, `${heads.join('\r\n')}Connection: close\r\n\r\n`);
    await ask(port, '/health');
    await handOver();
    expect([...(await reply).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '200', '404']);
  });

  test('gives what it holds to the application with its body', async () => {
    const port = await listening();
    const reply = ask(port, '/v1/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"x":1}',
    });
    await ask(port, '/health');
    await handOver();
    expect(JSON.parse((await reply).body.toString())).toMatchObject({ code: 'unknown_parameter' });
  });
});

describe('an address to listen on', () => {
  test('that is taken rejects', async () => {
    const port = await listening();
    const second = bootListener();
    await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });

  test('localhost is every loopback address that there is', async () => {
    const { port } = await listener.listen('localhost', 0);
    const statuses = await Promise.all(
      ['127.0.0.1', '::1'].map(
        (host) =>
          new Promise((resolve) => {
            const asked = request({ host, port, path: '/health' }, (response) => resolve(response.resume().statusCode));
            asked.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code)).end();
          }),
      ),
    );
    expect(statuses[0]).toBe(200);
    // Not every machine has IPv6.
    expect([200, 'EADDRNOTAVAIL', 'ECONNREFUSED']).toContain(statuses[1]);
  });
});
