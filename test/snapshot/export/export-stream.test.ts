/** Backpressure: what is asked of the keeper follows what the reader takes. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { exportQuery } from '../../../src/snapshot/export/export-query.ts';
import { openExport } from '../../../src/snapshot/export/export-stream.ts';
import type { ExportAnswer } from '../../../src/snapshot/keeper-calls.ts';
import type { Threads } from '../../../src/snapshot/threads.ts';
import { KIB } from '../../../src/units.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const CHUNK = 64 * KIB;
const QUERY = exportQuery({ timeZone: 'UTC' });

/** A keeper with so many chunks. */
class Chunks {
  readonly asked: string[] = [];
  #left: number;

  constructor(chunks: number) {
    this.#left = chunks;
  }

  ask = (async (name: string) => {
    this.asked.push(name);
    if (name === 'exportEnd') return null;
    const chunk = { job: 1, bytes: new Uint8Array(CHUNK), done: --this.#left === 0 };
    return name === 'exportBegin' ? { kind: 'begun', window: {}, ...chunk } : chunk;
  }) as Threads['ask'];
}

async function opened(chunks: Pick<Threads, 'ask'>, clock = new ManualClock(0)) {
  const answer = await openExport(chunks, QUERY, clock);
  if (answer.kind !== 'open') throw new Error(`expected an open export; got ${answer.kind}`);
  return answer.stream;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

describe('an export', () => {
  test('is given out to its last byte', async () => {
    const chunks = new Chunks(5);
    let bytes = 0;
    for await (const chunk of await opened(chunks)) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(5 * CHUNK);
    expect(chunks.asked).toEqual(['exportBegin', ...Array<string>(4).fill('exportMore')]);
  });

  test('asks for no more than two chunks while nobody takes them, and ends after a minute', async () => {
    const chunks = new Chunks(1000);
    const clock = new ManualClock(0);
    const stream = await opened(chunks, clock);
    const failed = new Promise<Error>((resolve) => stream.once('error', resolve));
    stream.read(0);
    await turns();
    expect(chunks.asked.length).toBeLessThanOrEqual(2);
    await clock.advance(60_000);
    expect((await failed).message).toMatch(/nothing of the export was taken/);
    expect(chunks.asked.at(-1)).toBe('exportEnd');
  });

  test('is ended with the reader, also one that never read', async () => {
    const chunks = new Chunks(1000);
    (await opened(chunks)).destroy();
    await turns();
    expect(chunks.asked).toEqual(['exportBegin', 'exportEnd']);
  });

  test('fails in the middle when the keeper has it no longer', async () => {
    const chunks = new Chunks(1000);
    const gone = (async (name: string) =>
      name === 'exportMore' ? null : chunks.ask(name as 'exportBegin', { query: QUERY, now: 0 })) as Threads['ask'];
    const stream = await opened({ ask: gone });
    await expect(stream.toArray()).rejects.toThrow(/no longer/);
  });

  test.each<[ExportAnswer, object]>([
    [{ kind: 'unavailable' }, { kind: 'pending' }],
    [
      { kind: 'error', code: 'invalid_parameter', detail: 'no' },
      { kind: 'error', error: { code: 'invalid_parameter' } },
    ],
  ])('that is %j is not opened', async (answer, outcome) => {
    expect(
      await openExport({ ask: (async () => answer) as unknown as Threads['ask'] }, QUERY, new ManualClock(0)),
    ).toMatchObject(outcome);
  });

  test('waits for a keeper that comes to grief', async () => {
    const ask = (() => Promise.reject(new Error('gone'))) as Threads['ask'];
    expect(await openExport({ ask }, QUERY, new ManualClock(0))).toEqual({ kind: 'pending' });
  });
});
