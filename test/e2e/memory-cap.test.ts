/** The memory cap of a whole process: the smallest that is taken works, and one that is run into sheds work, and no answer. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { leastMemoryCap } from '../../src/cache/memory-budget.ts';
import type { CacheAnswer } from '../../src/snapshot/status.ts';
import { type Bytes, KIB, MIB, QUARTER_MS } from '../../src/units.ts';
import { smallStore } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { LEAST_MEMORY, runCommand, type Service, serve } from './service.ts';
import { messages, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

describe('the smallest memory cap', () => {
  it('holds a service, and leaves room', async () => {
    const { directory } = smallStore(7, { now: Date.now() });
    const service = await (await serve(directory, LEAST_MEMORY)).ready();
    await expectUsageOf(directory, service);
    const { memory } = (await service.get('/v1/cache')).body as CacheAnswer;
    expect(memory.cap).toBe(leastMemoryCap());
    expect(memory.owners.reduce((sum, { budget }) => sum + budget, 0)).toBe(memory.cap);
    expect(memory.owners.reduce((sum, { used }) => sum + used, 0)).toBe(memory.rss);
    expect((await service.status()).shedding).toMatchObject({ level: 0, steps: { up: 0 } });
    expect(peakMemory(service)).toBeLessThan(leastMemoryCap());
  });

  it('is told to whoever asks for less', async () => {
    const least = leastMemoryCap() / MIB;
    const { code, stderr } = await runCommand(['serve', '--memory-cap', `${least - 1}mb`]);
    expect(code).toBe(2);
    expect(stderr).toContain(`expected a size of at least ${least}mb`);
  });
});

describe('a service that is driven to its memory cap', () => {
  it('sheds work, answers all the while, stays right, and does not go far beyond', async () => {
    const { directory } = smallStore(8, { now: Date.now() });
    const service = await (await serve(directory, LEAST_MEMORY)).ready();
    const vigil = new Vigil(service);
    // As many different quarter hours as its threads can just hold.
    for (let at = 0; at < 8; at++) {
      writeTranscript(directory, `long-${at}`, messages(6_000, Date.UTC(2000 + at), QUARTER_MS));
    }
    await eventually(async () => expect((await service.status()).shedding.steps.up).toBeGreaterThan(0));
    await eventually(() => expectUsageOf(directory, service));
    expect(peakMemory(service)).toBeLessThan(1.1 * leastMemoryCap());
    const { faults, states } = await vigil.end();
    expect(faults).toEqual([]);
    expect(states).toContain('degraded');
  });
});

/** The most that the process ever held. */
function peakMemory({ pid }: Service): Bytes {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(peak) * KIB;
}
