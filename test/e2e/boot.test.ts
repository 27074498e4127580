/**
 * The first moments of a service that ran before. Here they last as long as a test needs: in its copy of the package,
 * the module that loads the service and the routes waits for a file to appear.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { copyOfPackage } from './package.ts';
import { runCommand, type Service, serve } from './service.ts';

const TOKEN = '0123456789abcdef';

let packageDirectory: string;
const { directory: state } = smallStore(41, { now: Date.now() });
/** Where a service ran before, and its answers then. */
const data = temporaryStateDir();
const READY = ['/v1/usage', '/v1/usage?range=all', '/v1/usage?timeZone=UTC&split=model', '/v1/sessions?sort=cost'];
const before = new Map<string, Reply>();

const agent = new Agent({ keepAlive: true, maxSockets: 500 });
afterAll(() => agent.destroy());

beforeAll(async () => {
  packageDirectory = await copyOfPackage(join(temporaryStateDir(), 'package'));
  const module = (name: string) => join(packageDirectory, 'dist', `${name}.js`);
  renameSync(module('application'), module('application-itself'));
  writeFileSync(
    module('application'),
    `import { existsSync } from 'node:fs';
     while (!existsSync(process.env.LOAD_WHEN)) await new Promise((resolve) => setTimeout(resolve, 5));
     export * from './application-itself.js';`,
  );
  const service = await (await serve(state, { '--data-dir': data })).ready();
  for (const path of READY) before.set(path, await ask(service, path));
  await service.stop();
});

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The client's port: the same for the same connection. */
  readonly port: number | undefined;
}

/** A service that loads nothing more before `load` is called. */
async function boot(
  flags: Parameters<typeof serve>[1] = {},
  env: Record<string, string> = {},
): Promise<{ service: Service; load: () => void }> {
  const signal = join(temporaryStateDir(), 'load');
  const service = await serve(
    state,
    { '--data-dir': data, ...flags },
    { packageDirectory, env: { ...env, LOAD_WHEN: signal } },
  );
  return { service, load: () => writeFileSync(signal, '') };
}

function ask(
  { url }: Service,
  path: string,
  headers: Record<string, string> = {},
  through: Agent = agent,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { headers, agent: through }, (response) => {
      const { statusCode: status, headers } = response;
      const port = response.socket.localPort;
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('error', reject).on('end', () => resolve({ status, headers, body, port }));
    });
    asked.on('error', reject).end();
  });
}

/** What two answers with the same figures have in common. */
function figuresOf({ status, headers, body }: Reply) {
  const { age: _, date: __, 'cache-status': ___, 'content-length': ____, ...others } = headers;
  return { status, headers: others, figures: body.slice(body.indexOf('"window"')) };
}

describe('before anything is loaded, a service that ran before', () => {
  it('gives the answers that it gave then, marked with their age', async () => {
    const { service, load } = await boot();
    for (const path of READY) {
      const reply = await ask(service, path);
      const then = before.get(path) as Reply;
      expect(figuresOf(reply)).toEqual(figuresOf(then));
      const [now, earlier] = [reply, then].map(({ body }) => JSON.parse(body).snapshot);
      expect(now).toMatchObject({ id: earlier.id, builtAt: earlier.builtAt, coverage: earlier.coverage });
      expect(now.refreshing).toBe(false);
      const etag = reply.headers.etag as string;
      expect(await ask(service, path, { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' });
    }
    expect((await ask(service, '/ready')).status).toBe(200);
    expect((await ask(service, '/health')).status).toBe(200);
    load();
    await expectUsageOf(state, service);
    expect((await service.stop()).code).toBe(0);
  });

  it('keeps 200 connections until it can answer what they ask', async () => {
    const { service, load } = await boot();
    const paths = ['/v1/usage', '/v1/usage?range=7d&granularity=hour', '/v1/status', '/nowhere'];
    const replies = Array.from({ length: 200 }, async (_, at) => {
      const path = paths[at % paths.length] as string;
      return { path, ...(await ask(service, path)) };
    });
    await ask(service, '/health');
    load();
    for (const { path, status, body } of await Promise.all(replies)) {
      const view = path.startsWith('/v1/usage');
      // A view that is not ready in time is on its way, at most so many at a time.
      const expected = path === '/nowhere' ? [404] : path === paths[1] ? [200, 202] : [200];
      expect(expected, `${path}: ${body}`).toContain(status);
      if (view) expect(JSON.parse(body).snapshot.coverage.transcripts).toBeGreaterThan(0);
    }
    expect((await service.stop()).code).toBe(0);
  });

  it('goes on with a connection when the routes are there', async () => {
    const { service, load } = await boot();
    const one = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await ask(service, '/v1/usage', {}, one);
    const held = ask(service, '/v1/status', {}, one);
    load();
    const replies = [await held, await ask(service, '/v1/usage', {}, one)];
    expect(replies.map(({ status, port }) => [status, port])).toEqual([
      [200, first.port],
      [200, first.port],
    ]);
    one.destroy();
    await service.stop();
  });

  it('shows nothing to whoever may not see it', async () => {
    const { service, load } = await boot({ '--token': TOKEN });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(service, '/v1/usage', bearer)).status).toBe(200);
    const refused = [
      ask(service, '/v1/usage'),
      ask(service, '/ready', { authorization: `Bearer ${TOKEN.slice(1)}x` }),
      ask(service, '/v1/usage', { ...bearer, host: 'rebound.example' }),
      ask(service, '/v1/usage', { ...bearer, origin: 'https://evil.example' }),
    ];
    await ask(service, '/health');
    load();
    const replies = await Promise.all(refused);
    expect(replies.map(({ status, body }) => [status, JSON.parse(body).code])).toEqual([
      [401, 'unauthorized'],
      [401, 'unauthorized'],
      [403, 'host_not_allowed'],
      [403, 'origin_not_allowed'],
    ]);
    await service.stop();
  });

  it('shows no keys that it kept in the open, now that they are to be hidden', async () => {
    const { service, load } = await boot({}, { CLAWGAUGE_REDACT: 'true' });
    const sessions = ask(service, '/v1/sessions');
    load();
    expect((await sessions).status).toBe(202);
    await service.stop();
  });
});

describe('the start of a service', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends in order at %s', async (signal) => {
    const { service, load } = await boot();
    const held = ask(service, '/v1/status').catch(() => null);
    await ask(service, '/health');
    service.signal(signal);
    load();
    const { code, stderr } = await service.ended;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/"level":(50|60)|\n\s+at /);
    await held;
  });

  it('needs no snapshot: with a damaged one it reads, and says that figures are on their way', async () => {
    const own = temporaryStateDir();
    writeFileSync(join(own, 'snapshot.bin'), 'nonsense');
    const { service, load } = await boot({ '--data-dir': own });
    const [ready, usage] = [ask(service, '/ready'), ask(service, '/v1/usage')];
    load();
    expect((await ready).status).toBe(503);
    expect((await usage).status).toBe(202);
    await eventually(async () => expect((await ask(service, '/ready')).status).toBe(200));
    await expectUsageOf(state, service);
    expect((await service.stop()).code).toBe(0);
  });

  it('that fails after it listened says why, and ends with 1', async () => {
    const broken = await copyOfPackage(join(temporaryStateDir(), 'package'));
    writeFileSync(join(broken, 'dist', 'application.js'), "throw new Error('cannot be loaded');");
    const args = ['serve', '--state-dir', state, '--data-dir', data, '--port', '0'];
    const { code, stderr } = await runCommand(args, { packageDirectory: broken });
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be loaded');
  });
});
