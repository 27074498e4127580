/** `clawgauge doctor` and `clawgauge status` as their users run them. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { runCommand, serve } from './service.ts';

it('doctor and status tell of a service that runs, and status of none', async () => {
  const { directory } = smallStore(61, { now: Date.now() });
  const data = temporaryStateDir();
  const place = ['--state-dir', directory, '--data-dir', data];
  expect(await runCommand(['status', ...place])).toEqual({
    code: 1,
    stdout: '',
    stderr: `clawgauge: No service runs on ${data}.\n`,
  });

  const service = await (await serve(directory, { '--data-dir': data })).ready();
  const status = await runCommand(['status', ...place]);
  expect({ code: status.code, stderr: status.stderr }).toEqual({ code: 0, stderr: '' });
  expect(status.stdout).toMatch(new RegExp(`^Service +Clawgauge \\S+ at ${service.url}, for `));
  expect(status.stdout).toMatch(/^Memory +[\d.]+ MiB of 256 MiB$/m);
  const asJson = JSON.parse((await runCommand(['status', '--json', ...place])).stdout);
  expect(asJson).toMatchObject({ service: service.url, status: { stateDirectory: directory }, cache: { memory: {} } });

  const { code, stdout, stderr } = await runCommand(['doctor', '--json', ...place]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { ok, findings } = JSON.parse(stdout);
  expect(ok).toBe(true);
  for (const check of ['service', 'ledger', 'cache']) {
    expect(findings).toContainEqual(expect.objectContaining({ check, level: 'ok', advice: null }));
  }
  expect((await service.stop()).code).toBe(0);
});

it('doctor ends with 1 where something would keep a service from its work, and says what to do', async () => {
  const nowhere = join(temporaryStateDir(), '.openclaw');
  const { code, stdout } = await runCommand([
    'doctor',
    '--state-dir',
    nowhere,
    '--data-dir',
    temporaryStateDir(),
    '--port',
    '0',
  ]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail {2}state {5}There is no OpenClaw state directory at /);
  expect(stdout).toContain('\n                → Start OpenClaw once, or name its state directory');
  expect(stdout).toContain('\nTo be put right: 1. ');
});
