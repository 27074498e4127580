/** Stores that cannot be read, break, or vanish: what was known stays until it is known to be gone. */
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallStore } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { boundByPermissions } from './permissions.ts';
import { type Service, serve } from './service.ts';
import { append, message, sessionsDirectory, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

describe.skipIf(boundByPermissions === null)('what must not be read (needs a user whom permissions bind)', () => {
  const { directory } = smallStore(21, { now: Date.now() });
  const live = writeTranscript(directory, 'live', message());
  let service: Service;
  beforeAll(async () => {
    service = await (await serve(directory, {}, { through: boundByPermissions as string[] })).ready();
  });

  it.each([
    ['a transcript', 'agents/main/sessions/live.jsonl', 'transcript_unreadable'],
    ['a store', 'agents/main/sessions', 'store_unreadable'],
    ['the folder of all stores', 'agents', 'store_unreadable'],
    ['a session index', 'agents/main/sessions/sessions.json', 'index_unreadable'],
    ['the configuration with its prices', 'openclaw.json', 'config_unreadable'],
    ['the state directory', '.', 'store_unreadable'],
  ])(
    '(%s) keeps what was known of it, is reported, and counts again when it may be read',
    async (_what, name, code) => {
      const known = await service.usage();
      const vigil = new Vigil(service, ({ body }) => expect((body as typeof known).totals).toEqual(known.totals));
      const path = join(directory, name);
      const { mode } = statSync(path);
      chmodSync(path, 0o000);
      await service.refresh();
      await eventually(async () => {
        const { problems, setAside } = await service.status();
        expect([...problems, ...setAside]).toContainEqual(
          expect.objectContaining({ code, detail: expect.stringMatching(/EACCES/) }),
        );
      });
      expect(JSON.stringify(await service.status()).split(directory), 'its path, told once').toHaveLength(2);
      chmodSync(path, mode);
      await service.refresh();
      await eventually(async () => {
        expect(await service.status()).toMatchObject({ problems: [], setAside: [] });
        expect((await service.usage()).snapshot.state).toBe('fresh');
      });
      expect((await vigil.end()).faults).toEqual([]);
      append(live, message());
      await service.refresh();
      await expectUsageOf(directory, service);
    },
  );
});

describe('a state directory that vanishes', () => {
  it('loses no figure while it is away, and goes on where it stopped when it is back', async () => {
    const { directory } = smallStore(22, { now: Date.now() });
    const service = await (await serve(directory)).ready();
    const known = await service.usage();
    const vigil = new Vigil(service, ({ body }) => expect((body as typeof known).totals).toEqual(known.totals));

    renameSync(directory, `${directory}.away`);
    await expectProblem(service, { code: 'state_dir_missing', agent: null, subject: '.' });
    const { snapshot } = await service.usage();
    expect(snapshot.state).toBe('degraded');
    await eventually(async () => {
      const blind = (await service.status()).refreshes.filter(({ startedAt }) => startedAt > snapshot.verifiedAt);
      expect(blind.length).toBeGreaterThan(3);
    });
    expect((await service.usage()).snapshot).toMatchObject({ verifiedAt: snapshot.verifiedAt });
    renameSync(`${directory}.away`, directory);
    await eventually(async () => expect((await service.usage()).snapshot.state).toBe('fresh'));
    expect(await service.status()).toMatchObject({ problems: [] });
    expect((await vigil.end()).faults).toEqual([]);
    const { refreshes } = await service.status();
    expect(refreshes.slice(0, -1).map(({ bytesRead }) => bytesRead)).toEqual(refreshes.slice(1).map(() => 0));

    writeTranscript(directory, 'live', message());
    await expectUsageOf(directory, service);
  });
});

describe('a session index that is no longer JSON', () => {
  it('still names the sessions before the break, is reported, and counts in full when it is whole again', async () => {
    const { directory } = smallStore(24, { now: Date.now() });
    const service = await (await serve(directory)).ready();
    const known = await service.usage();
    const vigil = new Vigil(service, ({ body }) => expect((body as typeof known).totals).toEqual(known.totals));
    const index = join(sessionsDirectory(directory), 'sessions.json');
    const text = readFileSync(index, 'utf8');
    const broken = text.slice(0, text.length / 2);

    writeFileSync(index, broken);
    await expectProblem(service, {
      code: 'index_unreadable',
      agent: 'main',
      subject: 'agents/main/sessions/sessions.json',
      detail: expect.stringMatching(/it is JSON up to byte \d+ only/),
    });
    await eventually(async () => {
      const kinds = (usage: typeof known) => usage.byKind.find(({ kind }) => kind === 'orphan')?.totals.records ?? 0;
      expect(kinds(await service.usage())).toBeGreaterThan(kinds(known));
    });

    writeFileSync(index, text);
    await eventually(async () => expect((await service.status()).problems).toEqual([]));
    await expectUsageOf(directory, service);
    expect((await vigil.end()).faults).toEqual([]);
  });
});

async function expectProblem(service: Service, problem: object): Promise<void> {
  await eventually(async () => {
    expect((await service.status()).problems).toContainEqual(expect.objectContaining(problem));
  });
}
