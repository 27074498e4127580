/** A state directory that cannot be written: everything counts, and on one that can, nothing is left behind either. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { AgentDatabase } from '../support/agent-database.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { mountReadOnly, unmount } from './permissions.ts';
import { type Service, serve } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';

const WRITER = fileURLToPath(new URL('../support/database-writer.mjs', import.meta.url));
const TOUCH = 'UPDATE session_windows SET transcript_updated_at = transcript_updated_at + 1\n';
const said = (input: number) => ({
  message: { role: 'assistant', timestamp: Date.now(), usage: { input, totalTokens: input } },
});

const { directory } = smallStore(51, { now: Date.now(), agents: 2 });
const live = writeTranscript(directory, 'live', message());
const database = new AgentDatabase(directory, 'later');
database.write('one', 'agent:later:main', [said(7)]);
const shown = temporaryStateDir();
const mounted = mountReadOnly(directory, shown);

afterAll(() => {
  if (mounted) unmount(shown);
});

/**
 * Every file and folder with the times of its last change. Reading a database through its index touches that alone, and
 * SQLite gives a log anew to the owner that it has, where root reads.
 */
function trace(): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => !name.endsWith('-shm'));
  return names.sort().map((name) => {
    const { mtimeNs, ctimeNs, size } = statSync(join(directory, name), { bigint: true });
    return `${name} ${size} ${mtimeNs} ${name.endsWith('-wal') ? '' : ctimeNs}`;
  });
}

async function expectWhole(service: Service): Promise<void> {
  await eventually(async () => {
    expect(await service.status()).toMatchObject({ problems: [], setAside: [], snapshot: { state: 'fresh' } });
  });
}

const laterTokens = async (service: Service) => (await service.usage('range=all&agent=later')).totals.totalTokens;

describe.skipIf(!mounted)('a state directory that is mounted read-only (needs a user who may mount)', () => {
  let gateway: ChildProcess;
  let service: Service;

  it('counts whole while its gateway has a database open, and its changes show', async () => {
    gateway = spawn(process.execPath, [WRITER, database.file], { stdio: ['pipe', 'pipe', 'inherit'] });
    database.close();
    const touched = once(gateway.stdout as NodeJS.ReadableStream, 'data');
    gateway.stdin?.write(TOUCH);
    await touched;
    service = await (await serve(shown)).ready();
    await expectWhole(service);
    expect(await laterTokens(service)).toBe(7);
    const { totals } = await service.usage();
    append(live, message());
    await service.refresh();
    await eventually(async () => expect((await service.usage()).totals.records).toBe(totals.records + 1));
  });

  it('keeps its figures when the gateway dies in the middle', async () => {
    gateway.kill('SIGKILL');
    await once(gateway, 'exit');
    await service.refresh();
    await eventually(async () => expect((await service.status()).refreshing).toBe(false));
    expect(await laterTokens(service)).toBe(7);
    const { code, stderr } = await service.stop();
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/EROFS/);
  });

  it('counts whole anew from what a gateway that died left behind', async () => {
    const alone = await (await serve(shown)).ready();
    await expectWhole(alone);
    expect(await laterTokens(alone)).toBe(7);
    await alone.stop();
  });
});

it('leaves no trace in a state directory that it could write to', async () => {
  const before = trace();
  const service = await (await serve(directory)).ready();
  await expectWhole(service);
  await service.refresh();
  await expectWhole(service);
  await service.stop();
  expect(trace()).toEqual(before);
});
