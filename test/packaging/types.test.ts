/** The types of the package, as a program of somebody else sees them: strict, and checked with those of its dependencies. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { unpackedPackage } from '../e2e/package.ts';
import { temporaryStateDir } from '../support/stores.ts';

const MODULES = join(import.meta.dirname, '../../node_modules');
const directory = temporaryStateDir();

const RIGHT = `
import clawgauge, { ClawgaugeError, createUsageService, type ClawgaugeOptions, type UsageService } from 'clawgauge';
import Fastify from 'fastify';

const options: ClawgaugeOptions = {
  stateDir: process.env.STATE_DIR,
  memoryCap: '192mb',
  refreshInterval: '5s',
  port: 8080,
  timeZones: ['UTC', 'Europe/Paris'],
  allowedHosts: 'gauge.example.com',
  accounting: '2026.9',
  redact: true,
  retain: 0,
  prices: { acme: { m: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 } } },
  budgets: [{ name: 'all', per: 'month', limit: { usd: 50 } }],
};
const service: UsageService = await createUsageService(options);
service.on('snapshot', (head) => console.log(head.id.length, head.coverage.pending + 1));
service.on('refresh', ({ error, duration }) => console.log(error?.code, duration.toFixed()));
const { totals, byModel, snapshot } = await service.usage({ range: '7d', agent: ['main'], kind: 'cron', split: 'model' });
const cost: number = totals.cost + (byModel[0]?.totals.cost ?? 0);
const state: 'warming' | 'fresh' | 'stale' | 'degraded' = snapshot.state;
const { sessions, next } = await service.sessions({ sort: 'cost', limit: 10, q: 'x' });
const key: string | null | undefined = sessions[0]?.key;
await service.session({ key: key ?? '' }, { granularity: 'hour' });
await service.session({ agent: 'main', sessionId: 'a' });
const problems: number = service.status().problems.length;
console.log(cost, state, next, problems, (await service.cache()).memory.rss, (await service.refresh()).verifiedAt);
await service.close().catch((error: unknown) => error instanceof ClawgaugeError && error.code === 'not_ready');

const app = Fastify();
await app.register(clawgauge, { prefix: '/usage', token: 'x'.repeat(16) });
console.log((await app.clawgauge.usage()).totals.records, app.clawgauge.head()?.state);
`;

const WRONG = `
// Each line has to be wrong.
import { createUsageService } from 'clawgauge';
// @ts-expect-error
import { buildApp } from 'clawgauge';
// @ts-expect-error
import { SnapshotService } from 'clawgauge';
// @ts-expect-error
import { EmbeddedService } from 'clawgauge';

// @ts-expect-error
const service = await createUsageService({ memoryCap: 5 });
// @ts-expect-error
await createUsageService({ accounting: '2026.7' });
// @ts-expect-error
await createUsageService({ stateDirectory: '/' });
// @ts-expect-error
await createUsageService({ budgets: [{ name: 'all', per: 'year', limit: { usd: 1 } }] });
// @ts-expect-error
await service.usage({ range: '8d' });
// @ts-expect-error
await service.sessions({ limit: '5' });
// @ts-expect-error
await service.session({ sessionId: 'a' });
// @ts-expect-error
service.on('snapshots', () => {});
// @ts-expect-error
service.inner;
`;

beforeAll(async () => {
  const packages = {
    clawgauge: await unpackedPackage(),
    fastify: join(MODULES, 'fastify'),
    '@types/node': join(MODULES, '@types/node'),
  };
  for (const [name, target] of Object.entries(packages)) {
    const link = join(directory, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
});

it('fit a program that uses all of it, and refuse what is wrong', () => {
  writeFileSync(join(directory, 'right.ts'), RIGHT);
  writeFileSync(join(directory, 'wrong.ts'), WRONG);
  const compiler = join(MODULES, 'typescript/bin/tsc');
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, '-p', directory, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
});
