/** The service's threads: the scan pool and the keeper, and typed calls of both. */
import { availableParallelism } from 'node:os';
import type { MemoryBudget } from '../cache/memory-budget.ts';
import type { ReadTask } from '../compute/session-read.ts';
import { meterMemory, readMeter, type ThreadMemory } from '../memory-meter.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { KeeperCalls, KeeperSettings } from './keeper-calls.ts';
import { FOREGROUND, LaneQueue } from './lane-queue.ts';
import type { WorkLimits } from './shedding.ts';
import { type Deadlines, scanDeadline } from './task-deadline.ts';
import { ThreadPool } from './thread-pool.ts';
import { workerFile } from './worker-file.ts';

/** Scanning yields to everything else on the machine, the gateway first; building views yields to sending them. */
const SCAN_NICENESS = 10;
const KEEPER_NICENESS = 5;
/** Longer than the usual time between two refreshes: starting a thread costs more than all of a quiet refresh. */
const SCAN_IDLE: Milliseconds = 30_000;
/** How long a session is read at most because somebody asked, and how much of the deadline of other tasks. */
const READ_WITHIN: Milliseconds = 10_000;
const READ_SHARE = 1 / 2;

type Question =
  | 'view'
  | 'locate'
  | 'call'
  | 'goOn'
  | 'exportBegin'
  | 'exportMore'
  | 'exportEnd'
  | 'memory'
  | 'metrics'
  | 'dueNotices'
  | 'settleNotices'
  | 'limit';

export class Threads {
  readonly #scan: ThreadPool;
  readonly #keeper: ThreadPool;
  readonly #deadlines: Deadlines;
  readonly #meter: SharedArrayBuffer;
  /** What may be done at once, and how large. */
  limits: WorkLimits;

  constructor(
    settings: Omit<KeeperSettings, 'meter' | 'bufferShare'>,
    budget: MemoryBudget,
    limits: WorkLimits,
    deadlines: Deadlines,
  ) {
    this.#deadlines = deadlines;
    this.limits = limits;
    this.#meter = meterMemory();
    this.#scan = new ThreadPool({
      filename: workerFile('../compute/scan.worker'),
      threads: budget.scanThreads,
      heap: budget.scanHeap,
      workerData: this.#meter,
      taskQueue: new LaneQueue(),
      niceIncrement: SCAN_NICENESS,
      idleTimeout: SCAN_IDLE,
    });
    this.#keeper = new ThreadPool({
      filename: workerFile('./keeper.worker'),
      threads: 1,
      heap: budget.keeperHeap,
      workerData: {
        ...settings,
        meter: this.#meter,
        bufferShare: budget.buffers + budget.rollup,
      } satisfies KeeperSettings,
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

  /** How many batches may be scanned at once: as many as there are threads while nothing is known yet, leaving out a core in daily life. */
  concurrency(firstFold: boolean): number {
    const { scans } = this.limits;
    return firstFold ? scans : Math.min(scans, Math.max(1, availableParallelism() - 1));
  }

  /** Runs a scan thread's function on an envelope, which is copied: a batch that fails is needed again. */
  scan(name: 'inventory' | 'scan', envelope: Uint8Array, bytes: Bytes, signal: AbortSignal): Promise<Uint8Array> {
    return this.#scan.run(name, envelope, { deadline: scanDeadline(bytes, this.#deadlines), signal });
  }

  /** Has a scan thread read a session, before what else waits for one; it ends early by itself. */
  read(task: Omit<ReadTask, 'within'>): Promise<Uint8Array> {
    const within = Math.min(READ_WITHIN, this.#deadlines.taskDeadline * READ_SHARE);
    // It may have to wait for the longest of batches first.
    const deadline = within + scanDeadline(Number.POSITIVE_INFINITY, this.#deadlines);
    return this.#scan.run('read', { ...task, within } satisfies ReadTask, { deadline, queue: FOREGROUND });
  }

  /** Has a scan thread read details of session indexes, before what else waits for one. */
  details(request: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const deadline = this.#deadlines.taskDeadline;
    return this.#scan.run('details', { request }, { deadline, queue: FOREGROUND });
  }

  /** A step of a refresh. @param given bytes of the task that are handed over rather than copied */
  step<Name extends keyof KeeperCalls>(
    name: Name,
    task: KeeperCalls[Name]['task'],
    signal?: AbortSignal,
    given: Uint8Array | null = null,
  ): Promise<KeeperCalls[Name]['answer']> {
    // Shared memory cannot be handed over, and is not copied either.
    const transfer = given?.buffer instanceof ArrayBuffer ? [given.buffer] : [];
    return this.#keeper.run(name, task, { deadline: this.#deadlines.taskDeadline, signal, transfer });
  }

  /** A question that somebody waits for; it comes before the steps of a refresh. */
  ask<Name extends Question>(name: Name, task: KeeperCalls[Name]['task']): Promise<KeeperCalls[Name]['answer']> {
    return this.#keeper.run(name, { ...task }, { deadline: this.#deadlines.taskDeadline, queue: FOREGROUND });
  }

  counts(): { scan: number; keeper: number; oldestTask: Milliseconds } {
    const oldestTask = Math.max(this.#scan.oldestTask(), this.#keeper.oldestTask());
    const [scan, keeper] = [this.#scan.threads.length, this.#keeper.threads.length];
    return { scan, keeper, oldestTask: Math.round(oldestTask) };
  }

  /** What each thread held after its last task. */
  memory(): { scan: ThreadMemory[]; keeper: ThreadMemory[] } {
    const [scan, keeper] = [this.#scan.threads, this.#keeper.threads];
    const noted = readMeter(this.#meter, new Set([...scan, ...keeper]));
    const of = (threads: readonly number[]) => threads.flatMap((thread) => noted.get(thread) ?? []);
    return { scan: of(scan), keeper: of(keeper) };
  }

  /** Ends the scan threads, unless one of them is at work. */
  endIdleScans(): Promise<void> {
    return this.#scan.endIdle();
  }

  /** Ends the keeper with what it does; the next one knows what the digest store knows. */
  restartKeeper(): Promise<void> {
    return this.#keeper.restart();
  }

  async close(): Promise<void> {
    await Promise.all([this.#scan.close(), this.#keeper.close()]);
  }
}
