/** Starts that fail and say why, starts on nothing at all, and ends in the middle of work. */
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateStore } from '../../src/demo/store-generator.ts';
import type { CacheAnswer } from '../../src/snapshot/status.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { runCommand, Service, serve, serveArguments } from './service.ts';
import { makeEndless, message, writeTranscript } from './store-writer.ts';

const TOKEN = 'a-token-of-enough-length';

describe('a start that cannot succeed', () => {
  it('ends with 1 where something else listens already', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const state = temporaryStateDir();
    const own = ['--state-dir', state, '--data-dir', temporaryStateDir()];
    const ended = await runCommand(['serve', ...own, '--port', String(port)]);
    taken.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(
      `clawgauge: 127.0.0.1:${port}: something else listens there; expected a free port (--port)`,
    );
    expect(ended.stdout).not.toContain('listens on http');
  });

  it.each([
    [['serve', '--prot', '1'], /unknown option '--prot'.*did you mean --port/is],
    [['serve', '--port', 'http'], /port \(flag --port\): expected .*; got "?http/],
    [['serve', '--refresh-interval', '10'], /refreshInterval \(flag --refresh-interval\): expected .*; got "?10/],
    [['serve', '--memory-cap', '1mb'], /memoryCap \(flag --memory-cap\): expected .*; got "?1mb/],
    [['serve', '--time-zone', 'Mars/Olympus'], /timeZone \(flag --time-zone\): expected .*; got "?Mars\/Olympus/],
    [['serve', '--token', 'short'], /token \(flag --token\): expected .*; got something else, which is not shown/],
    [['serve', '--transcripts'], /token: with transcripts \(flag --transcripts\) expected a token/],
    [['serve', '--port', '1', '--port', '2'], /expected one value; got 1 and 2/],
    [
      ['serve', '--host', '0.0.0.0'],
      /token: with host "0\.0\.0\.0" \(flag --host\), which is not loopback, expected a token/,
    ],
    [['serve', 'something'], /too many arguments/],
    [['sevre'], /unknown command 'sevre'/],
    [[], /Usage: clawgauge/],
    [['demo', '--sessions', '0'], /expected a whole number from 1 to 100000; got 0/],
  ])('ends with 2 and says what was expected: %j', async (args, message) => {
    const { code, stderr, stdout } = await runCommand(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('names the variable or the file in which a bad value stands', async () => {
    const { code, stderr } = await runCommand(['serve'], { env: { CLAWGAUGE_VIEW_DEADLINE: 'soon' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/viewDeadline \(environment variable CLAWGAUGE_VIEW_DEADLINE\): expected .*; got "soon"/);
  });
});

describe('a service beyond loopback', () => {
  it('shows nothing to whoever has no token', async () => {
    const { directory } = smallStore(11, { now: Date.now() });
    const service = await serve(directory, { '--host': '0.0.0.0', '--token': TOKEN });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    await eventually(async () => expect((await service.get('/ready', bearer)).status).toBe(200));
    expect((await service.get('/v1/usage', bearer)).status).toBe(200);
    for (const path of ['/v1/usage', '/v1/sessions', '/v1/status', '/v1/cache', '/ready', '/', '/openapi.json']) {
      expect(await service.get(path)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      const wrong = { authorization: `Bearer ${TOKEN.slice(0, -1)}x` };
      expect((await service.get(path, wrong)).status).toBe(401);
    }
    expect((await service.get('/health')).status).toBe(200);
    const { stdout, stderr } = await service.stop();
    expect(stdout + stderr).not.toContain(TOKEN);
  });
});

describe('a service without a state directory', () => {
  it('says what to do, answers, and picks the directory up when it appears', async () => {
    const state = join(temporaryStateDir(), 'not-yet');
    const service = await serve(state);
    await eventually(async () => {
      const { problems, snapshot } = await service.status();
      expect(problems).toEqual([
        { code: 'state_dir_missing', agent: null, subject: '.', detail: 'expected a directory, found nothing' },
      ]);
      expect(snapshot?.coverage).toMatchObject({ transcripts: 0, pending: 0, failed: 0 });
    });
    expect(existsSync(state)).toBe(false);

    const { totals } = generateStore(state, { now: Date.now(), agents: 2, sessions: 3, meanKb: 10 });
    await eventually(async () => {
      expect((await service.usage()).snapshot.coverage).toMatchObject({ transcripts: totals.transcripts, pending: 0 });
    });
    await expectUsageOf(state, service);
    expect((await service.status()).problems).toEqual([]);
    const { code, stdout } = await service.stop();
    expect(code).toBe(0);
    expect(stdout).toContain(`There is no OpenClaw state directory at ${state}.`);
    expect(stdout).toContain('clawgauge serve --state-dir DIR (or OPENCLAW_STATE_DIR)');
    expect(stdout).toContain('clawgauge demo');
  });
});

describe('a service that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('in the middle of a refresh does so at %s, with 0', async (signal) => {
    const state = temporaryStateDir();
    writeTranscript(state, 'short', message());
    makeEndless(writeTranscript(state, 'endless', ''));
    const data = temporaryStateDir();
    const service = await serve(state, { '--data-dir': data });
    await eventually(async () => {
      const { refreshes } = await service.status();
      expect(refreshes[0]).toMatchObject({ ended: null, sessions: 2 });
    });
    service.signal(signal);
    const { code, stderr } = await service.ended;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/"level":(50|60)|\n\s+at /);
    // What it leaves is for nobody else, and good for the next start.
    for (const name of readdirSync(data)) expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
    const next = await serve(state, { '--data-dir': data });
    await eventually(async () => expect((await next.usage()).totals.records).toBe(1));
    const { digestStore } = (await next.get('/v1/cache')).body as CacheAnswer;
    expect(digestStore).toMatchObject({ available: true, problem: null });
    expect((await next.stop()).code).toBe(0);
  });
});

describe('a service whose console is gone', () => {
  it.each([
    ['in the plainest way', []],
    ['by the parser of all commands', ['--view-deadline=250ms']],
  ])('goes on, and ends in order, started %s', async (_, further) => {
    const { directory } = smallStore(12, { now: Date.now() });
    const service = await Service.start([...serveArguments(directory, { '--log-level': 'debug' }), ...further]);
    service.leaveAlone();
    await service.ready();
    // Every answer is a line of the log.
    for (let asked = 0; asked < 3; asked++) expect((await service.usage()).totals.records).toBeGreaterThan(0);
    expect((await service.stop()).code).toBe(0);
  });
});
