/**
 * The demonstration's worker thread: generates a store, then keeps it alive. Started with DemoWorkerData; posts one
 * DemoWorkerMessage when the store is complete; ends when the parent posts DemoWorkerOrder or terminates it. What goes
 * wrong ends the thread and reaches the parent as the Worker's `error` event.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import type { Milliseconds } from '../units.ts';
import { DemoAppender } from './appender.ts';
import type { StoreManifest } from './manifest.ts';
import type { StoreOptions } from './options.ts';
import { generateStore } from './store-generator.ts';

export interface DemoWorkerData {
  /** Must not hold a state yet. */
  readonly directory: string;
  /** Dated at the clock's now unless `now` is given. */
  readonly options: Partial<StoreOptions>;
  /** How often something is appended; about 1,000. */
  readonly intervalMs: Milliseconds;
}

export interface DemoWorkerMessage {
  readonly type: 'ready';
  readonly manifest: StoreManifest;
}

export interface DemoWorkerOrder {
  readonly type: 'stop';
}

if (parentPort === null) throw new Error('demo.worker runs as a worker thread only');
const port = parentPort;
const { directory, options, intervalMs } = workerData as DemoWorkerData;

const manifest = generateStore(directory, { now: systemClock.now(), ...options });
const appender = new DemoAppender(directory, { seed: manifest.options.seed, clock: systemClock });
let cancel = systemClock.after(intervalMs, tick);
// The clock's timers hold no thread; this listener does.
port.on('message', (order: DemoWorkerOrder) => {
  if (order.type !== 'stop') return;
  cancel();
  port.close();
});
port.postMessage({ type: 'ready', manifest } satisfies DemoWorkerMessage);

function tick(): void {
  appender.step();
  cancel = systemClock.after(intervalMs, tick);
}
