/** A piscina pool of which every task has a deadline, and of which a thread's end is told apart by its cause. */
import { Piscina, queueOptionsSymbol } from 'piscina';
import { ClawgaugeError, messageOf } from '../errors.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';

/** Young generation of every worker: short-lived garbage only, and the default triples the peak memory. */
const YOUNG_MIB = 2;

export interface ThreadPoolOptions {
  /** Absolute path of the entry. */
  readonly filename: string;
  readonly threads: number;
  readonly heap: Bytes;
  readonly workerData?: unknown;
  readonly taskQueue?: Piscina['options']['taskQueue'];
  /** Added to the process's own niceness; 0 leaves it. */
  readonly niceIncrement?: number;
  /** How long a thread without work stays; Infinity for as long as the pool lives. */
  readonly idleTimeout: Milliseconds;
}

export interface TaskOptions {
  readonly deadline: Milliseconds;
  /** Ends the task, and its thread, before the deadline. */
  readonly signal?: AbortSignal | undefined;
  /** Buffers of the task that are handed over rather than copied. */
  readonly transfer?: readonly ArrayBuffer[];
  /** What the pool's queue sorts by. */
  readonly queue?: object;
}

interface RunningTask {
  readonly started: Milliseconds;
  /** Aborts it when there is no thread for it and none can start. */
  readonly abandon: AbortController;
}

export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #running = new Set<RunningTask>();
  #pool: Piscina;
  /** Settles when the threads have been replaced; null unless that goes on. */
  #restarting: Promise<void> | null = null;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#pool = this.#begin();
  }

  /**
   * Runs a function of the worker. Throws task_overran (its thread has been ended), task_out_of_memory, task_crashed,
   * or what the function itself threw, as its message.
   */
  async run<Answer>(name: string, task: object, options: TaskOptions): Promise<Answer> {
    const { deadline, signal, transfer = [], queue } = options;
    const overrun = AbortSignal.timeout(deadline);
    const running: RunningTask = { started: performance.now(), abandon: new AbortController() };
    const abandoned = running.abandon.signal;
    this.#running.add(running);
    try {
      if (this.#restarting !== null) await this.#restarting;
      return (await this.#pool.run(queue === undefined ? task : Object.assign(task, { [queueOptionsSymbol]: queue }), {
        name,
        transferList: [...transfer],
        signal: AbortSignal.any(signal === undefined ? [overrun, abandoned] : [overrun, abandoned, signal]),
      })) as Answer;
    } catch (error) {
      if (overrun.aborted) {
        throw new ClawgaugeError('task_overran', `${name}: expected an end within ${deadline} ms`, { cause: error });
      }
      if (abandoned.aborted) {
        const cause: unknown = abandoned.reason;
        throw new ClawgaugeError('task_crashed', `${name}: no thread can start: ${messageOf(cause)}`, { cause });
      }
      throw classified(name, error);
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ids of the threads that there are. */
  get threads(): number[] {
    return this.#pool.threads.map(({ threadId }) => threadId);
  }

  /** Ends every thread, and what it does with task_crashed. What is asked for from then on waits for new threads. */
  restart(): Promise<void> {
    this.#restarting ??= this.#pool.destroy().finally(() => {
      this.#pool = this.#begin();
      this.#restarting = null;
    });
    return this.#restarting;
  }

  /** Ends every thread, if none has anything to do. */
  async endIdle(): Promise<void> {
    if (this.#running.size === 0) await this.restart();
  }

  /** How long the oldest task has been with the pool; 0 without any. */
  oldestTask(): Milliseconds {
    const now = performance.now();
    return Math.max(0, ...[...this.#running].map(({ started }) => now - started));
  }

  /** Ends every thread at once. */
  async close(): Promise<void> {
    await this.#restarting;
    await this.#pool.destroy();
  }

  #begin(): Piscina {
    const { filename, threads, heap, workerData, taskQueue, niceIncrement = 0, idleTimeout } = this.#options;
    const pool = new Piscina({
      filename,
      workerData,
      ...(taskQueue === undefined ? {} : { taskQueue }),
      minThreads: Number.isFinite(idleTimeout) ? 0 : threads,
      maxThreads: threads,
      idleTimeout: Number.isFinite(idleTimeout) ? idleTimeout : 0,
      niceIncrement,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.round(heap / MIB) - YOUNG_MIB,
        maxYoungGenerationSizeMb: YOUNG_MIB,
      },
      recordTiming: false,
      // Atomics.wait would keep an idle thread from seeing that it is to end.
      atomics: 'disabled',
    });
    // A thread that dies between tasks is replaced by the pool. One that cannot start leaves its task to wait.
    pool.on('error', (error) => {
      if (pool.threads.length > 0) return;
      for (const { abandon } of this.#running) abandon.abort(error);
    });
    return pool;
  }
}

/** Thread ends as errors of the catalogue; what a task threw stays what it is. */
function classified(name: string, error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new ClawgaugeError('task_out_of_memory', `${name}: ${messageOf(error)}`, { cause: error });
  }
  if (code === 'ERR_WORKER_INIT_FAILED' || /worker (exited|thread)|terminat/i.test(messageOf(error))) {
    return new ClawgaugeError('task_crashed', `${name}: ${messageOf(error)}`, { cause: error });
  }
  return error;
}
