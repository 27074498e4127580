/** A first fold that takes long, and what happens to its files meanwhile. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { type Service, serve } from './service.ts';
import { makeEndless, message, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

const OLD = 1_000;

describe('a service whose first fold takes long', () => {
  const { directory } = smallStore(23, { now: Date.now() });
  const agents = join(directory, 'agents');
  const old = ['pipe', 'folder', 'link', 'gone'].map((name) => writeTranscript(directory, name, message()));
  // The newest are folded first: these keep all threads until their deadline, ten times the least one.
  const blockers = Array.from({ length: availableParallelism() }, (_, at) =>
    writeTranscript(directory, `blocker-${at}`, ''),
  );
  let service: Service;

  beforeAll(async () => {
    for (const path of old) utimesSync(path, OLD, OLD);
    for (const path of blockers) makeEndless(path);
    service = await serve(directory, { '--task-deadline': '2s' });
  });

  it('says that figures are on their way, with null where they will be', async () => {
    const early = await service.get('/v1/usage?range=all');
    expect(early.status).toBe(202);
    expect(early.headers.get('retry-after')).toBe('1');
    expect(early.body).toMatchObject({ snapshot: null, window: { range: 'all', start: null }, totals: null });
    const figures = Object.entries(early.body as object).filter(([name]) => !/snapshot|window|filters/.test(name));
    expect(figures.filter(([, value]) => value !== null)).toEqual([]);
    const { status, body } = await service.get('/v1/sessions');
    expect({ status, body }).toMatchObject({ status: 202, body: { sessions: null, totals: null } });
    expect(await service.get('/ready')).toMatchObject({ status: 503, body: { code: 'not_ready' } });
  });

  it('shows what it has before it has all, and is not ready', async () => {
    const { snapshot, totals } = await eventually(() => service.usage());
    const { transcripts } = snapshot.coverage;
    expect(snapshot).toMatchObject({ state: 'warming', refreshing: true, coverage: { pending: transcripts } });
    expect(totals.records).toBe(0);
    expect((await service.get('/ready')).status).toBe(503);
  });

  it('loses nothing else when files go or become something else before they are read', {
    timeout: 60_000,
  }, async () => {
    const vigil = new Vigil(service);
    const away = temporaryStateDir();
    for (const agent of readdirSync(agents)) {
      if (agent !== 'main') renameSync(join(agents, agent), join(away, agent));
    }
    const [pipe, folder, link] = old as [string, string, string, string];
    for (const path of [...old, ...blockers]) rmSync(path);
    execFileSync('mkfifo', [pipe]);
    mkdirSync(folder);
    symlinkSync('/dev/zero', link);

    await eventually(async () => expect((await service.get('/ready')).status).toBe(200), 40_000);
    await expectUsageOf(directory, service);
    for (const agent of readdirSync(away)) renameSync(join(away, agent), join(agents, agent));
    await expectUsageOf(directory, service);
    expect((await service.usage()).snapshot.state).toBe('fresh');
    expect(await service.status()).toMatchObject({ problems: [], setAside: [], failures: 0 });
    expect((await vigil.end()).faults).toEqual([]);
  });
});
