import { once } from 'node:events';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { DemoWorkerData, DemoWorkerMessage, DemoWorkerOrder } from '../../src/demo/demo.worker.ts';
import { readTranscripts } from '../support/plain-reading.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { typescriptWorker } from '../support/typescript-worker.ts';

const MODULE = new URL('../../src/demo/demo.worker.ts', import.meta.url);

function startWorker(directory: string): Worker {
  const data: DemoWorkerData = { directory, options: { agents: 2, sessions: 4, meanKb: 10 }, intervalMs: 1 };
  return typescriptWorker(MODULE, data);
}

describe('the demo worker', () => {
  it('says when the store is complete, appends to it, and ends when it is told to', async () => {
    const directory = temporaryStateDir();
    const worker = startWorker(directory);
    const [message] = (await once(worker, 'message')) as [DemoWorkerMessage];
    expect(message.type).toBe('ready');
    expect(message.manifest.totals.transcripts).toBe(8);
    while (bytesOf(directory) <= message.manifest.totals.bytes) await new Promise((resolve) => setImmediate(resolve));
    worker.postMessage({ type: 'stop' } satisfies DemoWorkerOrder);
    expect(await once(worker, 'exit')).toEqual([0]);
  });

  it('fails with an error event where no store can be written', async () => {
    const worker = startWorker(join(import.meta.filename, 'not-a-directory'));
    const [error] = (await once(worker, 'error')) as [Error];
    expect(error.message).toContain('ENOTDIR');
  });
});

function bytesOf(directory: string): number {
  return readTranscripts(directory).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
}
