/** The service's threads: the scan pool and the keeper, and typed calls of both. */
import { availableParallelism } from 'node:os';
import type { MemoryBudget } from '../cache/memory-budget.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { KeeperCalls, KeeperSettings } from './keeper-calls.ts';
import { FOREGROUND, LaneQueue } from './lane-queue.ts';
import { type Deadlines, scanDeadline } from './task-deadline.ts';
import { ThreadPool } from './thread-pool.ts';
import { workerFile } from './worker-file.ts';

/** Scanning yields to everything else on the machine, the gateway first; building views yields to sending them. */
const SCAN_NICENESS = 10;
const KEEPER_NICENESS = 5;
/** Longer than the usual time between two refreshes: starting a thread costs more than all of a quiet refresh. */
const SCAN_IDLE: Milliseconds = 30_000;

export class Threads {
  readonly #scan: ThreadPool;
  readonly #keeper: ThreadPool;
  readonly #deadlines: Deadlines;

  constructor(settings: KeeperSettings, budget: MemoryBudget, deadlines: Deadlines) {
    this.#deadlines = deadlines;
    this.#scan = new ThreadPool({
      filename: workerFile('../compute/scan.worker'),
      threads: availableParallelism(),
      heap: budget.scanHeap,
      niceIncrement: SCAN_NICENESS,
      idleTimeout: SCAN_IDLE,
    });
    this.#keeper = new ThreadPool({
      filename: workerFile('./keeper.worker'),
      threads: 1,
      heap: budget.keeperHeap,
      workerData: settings,
      taskQueue: new LaneQueue(),
      niceIncrement: KEEPER_NICENESS,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
  }

  /** Starts the scan thread that takes the first inventory, so that it loads while the keeper does; resolves when it is up. */
  prepare(): Promise<void> {
    // One that cannot start fails the inventory, which is told.
    return this.#scan.run<void>('ready', {}, { deadline: this.#deadlines.taskDeadline }).catch(() => {});
  }

  /** How many batches may be scanned at once: all cores while nothing is known yet, one less in daily life. */
  concurrency(firstFold: boolean): number {
    return firstFold ? availableParallelism() : Math.max(1, availableParallelism() - 1);
  }

  /** Runs a scan thread's function on an envelope, which is copied: a batch that fails is needed again. */
  scan(
    name: 'inventory' | 'scan',
    envelope: Uint8Array,
    bytes: Bytes,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#scan.run(name, envelope, { deadline: scanDeadline(bytes, this.#deadlines), signal });
  }

  /** A step of a refresh. */
  step<Name extends keyof KeeperCalls>(
    name: Name,
    task: KeeperCalls[Name]['task'],
    signal?: AbortSignal,
  ): Promise<KeeperCalls[Name]['answer']> {
    return this.#keeper.run(name, task, { deadline: this.#deadlines.taskDeadline, signal });
  }

  /** A question that somebody waits for; it comes before the steps of a refresh. */
  ask<Name extends 'view' | 'memory'>(
    name: Name,
    task: KeeperCalls[Name]['task'],
  ): Promise<KeeperCalls[Name]['answer']> {
    return this.#keeper.run(name, { ...task }, { deadline: this.#deadlines.taskDeadline, queue: FOREGROUND });
  }

  counts(): { scan: number; keeper: number; oldestTask: Milliseconds } {
    const oldestTask = Math.max(this.#scan.oldestTask(), this.#keeper.oldestTask());
    return { scan: this.#scan.threads, keeper: this.#keeper.threads, oldestTask: Math.round(oldestTask) };
  }

  async close(): Promise<void> {
    await Promise.all([this.#scan.close(), this.#keeper.close()]);
  }
}
