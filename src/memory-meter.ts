/**
 * What each thread holds, in memory that all threads share: a thread notes it after its tasks, and the main thread reads
 * it at any time without asking, also while the thread is busy.
 *
 *   slot: thread id (0: free) | KiB of heap | KiB of buffers        one for each thread, 32-bit integers
 */
import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';
import { type Bytes, KIB, type Milliseconds } from './units.ts';

/** More than there ever are threads at a time, and threads that ended and were not yet forgotten. */
const SLOTS = 1024;
const FIELDS = 3;

export interface ThreadMemory {
  /** What V8 holds for the thread's heap, garbage included. */
  readonly heap: Bytes;
  /** Its array buffers and WebAssembly memory. */
  readonly buffers: Bytes;
}

export function meterMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * FIELDS * Int32Array.BYTES_PER_ELEMENT);
}

/** What this thread holds now, WebAssembly memory aside: no statistic counts that. */
export function ownMemory(): ThreadMemory {
  return { heap: getHeapStatistics().total_physical_size, buffers: process.memoryUsage().arrayBuffers };
}

/** A thread's own side of it. */
export class MemoryMeter {
  readonly #fields: Int32Array;
  readonly #wasm: Bytes;
  readonly #thread: number;
  #slot: number | null = null;
  #notedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  /**
   * @param wasm bytes of the thread's WebAssembly memory
   * @param thread its id: not 0, which is the main thread's
   */
  constructor(memory: SharedArrayBuffer, wasm: Bytes = 0, thread = threadId) {
    this.#fields = new Int32Array(memory);
    this.#wasm = wasm;
    this.#thread = thread;
  }

  /**
   * Notes what this thread holds now: a tenth of a millisecond, since the runtime asks the kernel too.
   * @param atMostEvery leaves it at what was noted, if that was no longer ago
   */
  note(atMostEvery: Milliseconds = 0): void {
    this.#slot ??= this.#claim();
    const now = performance.now();
    if (this.#slot === null || now - this.#notedAt < atMostEvery) return;
    this.#notedAt = now;
    const { heap, buffers } = ownMemory();
    Atomics.store(this.#fields, this.#slot + 1, heap / KIB);
    Atomics.store(this.#fields, this.#slot + 2, (buffers + this.#wasm) / KIB);
  }

  #claim(): number | null {
    for (let slot = 0; slot < this.#fields.length; slot += FIELDS) {
      if (Atomics.compareExchange(this.#fields, slot, 0, this.#thread) === 0) return slot;
    }
    return null;
  }
}

/** What threads last noted, by thread id; those that are not alive are forgotten. */
export function readMeter(memory: SharedArrayBuffer, alive: ReadonlySet<number>): Map<number, ThreadMemory> {
  const fields = new Int32Array(memory);
  const found = new Map<number, ThreadMemory>();
  for (let slot = 0; slot < fields.length; slot += FIELDS) {
    const id = Atomics.load(fields, slot);
    if (id === 0) continue;
    if (alive.has(id)) {
      found.set(id, { heap: Atomics.load(fields, slot + 1) * KIB, buffers: Atomics.load(fields, slot + 2) * KIB });
    } else {
      Atomics.store(fields, slot, 0);
    }
  }
  return found;
}
