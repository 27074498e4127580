/** A data directory that is full, must not be written to, or belongs to another process: it costs time, never figures. */
import { chmodSync, existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Bytes } from '../../src/units.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { boundByPermissions, mountTiny, unmount } from './permissions.ts';
import { runCommand, type Service, serve } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

const tiny = temporaryStateDir();
const mounted = mountTiny(tiny, 1024);
afterAll(() => {
  if (mounted) unmount(tiny);
});

describe.skipIf(!mounted)('a data directory without space (needs the right to mount)', () => {
  it('is reported, and used again when there is space', async () => {
    const { directory } = smallStore(31, { now: Date.now() });
    const live = writeTranscript(directory, 'live', message());
    const filler = join(tiny, 'filler');
    fill(filler, tiny);
    const service = await (await serve(directory, { '--data-dir': tiny })).ready();
    const vigil = new Vigil(service);
    await expectUnavailable(service, /full|space|I\/O/i);
    await expectUsageOf(directory, service);
    append(live, message());
    await expectUsageOf(directory, service);

    rmSync(filler);
    append(live, message());
    await expectAvailable(service);
    await expectUsageOf(directory, service);
    expect((await vigil.end()).faults).toEqual([]);
    expect((await service.stop()).code).toBe(0);
  });

  it('is reported when it fills up later, too', async () => {
    const { directory } = smallStore(32, { now: Date.now() });
    const live = writeTranscript(directory, 'live', message());
    for (const name of ['digests.sqlite', 'snapshot.bin']) rmSync(join(tiny, name), { force: true });
    const service = await (await serve(directory, { '--data-dir': tiny })).ready();
    await expectAvailable(service);
    const vigil = new Vigil(service);
    const filler = join(tiny, 'filler');
    fill(filler, tiny);
    await eventually(async () => {
      // Each write makes the log of the database a little longer, until it does not fit.
      append(live, message());
      await service.refresh();
      expect((await service.status()).problems).toContainEqual(
        expect.objectContaining({ code: 'digest_store_unavailable' }),
      );
    });
    await expectUsageOf(directory, service);

    rmSync(filler);
    append(live, message());
    await expectAvailable(service);
    await expectUsageOf(directory, service);
    expect((await vigil.end()).faults).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('a limit to the size of files', () => {
  it('is reported, and costs no figure', async () => {
    const { directory } = smallStore(33, { now: Date.now() });
    const through = ['bash', '-c', 'ulimit -f 1; exec "$@"', 'bash'];
    const service = await (await serve(directory, {}, { through })).ready();
    await expectUnavailable(service, /./);
    await expectUsageOf(directory, service);
    expect((await service.stop()).code).toBe(0);
  });
});

describe.skipIf(boundByPermissions === null)(
  'a data directory that must not be written to (needs a user whom permissions bind)',
  () => {
    it('is reported, and used again when it may be', async () => {
      const { directory } = smallStore(34, { now: Date.now() });
      const live = writeTranscript(directory, 'live', message());
      const data = temporaryStateDir();
      chmodSync(data, 0o500);
      const through = boundByPermissions as string[];
      const service = await (await serve(directory, { '--data-dir': data }, { through })).ready();
      const vigil = new Vigil(service);
      await expectUnavailable(service, /EACCES/);
      const { problems } = await service.status();
      expect(problems.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['ledger_unavailable', 'data_directory_unguarded']),
      );
      await expectUsageOf(directory, service);
      expect(existsSync(join(data, 'digests.sqlite'))).toBe(false);

      chmodSync(data, 0o700);
      append(live, message());
      await expectAvailable(service);
      await expectUsageOf(directory, service);
      expect((await vigil.end()).faults).toEqual([]);
    });
  },
);

describe('a data directory that another process uses', () => {
  const serving = (directory: string, data: string) => [
    'serve',
    '--state-dir',
    directory,
    '--data-dir',
    data,
    '--port',
    '0',
  ];

  it('is refused to a second one, which is told whose it is, and costs the first one nothing', async () => {
    const { directory } = smallStore(35, { now: Date.now() });
    const data = temporaryStateDir();
    const first = await (await serve(directory, { '--data-dir': data })).ready();
    const { code, stdout, stderr } = await runCommand(serving(directory, data));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^clawgauge: \S+: expected no other process to use it; it is in use since /);
    expect(stderr).toContain(`${data}: expected`);
    expect(stderr).toContain(` by process ${first.pid} at ${first.url}. `);
    await expectAvailable(first);
    await expectUsageOf(directory, first);
    expect((await first.stop()).code).toBe(0);
    const next = await serve(directory, { '--data-dir': data });
    expect((await next.status()).problems).toEqual([]);
  });

  it('is free at once when that one is killed', async () => {
    const { directory } = smallStore(36, { now: Date.now() });
    const data = temporaryStateDir();
    for (let life = 0; life < 3; life++) {
      const service = await serve(directory, { '--data-dir': data });
      process.kill(service.pid, 'SIGKILL');
      await service.ended;
    }
    await expectUsageOf(directory, await serve(directory, { '--data-dir': data }));
  });
});

async function expectUnavailable(service: Service, reason: RegExp): Promise<void> {
  await eventually(async () => {
    const { problems, digestStore, snapshot } = await service.status();
    expect(problems).toContainEqual({
      code: 'digest_store_unavailable',
      agent: null,
      subject: 'digests.sqlite',
      detail: expect.stringMatching(reason),
    });
    expect(digestStore?.problem).toMatch(reason);
    // It costs time after a restart, and no figure: nothing is degraded.
    expect(snapshot?.state).toBe('fresh');
  });
}

async function expectAvailable(service: Service): Promise<void> {
  await eventually(async () => {
    const { problems, digestStore } = await service.status();
    expect(digestStore).toMatchObject({ available: true, problem: null });
    expect(problems.filter(({ code }) => code === 'digest_store_unavailable')).toEqual([]);
  });
}

/** Leaves no free block in the file system of a directory. */
function fill(filler: string, directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  const free: Bytes = bavail * bsize;
  writeFileSync(filler, Buffer.alloc(free));
}
