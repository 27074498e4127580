/**
 * Threads that run out of memory. The causes are real: transcripts with more different quarter hours, or days, than the
 * heap of the thread that adds them up can hold.
 */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leastMemoryCap } from '../../src/cache/memory-budget.ts';
import { DAY_MS } from '../../src/snapshot/zone.ts';
import { MIB } from '../../src/units.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { serve } from './service.ts';
import { append, message, messages, sprawling, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

/** Leaves the keeper little, and the process as a whole enough that nothing is shed. */
const LITTLE_MEMORY = { '--memory-cap': `${leastMemoryCap() / MIB + 32}mb` };
const LONG_AGO = Date.UTC(1000);

describe('a transcript that no scan thread can hold', () => {
  it('is set aside, costs no other transcript anything, and counts once it is sane', async () => {
    const state = temporaryStateDir();
    const neighbour = writeTranscript(state, 'neighbour', message());
    const service = await (await serve(state)).ready();
    const vigil = new Vigil(service);

    writeTranscript(state, 'sprawling', sprawling());
    append(neighbour, message());
    await eventually(async () => {
      expect((await service.status()).setAside).toMatchObject([
        {
          agent: 'main',
          name: 'sprawling.jsonl',
          code: 'task_out_of_memory',
          detail: expect.stringContaining('memory limit'),
          retryAt: expect.any(Number),
        },
      ]);
    });
    await eventually(async () => {
      const { totals, snapshot } = await service.usage();
      expect(totals.records).toBe(2);
      expect(snapshot).toMatchObject({ state: 'degraded', coverage: { transcripts: 2, pending: 0, failed: 1 } });
    });

    writeTranscript(state, 'sprawling', message());
    await eventually(async () => expect((await service.usage()).snapshot.state).toBe('fresh'));
    await expectUsageOf(state, service);
    expect((await service.status()).setAside).toEqual([]);
    expect((await vigil.end()).faults).toEqual([]);
  });
});

describe('transcripts whose sum the keeper cannot hold', () => {
  it('leave the last snapshot in place, and are forgotten with their files where nothing is retained', async () => {
    const state = temporaryStateDir();
    writeTranscript(state, 'sane', message());
    const service = await (await serve(state, { ...LITTLE_MEMORY, '--retain': '0' })).ready();
    const before = await service.usage();
    const vigil = new Vigil(service, ({ body }) => expect((body as typeof before).totals).toEqual(before.totals));

    // Each is small enough for a scan thread; together they make a series of 60,000 days.
    const days = 5_000;
    const elsewhere = temporaryStateDir();
    for (let at = 0; at < 12; at++) {
      writeTranscript(elsewhere, `age-${at}`, messages(days, LONG_AGO + at * days * DAY_MS, DAY_MS));
    }
    const agent = join(state, 'agents', 'ages');
    renameSync(join(elsewhere, 'agents', 'main'), agent);
    await eventually(async () => {
      const { lastError, failures, refreshes } = await service.status();
      expect(lastError).toMatchObject({ code: 'task_out_of_memory', detail: expect.stringMatching(/^\w+: /) });
      expect(failures).toBeGreaterThanOrEqual(1);
      expect(refreshes.find(({ ended }) => ended === 'failed')?.error?.code).toBe('task_out_of_memory');
    });
    const during = await service.usage();
    expect(during.snapshot).toMatchObject({ id: before.snapshot.id, state: 'degraded' });
    expect(await service.get('/ready')).toMatchObject({ status: 200 });
    expect(await service.get('/v1/cache')).toMatchObject({ status: 200 });

    rmSync(agent, { recursive: true });
    await eventually(async () => expect((await service.usage()).snapshot.state).toBe('fresh'));
    await expectUsageOf(state, service);
    expect((await service.status()).failures).toBe(0);
    expect((await vigil.end()).faults).toEqual([]);
  });
});
