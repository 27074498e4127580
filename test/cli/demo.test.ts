/** `clawgauge demo`, as somebody who has just heard of it would run it. */
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { runCommand, Service, startCommand } from '../e2e/service.ts';
import { temporaryStateDir } from '../support/stores.ts';

it('listens on the next free port, shows figures that grow, and leaves nothing behind', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const temporary = temporaryStateDir();
  const env = { TMPDIR: temporary };
  const demo = await Service.start(['demo', '--sessions', '2', '--port', String(port)], { env });
  const listensOn = Number(new URL(demo.url).port);
  expect(listensOn).toBeGreaterThan(port);
  expect(listensOn).toBeLessThanOrEqual(port + 50);
  expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^clawgauge-demo-/)]);

  await demo.ready();
  const { snapshot, sessionCount, totals } = await demo.usage();
  expect(snapshot.coverage).toMatchObject({ transcripts: 18, failed: 0 });
  expect(sessionCount).toBeGreaterThan(9);
  expect(totals.cost).toBeGreaterThan(0);
  const before = await demo.usage('range=today');
  await eventually(async () => {
    const now = await demo.usage('range=today');
    expect(now.totals.totalTokens).toBeGreaterThan(before.totals.totalTokens);
    expect(now.messages.total).toBeGreaterThan(before.messages.total);
    expect(now.snapshot.id).not.toBe(before.snapshot.id);
  });

  const { code, stdout, stderr } = await demo.stop();
  taken.close();
  expect(code).toBe(0);
  expect(stdout).toContain(`curl '${demo.url}/v1/usage?range=today'`);
  expect(stdout).toContain('Ctrl-C ends the demo and removes the store.');
  expect(stderr).toBe('');
  expect(readdirSync(temporary)).toEqual([]);
});

it('interrupted while it makes up the store leaves nothing behind either', async () => {
  const temporary = temporaryStateDir();
  const env = { TMPDIR: temporary };
  const { child, ended } = await startCommand(['demo', '--sessions', '200'], { env });
  await eventually(() => {
    const [directory] = readdirSync(temporary);
    expect(existsSync(`${temporary}/${directory}/state/agents/main/sessions`)).toBe(true);
  });
  child.kill('SIGINT');
  const { stdout } = await ended;
  expect(stdout).not.toContain('listens on');
  expect(readdirSync(temporary)).toEqual([]);
});

it('where it cannot listen says so, and leaves nothing behind', async () => {
  const temporary = temporaryStateDir();
  const elsewhere = ['--host', '192.0.2.1', '--token', 'a-token-of-enough-length'];
  const { code, stderr } = await runCommand(['demo', ...elsewhere], { env: { TMPDIR: temporary } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^clawgauge: expected a free port/);
  expect(readdirSync(temporary)).toEqual([]);
});
