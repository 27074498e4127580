/** The service behind a real nginx, with the very configuration of docs/reverse-proxy.md. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Reply } from '../routes/client.ts';
import { SocketClient } from '../routes/rpc/socket-client.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { type Service, serve } from './service.ts';

const NAME = 'gauge.example.com';
const TOKEN = 'a token of a proxy'.replaceAll(' ', '-');
const page = readFileSync(join(import.meta.dirname, '../../docs/reverse-proxy.md'), 'utf8');
const [location = '', map = ''] = [...page.matchAll(/```nginx\n([^`]*)```/g)].map(([, text]) => text);

const nginx = ['nginx', '/usr/sbin/nginx'].find((command) => spawnSync(command, ['-v']).status === 0);

describe.skipIf(nginx === undefined)('behind nginx (skipped where there is none)', () => {
  let service: Service;
  let proxy: ChildProcess;
  let port: number;

  beforeAll(async () => {
    const flags = {
      '--base-path': '/gauge',
      '--allowed-host': NAME,
      '--trusted-proxy': '127.0.0.1',
      '--token': TOKEN,
      '--log-level': 'debug',
    } as const;
    service = await serve(smallStore(3).directory, flags);
    port = await freePort();
    proxy = await startNginx(port, new URL(service.url).host);
    await eventually(async () => expect((await get('/gauge/ready', bearer)).status).toBe(200));
  });

  afterAll(async () => {
    if (proxy?.exitCode === null) {
      proxy.kill('SIGTERM');
      await once(proxy, 'exit');
    }
  });

  const bearer = { authorization: `Bearer ${TOKEN}` };

  function get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return ask(port, path, { headers: { host: NAME, ...headers } });
  }

  it('answers views, exports and its description under the base path', async () => {
    const usage = await get('/gauge/v1/usage?range=all', bearer);
    expect(usage.status).toBe(200);
    expect(
      (await get('/gauge/v1/usage?range=all', { ...bearer, 'if-none-match': usage.headers.etag ?? '' })).status,
    ).toBe(304);
    expect((await get('/gauge/v1/export', bearer)).body.toString()).toMatch(/^date,start,agent,/);
    const { paths } = JSON.parse((await get('/gauge/openapi.json', bearer)).body.toString()) as { paths: object };
    expect(Object.keys(paths)).toContain('/gauge/v1/usage');
  });

  it('shows the dashboard, whose files come by the same way', async () => {
    const accept = { accept: 'text/html' };
    const away = await get('/gauge', accept);
    expect([away.status, away.headers.location]).toEqual([301, `http://${NAME}/gauge/`]);
    const form = await get('/gauge/', accept);
    expect([form.status, form.body.includes('name="token"')]).toEqual([401, true]);
    const body = `token=${TOKEN}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const origin = `https://${NAME}`;
    const login = await ask(port, '/gauge/login', { method: 'POST', body, headers: { host: NAME, origin, ...type } });
    expect([login.status, login.headers.location]).toEqual([303, '/gauge/']);
    const cookie = login.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/Path=\/gauge;.*; Secure$/);
    const shown = await get('/gauge/', { ...accept, cookie: cookie.split(';')[0] ?? '' });
    expect(shown.status).toBe(200);
    const files = [...shown.body.toString().matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)].map(
      ([, file = '']) => file,
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect((await get(`/gauge/${file.slice(2)}`)).status, file).toBe(200);
  });

  it('tells of events as they happen', async () => {
    const outgoing = request({ port, path: '/gauge/v1/events', headers: { host: NAME, ...bearer } }).end();
    const [incoming] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    const [first] = await once(incoming, 'data');
    expect(String(first)).toContain('retry:');
    outgoing.destroy();
  });

  it('speaks the gateway calls over a WebSocket', async () => {
    const headers = { host: NAME, ...bearer, origin: `http://${NAME}` };
    const client = await SocketClient.connected(port, {}, { path: '/gauge/rpc', headers });
    expect(await client.call('usage.cost', { days: 7 })).toMatchObject({ ok: true });
    client.socket.terminate();
  });

  it('refuses another name, also one that a client makes up for the proxy', async () => {
    expect((await get('/gauge/v1/usage', { ...bearer, host: 'evil.example' })).status).toBe(403);
    expect((await get('/gauge/v1/usage', { ...bearer, host: 'evil.example', 'x-forwarded-host': NAME })).status).toBe(
      403,
    );
  });

  it('logs whose request it was, without what it asked for', async () => {
    await ask(port, '/gauge/v1/sessions/a%3Aperson?range=7d', {
      headers: { host: NAME, 'x-forwarded-for': '203.0.113.9', ...bearer },
    });
    proxy.kill('SIGTERM');
    await once(proxy, 'exit');
    const { stderr } = await service.stop();
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      // nginx itself is at 127.0.0.1 to the service, and so is the client to nginx.
      expect.objectContaining({
        msg: 'answered',
        path: '/gauge/v1/sessions/{key}',
        status: 404,
        client: '203.0.113.9',
      }),
    );
    expect(stderr).not.toContain('person');
    expect(stderr).not.toContain(TOKEN);
  });
});

async function startNginx(port: number, upstream: string): Promise<ChildProcess> {
  const directory = temporaryStateDir();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const name of temporary) mkdirSync(join(directory, name));
  const path = join(directory, 'nginx.conf');
  writeFileSync(
    path,
    `daemon off; worker_processes 1; pid ${directory}/pid; error_log stderr; events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n  ')}
  ${map}
  server {
    listen 127.0.0.1:${port};
    server_name ${NAME};
    port_in_redirect off;
    ${location.replace('127.0.0.1:18790', upstream)}
  }
}
`,
  );
  const child = spawn(nginx as string, ['-p', directory, '-c', path], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port was expected');
  return address.port;
}
