/** docs/metrics.md, and the rules of both formats, against what a service that has just read a store says at /metrics. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { budgets } from '../../src/budget-options.ts';
import { loadOptions } from '../../src/config.ts';
import { notices } from '../../src/notice-options.ts';
import { SnapshotService } from '../../src/snapshot/usage-service.ts';
import { eventually } from '../e2e/eventually.ts';
import { openMetricsFaults } from '../support/open-metrics.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { page } from './pages.ts';

const OF_HISTOGRAMS = /_(bucket|sum|count)$/;
/** They have samples only while something is wrong. */
const OF_TROUBLE = ['clawgauge_problems'];

let service: SnapshotService;
let app: FastifyInstance;
let text: string;

beforeAll(async () => {
  const options = {
    ...loadOptions({
      flags: { stateDir: smallStore(3, { agents: 2 }).directory, dataDir: temporaryStateDir(), timeZone: 'UTC' },
      env: {},
      homedir: temporaryStateDir(),
      readFile: (path) => readFileSync(path, 'utf8'),
    }),
    version: '1.2.3',
    // Nobody listens there; no budget is reached that anybody would be told of.
    notices: notices([{ url: 'http://127.0.0.1:9/' }]),
    budgets: budgets([{ name: 'all', per: 'month', limit: { usd: 1e6 } }]),
  };
  service = new SnapshotService(options);
  app = buildApp(service, options, { level: 'silent' });
  service.start();
  await app.inject('/health');
  await eventually(async () => {
    text = (await app.inject('/metrics')).body;
    expect(text).toContain('clawgauge_tokens_total{');
  });
});

afterAll(async () => {
  await app.close();
  await service.close();
});

it('has a row for every metric, with its type and its labels, and no other', () => {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type]));
  const labels = new Map<string, Set<string>>();
  for (const [, sampled = '', pairs = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const name = types.has(sampled) ? sampled : sampled.replace(OF_HISTOGRAMS, '');
    const known = labels.get(name) ?? new Set();
    labels.set(name, known);
    for (const [, label = ''] of pairs.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) if (label !== 'le') known.add(label);
  }
  const said = [...types].map(([name, type]) => [name, type, [...(labels.get(name) ?? [])].sort().join(' ')]);
  const rows = page('docs/metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \| (.*?)\| /gm);
  const documented = [...rows].map(([, name = '', type, cell = '']) => [
    name,
    type,
    [...cell.matchAll(/`(\w+)`/g)]
      .map(([, label]) => label)
      .sort()
      .join(' '),
  ]);
  expect(documented.filter(([name]) => !OF_TROUBLE.includes(name as string)).sort()).toEqual(said.sort());
});

it('is in the order of the exposition format: all samples of a metric behind its head', () => {
  const seen = new Set<string>();
  let current = '';
  for (const line of text.trimEnd().split('\n')) {
    const name = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1];
    if (name !== undefined && name !== current) {
      expect(seen).not.toContain(name);
      seen.add(name);
      current = name;
    } else if (name === undefined) {
      expect(line.startsWith(current)).toBe(true);
    }
  }
});

it('keeps the rules of OpenMetrics where it is asked for that, with the same samples', async () => {
  // Whoever asks as often as this waited for the first figures is refused for a moment.
  const { body } = await eventually(async () => {
    const reply = await app.inject({ url: '/metrics', headers: { accept: 'application/openmetrics-text' } });
    expect(reply.statusCode).toBe(200);
    return reply;
  });
  expect(openMetricsFaults(body)).toEqual([]);
  const series = (exposition: string) => exposition.match(/^\w+(\{.*\})?(?= )/gm);
  // One answer more than at the time of the other.
  expect(series(body)).toEqual(expect.arrayContaining(series(text) ?? []));
  expect(body).toMatch(/^# UNIT clawgauge_memory_bytes bytes$/m);
});
