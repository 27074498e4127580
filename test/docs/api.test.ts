/** docs/api.md against the service: its routes, parameters, members and states, and its examples against a real store. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { loadOptions } from '../../src/config.ts';
import {
  exportParameters,
  logsParameters,
  sessionParameters,
  sessionsParameters,
  timeseriesParameters,
  usageParameters,
} from '../../src/routes/parameters.ts';
import { sessionColumns } from '../../src/snapshot/export/session-rows.ts';
import { usageColumns } from '../../src/snapshot/export/usage-rows.ts';
import { type Schema, shapes } from '../../src/snapshot/schemas.ts';
import { SnapshotService } from '../../src/snapshot/usage-service.ts';
import { eventually } from '../e2e/eventually.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { firstCells, page, shellLines } from './pages.ts';

const api = page('docs/api.md');
const readme = page('README.md');

/** Words in code marks, those of lists and small shapes too. */
const named = new Set([...api.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/\w+/g) ?? []));

const members = (shape: string) => Object.keys((shapes[shape] as Schema).properties as object);

let service: SnapshotService;
let app: FastifyInstance;

beforeAll(async () => {
  const options = {
    ...loadOptions({
      flags: { stateDir: smallStore(3, { agents: 4 }).directory, dataDir: temporaryStateDir(), timeZone: 'UTC' },
      env: {},
      homedir: temporaryStateDir(),
      readFile: (path) => readFileSync(path, 'utf8'),
    }),
    version: '1.2.3',
  };
  service = new SnapshotService(options);
  app = buildApp(service, options, { level: 'silent' });
  service.start();
  await eventually(() => {
    if (!service.complete()) throw new Error('no complete snapshot yet');
  });
});

afterAll(async () => {
  await app.close();
  await service.close();
});

describe('docs/api.md', () => {
  it('has every route of /openapi.json with its method, and no other but the index', async () => {
    const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, object> }>();
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const documented = firstCells(api).filter((cell) => /^(GET|POST) /.test(cell));
    expect(documented.sort()).toEqual([...routes, 'GET /'].sort());
    for (const route of routes) expect(readme).toContain(`\`${route}\``);
  });

  it('has every parameter', () => {
    const all = [
      usageParameters,
      sessionsParameters,
      sessionParameters,
      timeseriesParameters,
      logsParameters,
      exportParameters,
    ];
    for (const { properties } of all) {
      for (const name of Object.keys(properties)) expect(named, name).toContain(name);
    }
  });

  it('has every kind', () => {
    for (const kind of usageParameters.properties.kind.items.enum) expect(named).toContain(kind);
  });

  it.each([
    'BudgetsAnswer',
    'BudgetRow',
    'UsageAnswer',
    'SessionsAnswer',
    'SessionAnswer',
    'TimeseriesAnswer',
    'LogsAnswer',
    'SessionRow',
    'Snapshot',
    'Totals',
    'Messages',
    'Latency',
  ])('has every member of %s', (shape) => {
    for (const name of members(shape)) expect(named, name).toContain(name);
  });

  it('has every column of an export', () => {
    for (const name of [...Object.keys(usageColumns), ...Object.keys(sessionColumns)]) {
      expect(named, name).toContain(name);
    }
  });

  it('has every member of /v1/status and /v1/cache', async () => {
    for (const path of ['/v1/status', '/v1/cache']) {
      const answer = (await app.inject(path)).json<object>();
      for (const name of Object.keys(answer)) expect(named, name).toContain(name);
    }
  });
});

describe.each([
  ['docs/api.md', api],
  ['README.md', readme],
])('the examples of %s', (_path, text) => {
  const examples = shellLines(text).filter((line) => /^curl .*\/\/127\.0\.0\.1:18790\//.test(line));

  it.each(examples)('%s', async (line) => {
    const [, method = 'GET', url = ''] =
      /^curl (?:-X (\w+) )?(?:-\w .*)?'?http:\/\/127\.0\.0\.1:18790(\/[^\s']*)'?$/.exec(line) ?? [];
    const [, type, body] = /-H 'Content-Type: (\S+)' -d '(.*)' /.exec(line) ?? [];
    const sent = body === undefined ? { method } : { method: 'POST', body, headers: { 'content-type': type } };
    const answer = await eventually(async () => {
      const reply = await app.inject({ ...sent, method: sent.method as 'GET', url });
      if (reply.statusCode === 202 && method === 'GET') throw new Error('the view is not ready yet');
      return reply;
    });
    expect(answer.statusCode).toBe(method === 'POST' ? 202 : 200);
  });
});
