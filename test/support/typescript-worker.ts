/** Starts a TypeScript module of src/ as a worker thread. Node 20 does not apply `--import tsx` to a worker's entry. */
import { Worker } from 'node:worker_threads';

export function typescriptWorker(module: URL, workerData: unknown): Worker {
  const entry = `
    const { register } = await import('tsx/esm/api');
    register();
    await import(${JSON.stringify(module.href)});`;
  return new Worker(`void (async () => {${entry}})();`, { eval: true, workerData });
}
