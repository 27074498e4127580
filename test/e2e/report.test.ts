/** `clawgauge report` as its users run it: beside a running service, beside one that stands still, and without any. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { runCommand, serve, startCommand } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';

const TOKEN = 'a-token-of-more-than-sixteen-characters';

interface Place {
  readonly state: string;
  readonly data: string;
}

async function reported({ state, data }: Place, ...args: string[]) {
  return runCommand(['report', ...args, '--state-dir', state, '--data-dir', data]);
}

async function json(place: Place, ...args: string[]) {
  const { code, stdout, stderr } = await reported(place, ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

function place(seed: number): Place {
  return { state: smallStore(seed, { now: Date.now() }).directory, data: temporaryStateDir() };
}

/** What a report says, but for the moment and the place of its figures. */
function figuresOf({ snapshot: _, service: __, ...figures }: Record<string, unknown>) {
  return figures;
}

describe('a report', () => {
  it('says the same of a running service as without one', async () => {
    const at = place(41);
    const alone = new Map<string, Record<string, unknown>>();
    const kinds = ['daily', 'sessions'];
    for (const kind of kinds) alone.set(kind, await json(at, kind));
    const service = await (await serve(at.state, { '--data-dir': at.data })).ready();
    for (const kind of kinds) {
      const asked = await json(at, kind);
      expect([asked.service, alone.get(kind)?.service]).toEqual([service.url, null]);
      expect(figuresOf(asked)).toEqual(figuresOf(alone.get(kind) ?? {}));
    }
  });

  it('adds up to the totals that the service answers with', async () => {
    const at = place(42);
    const service = await (await serve(at.state, { '--data-dir': at.data })).ready();
    const { totals } = await service.usage('range=all');
    for (const kind of ['daily', 'weekly', 'models', 'sessions']) {
      const report = await json(at, kind);
      const sum = (member: string) =>
        report[kind].reduce((all: number, row: Record<string, number>) => all + (row[member] as number), 0);
      expect(report.totals).toMatchObject({ totalTokens: totals.totalTokens, totalCost: totals.cost });
      for (const member of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheCreationTokens', 'totalTokens']) {
        expect(sum(member), `${kind} ${member}`).toBe(report.totals[member]);
      }
      expect(sum('totalCost'), kind).toBeCloseTo(report.totals.totalCost, 8);
    }
  });

  it.runIf(existsSync('/dev/full'))('that cannot be written says so in one line', async () => {
    const at = place(47);
    const through = ['sh', '-c', 'exec "$@" > /dev/full', 'sh'];
    const ended = await runCommand(['report', '--state-dir', at.state, '--data-dir', at.data], { through });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^clawgauge: what was found cannot be written: ENOSPC[^\n]*\n$/);
  });

  it('reads nothing twice: the second one finds the digests of the first', async () => {
    const at = place(43);
    await json(at, 'daily');
    const names = readdirSync(at.data).filter((name) => name !== 'reports.bin');
    expect(names.sort()).toEqual(['digests.sqlite', 'ledger.sqlite', 'lock.1']);
    const live = writeTranscript(at.state, 'live', message());
    const before = await json(at, 'daily');
    append(live, message());
    const after = await json(at, 'daily');
    expect(after.totals.records).toBe(before.totals.records + 1);
  });

  it('while nothing changes says what it said before, and does not even take the data directory', async () => {
    const at = place(51);
    const live = writeTranscript(at.state, 'live', message());
    // What was written within the last two seconds may still change unseen.
    const before = await eventually(async () => {
      const report = await json(at, 'daily');
      expect(readdirSync(at.data)).toContain('reports.bin');
      return report;
    });
    const lock = () => readdirSync(at.data).filter((name) => name.startsWith('lock.'));
    const held = lock();
    const again = await json(at, 'daily');
    expect(figuresOf(again)).toEqual(figuresOf(before));
    expect(again.snapshot).toMatchObject({ id: before.snapshot.id, state: 'fresh', refreshing: false });
    expect((await json(at, 'monthly')).totals).toEqual(before.totals);
    expect(lock()).toEqual(held);
    append(live, message());
    expect((await json(at, 'daily')).totals.records).toBe(before.totals.records + 1);
    expect(lock()).not.toEqual(held);
  });

  it('needs no token where its user can read service.json, and the service shows it to nobody else', async () => {
    const at = place(44);
    const service = await serve(at.state, { '--data-dir': at.data, '--token': TOKEN, '--base-path': '/gauge' });
    const file = join(at.data, 'service.json');
    const { pass, ...facts } = JSON.parse(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(facts).toMatchObject({ url: service.url, basePath: '/gauge', pid: service.pid, needsToken: true });
    expect(pass).not.toBe(TOKEN);
    expect((await service.get('/v1/usage')).status).toBe(401);
    expect((await service.get('/v1/usage', { authorization: `Bearer ${pass}` })).status).toBeLessThan(300);
    expect((await json(at, 'models')).service).toBe(service.url);
    await service.stop();
    expect(existsSync(file)).toBe(false);
  });

  it('does not ask what a killed service left behind', async () => {
    const at = place(45);
    const service = await (await serve(at.state, { '--data-dir': at.data })).ready();
    process.kill(service.pid, 'SIGKILL');
    await service.ended;
    expect(existsSync(join(at.data, 'service.json'))).toBe(true);
    expect((await json(at, 'daily')).service).toBeNull();
  });

  it('beside a service that stands still reads for itself, and touches nothing of it', async () => {
    const at = place(46);
    const service = await (await serve(at.state, { '--data-dir': at.data })).ready();
    const { totals } = await service.usage();
    service.signal('SIGSTOP');
    // Whoever reads a database marks that in its shared memory.
    const names = () => readdirSync(at.data).filter((name) => !name.endsWith('-shm'));
    const files = () => names().map((name) => [name, statSync(join(at.data, name)).mtimeMs]);
    const before = files();
    const report = await json(at, 'daily');
    expect(report.service).toBeNull();
    expect(report.totals.totalTokens).toBe(totals.totalTokens);
    expect(files()).toEqual(before);
    service.signal('SIGCONT');
    expect((await service.stop()).code).toBe(0);
  });

  it.each(['beside a service', 'alone'])('watches: %s it is shown anew when figures change', async (how) => {
    const at = place(49);
    const live = writeTranscript(at.state, 'live', message());
    const service = how === 'alone' ? null : await (await serve(at.state, { '--data-dir': at.data })).ready();
    const flags = ['--state-dir', at.state, '--data-dir', at.data, '--refresh-interval', '1s'];
    const { child, ended, said } = await startCommand(['report', 'monthly', '--watch', ...flags], {});
    await said(/^Total/m);
    append(live, message());
    await said(/^Total[\s\S]*\nTotal/m);
    child.kill('SIGINT');
    expect((await ended).stdout.match(/^Total/gm)).toHaveLength(2);
    await service?.stop();
  });

  it('goes on watching when its service ends, keeps none from beginning, and asks that one then', async () => {
    const at = place(50);
    const live = writeTranscript(at.state, 'live', message());
    const service = await (await serve(at.state, { '--data-dir': at.data })).ready();
    const flags = ['--state-dir', at.state, '--data-dir', at.data, '--refresh-interval', '1s'];
    const { child, ended, said, logged } = await startCommand(['report', 'monthly', '--watch', ...flags], {});
    const totals: string[] = [];
    const anotherTotal = async () => {
      const known = totals.map((total) => `(?!${total.replaceAll(/[$.+]/g, '\\$&')}$)`);
      totals.push((await said(new RegExp(`^${known.join('')}Total.*$`, 'm')))[0]);
    };
    await anotherTotal();
    await service.stop();
    await eventually(() => expect(logged()).toBe('No service answers any more: reading here until one does.\n'));
    append(live, message());
    await anotherTotal();
    const next = await (await serve(at.state, { '--data-dir': at.data })).ready();
    await eventually(() => expect(logged()).toContain(`A service runs at ${next.url}: asking that.\n`));
    append(live, message());
    await anotherTotal();
    child.kill('SIGINT');
    await ended;
    expect((await next.stop()).code).toBe(0);
  });

  it('asks a service elsewhere, with its token, and says what keeps it from that', async () => {
    const at = place(52);
    const service = await serve(at.state, { '--token': TOKEN, '--base-path': '/gauge' });
    const nowhere = { state: join(temporaryStateDir(), 'none'), data: temporaryStateDir() };
    const found = await json(nowhere, 'daily', '--url', `${service.url}/`, '--token', TOKEN);
    expect([found.service, found.totals.records > 0]).toEqual([service.url, true]);
    const status = await runCommand(['status', '--url', service.url, '--json'], { env: { CLAWGAUGE_TOKEN: TOKEN } });
    expect(JSON.parse(status.stdout)).toMatchObject({ service: service.url, status: { stateDirectory: at.state } });
    const origin = new URL(service.url).origin;
    for (const [args, said] of [
      [['--url', service.url], 'Give it with --token or CLAWGAUGE_TOKEN.'],
      [['--url', service.url, '--token', TOKEN.toUpperCase()], 'The token is not the one'],
      [['--url', `${origin}/elsewhere`, '--token', TOKEN], `${origin}/elsewhere: `],
      [['--url', 'http://127.0.0.1:1'], 'ECONNREFUSED'],
    ] as const) {
      const { code, stdout, stderr } = await reported(nowhere, ...args);
      expect({ code, stdout, stderr }, stderr).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(said) });
      expect(stderr).toMatch(/^clawgauge: .*\n$/);
    }
    for (const url of ['127.0.0.1:18790', 'ftp://host', 'http://me:secret@host']) {
      const { code, stderr } = await reported(nowhere, '--url', url);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('url (flag --url): expected') });
    }
  });

  it('is a table for people: aligned, with a sum, at list prices', async () => {
    const { code, stdout, stderr } = await reported(place(47), 'weekly');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Usage by ISO week, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d \(UTC\), cost at list prices\n\nWeek +From/,
    );
    expect(stdout).toMatch(/^Total .* \$[\d.,]+\+?$/m);
  });

  it('is CSV with a line of names, and a line for each row', async () => {
    const { stdout } = await reported(place(48), 'agents', '--csv');
    const [head = '', ...rows] = stdout.trimEnd().split('\r\n');
    expect(head).toBe(
      'agent,inputTokens,outputTokens,cacheCreationTokens,cacheReadTokens,totalTokens,totalCost,records,estimatedRecords,recordsWithoutPrice,retainedRecords',
    );
    expect(rows).toHaveLength(3);
  });

  it('ends with 2 for what cannot be asked, and with 1 where there is nothing to read', async () => {
    const nowhere = { state: join(temporaryStateDir(), 'none'), data: temporaryStateDir() };
    expect(await reported(nowhere, 'daily')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('none'),
    });
    for (const args of [['yearly'], ['daily', '--since', 'tomorrow'], ['--nonsense']]) {
      const { code, stdout } = await reported(nowhere, ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
  });
});
