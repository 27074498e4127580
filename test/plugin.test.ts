/** The plugin in somebody's Fastify, which has hooks, parsers, error handlers and routes of its own. */
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { clawgauge, type PluginOptions } from '../src/plugin.ts';
import { eventually } from './e2e/eventually.ts';
import { smallStore, temporaryStateDir } from './support/stores.ts';

const { directory, manifest } = smallStore(5);
const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function application(): FastifyInstance {
  const app = Fastify();
  apps.push(app);
  return app;
}

const options = (own: PluginOptions = {}): PluginOptions => ({
  stateDir: directory,
  dataDir: temporaryStateDir(),
  timeZone: 'UTC',
  ...own,
});

async function records(app: FastifyInstance, url: string): Promise<unknown> {
  const answer = await app.inject({ url, headers: { host: '127.0.0.1' } });
  expect(answer.statusCode).toBe(200);
  return answer.json().totals.records;
}

describe('the plugin', () => {
  it.each(['prefix', 'basePath'])('serves its routes under the %s, and gives the service in code', async (name) => {
    const app = application();
    await app.register(clawgauge, options({ [name]: '/usage' }));
    await app.ready();
    await app.clawgauge.ready();
    const { totals } = await app.clawgauge.usage({ range: 'all' });
    expect(totals.records).toBe(manifest.totals.usageRecords);
    expect(await records(app, '/usage/v1/usage?range=all')).toBe(totals.records);
  });

  it('leaves the routes, hooks, parsers and handlers of the application alone', async () => {
    const app = application();
    app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send('mine'));
    app.setNotFoundHandler((_request, reply) => reply.code(410).send('gone'));
    await app.register(clawgauge, options({ prefix: '/usage' }));
    app.post('/echo', async ({ body }) => body);
    app.get('/fails', async () => {
      throw new Error('on purpose');
    });
    app.get('/v1/usage', async () => 'mine');
    const ask = async (method: 'GET' | 'POST', url: string, payload?: string) => {
      const headers = { host: 'mine.example', ...(payload === undefined ? {} : { 'content-type': 'text/plain' }) };
      const reply = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
      return { status: reply.statusCode, body: reply.body, policy: reply.headers['content-security-policy'] };
    };
    // Another host, a large body and text are the application's business, and get no header of ours.
    expect(await ask('POST', '/echo', 'x'.repeat(100_000))).toEqual({
      status: 200,
      body: 'x'.repeat(100_000),
      policy: undefined,
    });
    expect(await ask('GET', '/v1/usage')).toEqual({ status: 200, body: 'mine', policy: undefined });
    expect(await ask('GET', '/fails')).toEqual({ status: 418, body: 'mine', policy: undefined });
    expect(await ask('GET', '/nowhere')).toEqual({ status: 410, body: 'gone', policy: undefined });
    expect((await ask('GET', '/usage/v1/usage')).body).toContain('host_not_allowed');
    const lost = await app.inject({ url: '/usage/nowhere', headers: { host: '127.0.0.1' } });
    expect(lost.json()).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('can be there twice, each in a scope and with a store of its own', async () => {
    const other = smallStore(9, { agents: 2 });
    const app = application();
    const scopes: FastifyInstance[] = [];
    for (const [prefix, stateDir] of [
      ['/one', directory],
      ['/two', other.directory],
    ] as const) {
      await app.register(async (scope) => {
        scopes.push(scope);
        await scope.register(clawgauge, options({ prefix, stateDir }));
      });
    }
    await app.ready();
    for (const scope of scopes) await scope.clawgauge.ready();
    await eventually(async () => {
      expect(await records(app, '/one/v1/usage?range=all')).toBe(manifest.totals.usageRecords);
      expect(await records(app, '/two/v1/usage?range=all')).toBe(other.manifest.totals.usageRecords);
    });
  });

  it('refuses options as the command does, and a data directory that is in use', async () => {
    const refusal = (given: object) =>
      application()
        .register(clawgauge, given as PluginOptions)
        .then(
          () => null,
          (error: unknown) => error,
        );
    expect(await refusal(options({ prefix: 'usage' }))).toMatchObject({ code: 'invalid_option' });
    expect(await refusal({ ...options(), stateDirectory: directory })).toMatchObject({ code: 'invalid_option' });
    const mine = options();
    await application().register(clawgauge, mine);
    expect(await refusal(mine)).toMatchObject({ code: 'data_directory_in_use' });
  });

  it('ends with the application, also with one that never began', async () => {
    const own = options();
    for (const begin of [true, false, true]) {
      const app = Fastify();
      await app.register(clawgauge, own);
      if (begin) await app.ready();
      await app.close();
    }
  });
});
