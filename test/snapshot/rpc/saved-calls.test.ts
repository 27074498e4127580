/** The answers to calls over a restart: which are saved, and how they are sent before anything is known anew. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pack } from '../../../src/compute/envelope.ts';
import { AskedViews } from '../../../src/snapshot/asked-views.ts';
import { CallDesk, type DeskSettings } from '../../../src/snapshot/rpc/call-desk.ts';
import type { CallStep } from '../../../src/snapshot/rpc/call-jobs.ts';
import { SavedCalls } from '../../../src/snapshot/rpc/saved-calls.ts';
import { MIB } from '../../../src/units.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const context = {
  roster: { configured: ['main'], defaultAgent: 'main', impliedOwner: 'main' },
  eras: { main: '2026.5' },
} as const;
const head = {
  id: 's1',
  builtAt: NOW,
  verifiedAt: NOW,
  staleAt: NOW + 30_000,
  state: 'fresh',
  refreshing: false,
  coverage: { transcripts: 3, pending: 0, failed: 0, retained: 0, bytes: 9 },
} as const;
const caller = { signal: new AbortController().signal, transcripts: false };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'clawgauge-calls-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = () => join(directory, 'calls.bin');

/** One run of the service: what is kept, what is saved, and the desk, whose keeper answers as it is told. */
function run(answer: CallStep, { stateDirectory = '/state', redact = false } = {}) {
  const clock = new ManualClock(NOW);
  const asked = new AskedViews(clock, 250, 64 * MIB);
  const saved = new SavedCalls({ cacheDir: directory, stateDirectory, otherStates: [], redact }, asked);
  const ask = () => Promise.resolve(answer);
  const desk = new CallDesk({
    clock,
    threads: { ask, step: ask, details: ask } as unknown as DeskSettings['threads'],
    asked,
    read: () => Promise.resolve({ kind: 'pending' }),
    gatewayZone: 'UTC',
    state: () => (saved.context === null ? null : { context: saved.context, head, generation: '' }),
  });
  return { clock, asked, saved, desk };
}

const rendering = (members: string): CallStep => ({
  kind: 'rendering',
  rendering: pack('', [Buffer.from(members), Buffer.alloc(0)]),
});

/** A run that answers calls, and saves them at its end. */
async function earlierRun(members: string, calls: readonly object[] = [{}]): Promise<void> {
  const earlier = run(rendering(members));
  const desk = new CallDesk({
    clock: earlier.clock,
    threads: {
      ask: () => Promise.resolve(rendering(members)),
    } as unknown as DeskSettings['threads'],
    asked: earlier.asked,
    read: () => Promise.resolve({ kind: 'pending' }),
    gatewayZone: 'UTC',
    state: () => ({ context, head, generation: 'g1' }),
  });
  for (const params of calls) await desk.call('usage.cost', params, caller);
  await earlier.saved.save(context);
}

async function called(desk: CallDesk, params: object = {}): Promise<unknown> {
  const said = await desk.call('usage.cost', params, caller);
  return said.ok ? JSON.parse(Buffer.concat(said.payload).toString()) : said.error;
}

describe('a call after a restart', () => {
  test('is answered at once with what was at hand before, and told that it is', async () => {
    await earlierRun('"days":1');
    const { desk } = run({ kind: 'unavailable' });
    expect(await called(desk)).toMatchObject({ updatedAt: NOW, days: 1, cacheStatus: { status: 'refreshing' } });
  });

  test('gets new figures as soon as there are any', async () => {
    await earlierRun('"days":1');
    expect(await called(run(rendering('"days":2')).desk)).toMatchObject({ days: 2, cacheStatus: { status: 'fresh' } });
  });

  test('that nobody made before waits', async () => {
    await earlierRun('"days":1');
    const { desk, clock } = run({ kind: 'unavailable' });
    const waiting = called(desk, { days: 7 });
    await clock.advance(8_000);
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('the file of answers', () => {
  test('holds at most 4 MiB, of those used last', async () => {
    await earlierRun(
      `"x":"${'x'.repeat(MIB)}"`,
      [1, 2, 3, 4, 5, 6].map((days) => ({ days })),
    );
    expect(statSync(file()).size).toBeLessThan(4 * MIB + 8192);
    const { saved, asked } = run({ kind: 'unavailable' });
    expect(saved.context).toEqual(context);
    expect(asked.entries).toBe(3);
  });

  test('is for its owner alone', async () => {
    await earlierRun('"days":1');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['of another store', { stateDirectory: '/other' }],
    ['of keys in the open where they are hidden', { redact: true }],
  ])('%s is as good as none', async (_, options) => {
    await earlierRun('"days":1');
    expect(run({ kind: 'unavailable' }, options).saved.context).toBeNull();
  });

  test('that is damaged, or missing, is as good as none', async () => {
    expect(run({ kind: 'unavailable' }).saved.context).toBeNull();
    writeFileSync(file(), 'what is this');
    expect(run({ kind: 'unavailable' }).saved.context).toBeNull();
  });
});
