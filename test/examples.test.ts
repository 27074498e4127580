/** The examples, run as a user would run them: as processes of their own, on the built package. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UsageFigures } from '../src/snapshot/shapes.ts';
import { smallStore, temporaryStateDir } from './support/stores.ts';

const run = promisify(execFile);

const store = smallStore(7, { now: Date.now() });
const example = (name: string) => join(import.meta.dirname, '../examples', name);
/** Nothing of whoever runs the tests. */
const surroundings = () => ({
  PATH: process.env.PATH,
  HOME: temporaryStateDir(),
  TZ: 'UTC',
  PORT: '0',
  CLAWGAUGE_DATA_DIR: temporaryStateDir(),
});

describe('examples/fastify-plugin.mjs and examples/fetch-usage.mjs', () => {
  let application: ChildProcess;
  let url: string;

  beforeAll(async () => {
    application = spawn(process.execPath, [example('fastify-plugin.mjs'), store.directory], {
      env: surroundings(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    url = await new Promise((resolve, reject) => {
      application.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
      let said = '';
      application.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, found] = /usage at (\S+)\/v1\/usage\n/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
  });

  afterAll(() => {
    application.kill('SIGKILL');
  });

  it('print what today cost, as the service says it', async () => {
    const { stdout } = await run(process.execPath, [example('fetch-usage.mjs'), url], { env: surroundings() });
    const { window, totals } = (await (await fetch(`${url}/v1/usage?range=today`)).json()) as UsageFigures;
    expect(stdout).toMatch(
      new RegExp(`^${window.startDate}: \\$${totals.cost.toFixed(2)}, ${totals.totalTokens} tokens`),
    );
    const all = (await (await fetch(`${url}/v1/usage?range=all`)).json()) as UsageFigures;
    expect(all.totals.records).toBe(store.manifest.totals.usageRecords);
  });

  it('answer a client of the gateway, over a socket as by POST', async () => {
    const socket = `${url.replace('http', 'ws')}/rpc`;
    const { stdout } = await run(process.execPath, [example('rpc-client.mjs'), socket], { env: surroundings() });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ method: 'usage.cost', params: { days: 7 } });
    const reply = await fetch(`${url}/rpc`, { method: 'POST', headers, body });
    const { payload } = (await reply.json()) as { payload: { totals: { totalTokens: number } } };
    expect(payload.totals.totalTokens).toBeGreaterThan(0);
    expect(stdout).toMatch(new RegExp(`^\\$[\\d.]+ in all, ${payload.totals.totalTokens} tokens`, 'm'));
  });

  it('leave the rest of the application alone', async () => {
    expect(await (await fetch(new URL('/', url))).json()).toMatchObject({ hello: 'world' });
    expect((await fetch(new URL('/v1/usage', url))).status).toBe(404);
  });

  it('end by themselves on SIGTERM', async () => {
    const ended = new Promise((resolve) => application.once('exit', (code) => resolve(code)));
    application.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('examples/library.mjs', () => {
  it('prints every record of the store, and ends; again when run again', async () => {
    const env = surroundings();
    for (const _ of ['first', 'second']) {
      const { stdout } = await run(process.execPath, [example('library.mjs'), store.directory], { env });
      const lines = stdout.trim().split('\n');
      expect(lines.filter((line) => line.includes(', session '))).toHaveLength(3);
      expect(lines.at(-1)).toContain(` in all, of ${store.manifest.totals.usageRecords} records`);
      expect(lines.length).toBeGreaterThan(2);
    }
  });
});

describe('examples/watch.mjs', () => {
  it('prints what today cost, and ends by itself on SIGTERM', async () => {
    const child = spawn(process.execPath, [example('watch.mjs'), store.directory], {
      env: surroundings(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(child.stdout, 'data');
    expect(String(said)).toMatch(/^\$\d+\.\d\d today, \d+ records \(\w+\)\n/);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
