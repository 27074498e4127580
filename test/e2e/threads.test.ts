/**
 * Threads that end in the middle of their work. No signal reaches a single thread of a process, so the causes from
 * outside are these: a task that overruns (endless-transcript.test.ts) or outgrows its memory (memory.test.ts), and,
 * here, an installation that is damaged under the running service, as by a failed upgrade: a new thread then runs
 * other code, which ends it.
 */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { copyOfPackage } from './package.ts';
import { serve } from './service.ts';
import { append, message, sprawling, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

describe('a scan thread that ends in the middle of a task', () => {
  it.each([
    ['inventory', 'export function inventory() { process.exit(3); }'],
    ['scan', "export { inventory } from './scan.worker.whole.js'; export function scan() { process.exit(3); }"],
    ['inventory', 'this is no JavaScript'],
  ])('(%s: %s) costs no answer and no figure', async (task, code) => {
    const packageDirectory = await copyOfPackage(join(temporaryStateDir(), 'package'));
    const { directory } = smallStore(41, { now: Date.now() });
    const live = writeTranscript(directory, 'live', message());
    // Under this cap there is one scan thread. That of the first fold ended with it.
    const service = await (await serve(directory, { '--memory-cap': '200mb' }, { packageDirectory })).ready();
    append(live, message());
    const { totals } = await service.usage();
    await eventually(async () => expect((await service.usage()).totals.records).toBe(totals.records + 1));
    const known = await service.usage();
    const vigil = new Vigil(service, ({ body }) => {
      expect((body as typeof known).totals.records, 'records').toBeGreaterThanOrEqual(known.totals.records);
    });
    const worker = join(packageDirectory, 'dist', 'compute', 'scan.worker.js');
    const whole = join(packageDirectory, 'dist', 'compute', 'scan.worker.whole.js');
    copyFileSync(worker, whole);
    writeFileSync(worker, code);
    // The thread at hand keeps the code that it has, until it runs out of memory.
    const fatal = writeTranscript(directory, 'fatal', sprawling());
    await eventually(async () => {
      const { setAside } = await service.status();
      expect(setAside).toMatchObject([{ name: 'fatal.jsonl', code: 'task_out_of_memory' }]);
    });
    append(live, message());
    await eventually(async () => {
      const { failures, lastError, setAside, snapshot } = await service.status();
      const crash = { code: 'task_crashed', detail: expect.stringMatching(new RegExp(`^${task}: `)) };
      if (task === 'inventory') {
        expect(failures).toBeGreaterThan(0);
        expect(lastError).toMatchObject(crash);
      } else {
        expect(setAside).toContainEqual(expect.objectContaining({ agent: 'main', name: 'live.jsonl', ...crash }));
      }
      expect(snapshot?.state).toBe('degraded');
    });
    expect((await service.usage()).totals).toEqual(known.totals);

    copyFileSync(whole, worker);
    rmSync(fatal);
    append(live, message());
    await eventually(async () => {
      expect(await service.status()).toMatchObject({ failures: 0, setAside: [], snapshot: { state: 'fresh' } });
    });
    await expectUsageOf(directory, service);
    expect((await vigil.end()).faults).toEqual([]);
    expect((await service.stop()).code).toBe(0);
  });
});
