/** `clawgauge demo`: the service on a store that is made up in a temporary directory and goes on growing. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import type { DemoWorkerData, DemoWorkerMessage } from '../demo/demo.worker.ts';
import { ClawgaugeError } from '../errors.ts';
import { type RunningServer, startServer } from '../server.ts';
import { workerFile } from '../snapshot/worker-file.ts';
import type { Milliseconds } from '../units.ts';
import { ConsoleReporter, outliveReaders } from './console.ts';

const APPEND_EVERY: Milliseconds = 1_000;
const PORTS_TRIED = 50;

/** `options.stateDirectory` and the directories of our own are replaced by temporary ones, removed at the end. */
export async function demo(options: ServiceOptions, sessions: number): Promise<RunningServer> {
  outliveReaders();
  const port = await freePort(options.host, options.port);
  const directory = await mkdtemp(join(tmpdir(), 'clawgauge-demo-'));
  const stateDirectory = join(directory, 'state');
  process.stdout.write(`Making up a store of ${sessions} sessions for each of 9 agents ...\n`);
  const workerData: DemoWorkerData = { directory: stateDirectory, options: { sessions }, intervalMs: APPEND_EVERY };
  const worker = new Worker(workerFile('../demo/demo.worker'), { workerData });
  const cleanUp = async () => {
    await worker.terminate();
    await rm(directory, { recursive: true, force: true });
  };
  const interrupted = () => void cleanUp().finally(() => process.exit(1));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  await storeMade(worker);
  const reporter = new ConsoleReporter(process.stdout, [stateDirectory], systemClock.monotonic);
  const served = {
    ...options,
    port,
    stateDirectory,
    openclawConfigPath: join(stateDirectory, 'openclaw.json'),
    otherStates: [],
    dataDir: join(directory, 'data'),
    cacheDir: join(directory, 'cache'),
  };
  // From here on the server holds signals, ends in order, and cleans up at its end.
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  const server = await startServer(
    served,
    {
      listening: (url) => reporter.listening(url),
      progress: (coverage, bytes) => reporter.progress(coverage, bytes),
      refreshed: (record, problems) => reporter.refreshed(record, problems),
    },
    cleanUp,
  );
  process.stdout.write(`Something is appended every second. Try: curl '${server.url}/v1/usage?range=today'\n`);
  process.stdout.write('Ctrl-C ends the demo and removes the store.\n');
  return server;
}

/** Resolves when the store is complete; it goes on growing. */
function storeMade(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: DemoWorkerMessage) => {
      if (message.type === 'ready') resolve();
    });
  });
}

/** The first free port from `from` on; 0 stays 0. Throws `address_unavailable`. */
async function freePort(host: string, from: number): Promise<number> {
  if (from === 0) return 0;
  for (let port = from; port < from + PORTS_TRIED && port < 65_536; port++) if (await isFree(host, port)) return port;
  throw new ClawgaugeError('address_unavailable', `expected a free port from ${from} on; found none`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
