/**
 * Threads that run out of memory. The causes are real: transcripts with more different quarter hours, or days, than the
 * heap of the thread that adds them up can hold.
 */
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { serve } from './service.ts';
import { addAges, append, LITTLE_KEEPER, message, sprawling, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

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
    const service = await (await serve(state, { ...LITTLE_KEEPER, '--retain': '0' })).ready();
    const before = await service.usage();
    const vigil = new Vigil(service, ({ body }) => expect((body as typeof before).totals).toEqual(before.totals));

    const agent = addAges(state, temporaryStateDir());
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
