/**
 * A task that does not end. The cause is real: a transcript of a terabyte without a newline (a hole in the file system),
 * which no thread gets to the end of within its deadline.
 */
import { rmSync, utimesSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { serve } from './service.ts';
import { append, makeEndless, message, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

/** Threads that scan at the same time once a first snapshot is complete. */
const LANES = Math.max(1, availableParallelism() - 1);

describe('a refresh that does not get to its end in time', () => {
  it('is ended and told, and the ones after it get on until all is known that can be', {
    timeout: 120_000,
  }, async () => {
    const state = temporaryStateDir();
    const sane = writeTranscript(state, 'sane', message());
    const deadlines = { '--task-deadline': '4s', '--refresh-deadline': '10s', '--refresh-interval': '1s' };
    const service = await (await serve(state, deadlines)).ready();
    const vigil = new Vigil(service);
    // Together they take each lane longer than a refresh may, and each of them longer than any task.
    const count = LANES * 3;
    for (let at = 0; at < count; at++) makeEndless(writeTranscript(state, `endless-${at}`, ''));
    append(sane, message());
    utimesSync(sane, 1_000, 1_000);

    const failed = await eventually(async () => {
      const { refreshes, lastError } = await service.status();
      const overran = refreshes.find(({ ended }) => ended === 'failed');
      expect(overran).toBeDefined();
      expect(lastError).toMatchObject({ code: 'refresh_overran' });
      return overran;
    }, 40_000);
    expect(failed).toMatchObject({ error: { code: 'refresh_overran', detail: 'expected an end within 10000 ms' } });
    expect(failed?.duration).toBeLessThan(20_000);

    await eventually(async () => {
      const { totals, snapshot } = await service.usage();
      expect(totals.records).toBe(2);
      expect(snapshot.coverage).toMatchObject({ pending: 0, failed: count });
    }, 60_000);
    const { faults } = await vigil.end();
    expect(faults).toEqual([]);
    expect((await service.stop()).code).toBe(0);
  });
});

describe('a transcript that keeps its thread for ever', () => {
  it('is set aside, costs no other transcript anything, and counts again once it is sane', {
    timeout: 90_000,
  }, async () => {
    const state = temporaryStateDir();
    const [before, hung, after] = ['before', 'hung', 'after'].map((name) => writeTranscript(state, name, message()));
    const service = await (await serve(state, { '--task-deadline': '2s', '--refresh-interval': '1h' })).ready();
    const vigil = new Vigil(service, ({ body }) => {
      const { totals } = body as { totals: { records: number } };
      expect(totals.records, 'records of /v1/usage').toBeGreaterThanOrEqual(3);
    });

    // The newest come first and keep every thread until their deadline, ten times the least one. Meanwhile one of
    // the batch that waits behind them becomes endless, too late for its batch to be given more time.
    for (const path of [before, hung, after]) {
      append(path!, message());
      utimesSync(path!, 1_000, 1_000);
    }
    const blockers = Array.from({ length: LANES }, (_, at) => writeTranscript(state, `blocker-${at}`, ''));
    for (const path of blockers) makeEndless(path);
    await service.refresh();
    await eventually(async () => {
      const [refresh] = (await service.status()).refreshes;
      expect(refresh).toMatchObject({ ended: null, sessions: 3 + LANES });
    });
    makeEndless(hung!);

    const status = await eventually(async () => {
      const now = await service.status();
      expect(now.refreshes[0]?.ended).toBe('ok');
      return now;
    }, 40_000);
    expect(status.refreshes[0]).toMatchObject({ folded: 2, failed: 1 + LANES });
    const names = [...blockers.map((_, at) => `blocker-${at}.jsonl`), 'hung.jsonl'];
    expect(status.setAside.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const aside of status.setAside) {
      expect(aside).toMatchObject({ agent: 'main', code: 'task_overran', attempts: 1 });
      expect(aside.detail).toMatch(/^scan: expected an end within \d+ ms$/);
      expect(aside.retryAt).toBeGreaterThan(status.now);
    }
    const { totals, snapshot } = await service.usage();
    // Two of each of its neighbours, and of the one that hangs what was known before.
    expect(totals.records).toBe(5);
    expect(snapshot).toMatchObject({ state: 'degraded', coverage: { pending: 0, failed: 1 + LANES } });

    // Those that did not change are not tried again before their time; the one that did is sane when it is.
    writeTranscript(state, 'hung', message());
    await service.refresh();
    await eventually(async () => {
      const [refresh] = (await service.status()).refreshes;
      expect(refresh).toMatchObject({ ended: 'ok', folded: 1, failed: 0 });
    });
    expect((await service.status()).setAside).toHaveLength(LANES);

    for (const path of blockers.slice(1)) rmSync(path);
    writeTranscript(state, 'blocker-0', message());
    await service.refresh();
    await eventually(async () => {
      expect((await service.usage()).snapshot).toMatchObject({ state: 'fresh', coverage: { pending: 0, failed: 0 } });
    });
    await expectUsageOf(state, service);
    expect(await service.status()).toMatchObject({ setAside: [], failures: 0 });
    const { faults, states } = await vigil.end();
    expect(faults).toEqual([]);
    expect(states).toContain('degraded');
  });
});
