/** Notices of the packed service: to a webhook that fails at first and a program, through kill -9. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { serve } from './service.ts';
import { append, message, messages, writeTranscript } from './store-writer.ts';

interface Got {
  readonly id: string | undefined;
  readonly threshold: number;
}

it('a threshold is told once, again only as long as it was not taken, also by the next process', async () => {
  const got: Got[] = [];
  let status = 500;
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { data } = JSON.parse(body) as { data: { threshold: number } };
    got.push({ id: request.headers['webhook-id']?.toString(), threshold: data.threshold });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');

  const directory = temporaryStateDir();
  const data = temporaryStateDir();
  const told = join(data, 'told.jsonl');
  const live = writeTranscript(directory, 'live', messages(5, Date.now(), 1));
  const { port } = receiver.address() as AddressInfo;
  const program = `
    let body = '';
    process.stdin.on('data', (it) => (body += it)).on('end', () => require('node:fs').appendFileSync(process.argv[1], body + '\\n'));`;
  const config = {
    budgets: [{ name: 'all', per: 'month', limit: { tokens: 10 } }],
    notices: [{ url: `http://127.0.0.1:${port}/` }, { command: [process.execPath, '-e', program, told] }],
  };
  writeFileSync(join(data, 'config.json'), JSON.stringify(config));
  const start = () => serve(directory, { '--data-dir': data, '--config': join(data, 'config.json') });
  const thresholdsTold = () =>
    readFileSync(told, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { data: { threshold: number } }).data.threshold);

  let service = await start();
  await eventually(() => expect(got).toMatchObject([{ threshold: 50 }]));
  await eventually(async () => {
    const { notices } = await service.status();
    expect(notices).toMatchObject({ targets: 2, waiting: 1, failed: 0, lastError: { detail: 'answered 500' } });
    expect(notices?.lastError?.target).toBe(`http://127.0.0.1:${port}`);
  });
  await eventually(() => expect(existsSync(told) && thresholdsTold()).toEqual([50]));
  service.signal('SIGKILL');
  await service.ended;

  status = 200;
  service = await start();
  await eventually(() => expect(got).toHaveLength(2));
  expect(got[1]).toEqual(got[0]);

  append(live, ...Array.from({ length: 5 }, () => message()));
  await eventually(() => expect(got).toHaveLength(3));
  expect(got[2]).toMatchObject({ threshold: 100 });
  await eventually(async () => expect(await service.status()).toMatchObject({ notices: { waiting: 0, failed: 0 } }));
  expect(thresholdsTold()).toEqual([50, 100]);
  expect(got).toHaveLength(3);
  const { stderr } = await service.stop();
  expect(stderr).not.toContain('error');
  receiver.close();
}, 60_000);
