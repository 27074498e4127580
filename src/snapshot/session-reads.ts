/**
 * Answers that are read from transcripts when somebody asks: coalesced, one reading at a time, given up when nobody
 * waits any more, and kept by the stamps of what was read under a bound in bytes.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { unpack } from '../compute/envelope.ts';
import type { ReadAnswer, ReadTask } from '../compute/session-read.ts';
import { ClawgaugeError, messageOf } from '../errors.ts';
import type { Rendering } from '../rendering.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { LocateAnswer } from './keeper-calls.ts';
import { type ReadQuery, readKey } from './read-query.ts';

const ENTRY_OVERHEAD: Bytes = 1024;
/** Readings that may wait for the one that goes on. */
const MAX_WAITING = 16;
/** An answer that lacks something for want of time is as good as none after a while: the disk may be faster then. */
const PARTIAL_STAYS: Milliseconds = 30_000;
/** How long an answer waits, whatever its size, for whoever was told to ask again. */
const LATEST_STAYS: Milliseconds = 30_000;

export type ReadOutcome =
  | { readonly kind: 'ready'; readonly view: Rendering; readonly partial: boolean }
  /** Not in time; it is read on for whoever asks again. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'error'; readonly error: ClawgaugeError };

export interface ReadMeans {
  readonly clock: Clock;
  /** Which transcripts it is about, from the keeper. */
  locate(query: ReadQuery): Promise<LocateAnswer>;
  /** Has a scan thread read them; the answer is an envelope with a ReadAnswer. */
  read(task: Omit<ReadTask, 'within'>): Promise<Uint8Array>;
}

interface Kept {
  readonly rendering: Rendering;
  readonly about: string;
  readonly stamps: readonly string[];
  /** Null for an answer that lacks nothing. */
  readonly partialUntil: Milliseconds | null;
}

/** One reading, and who waits for it. */
interface Flight {
  readonly outcome: Promise<ReadOutcome>;
  readonly stop: Int32Array;
  waiting: number;
  /** Somebody was told to ask again: it is not given up. */
  promised: boolean;
}

export class SessionReads {
  readonly #means: ReadMeans;
  #kept: LRUCache<string, Kept>;
  /** The last one, for a while also where it is too large to be kept. */
  #latest: { readonly key: string; readonly kept: Kept } | null = null;
  readonly #flights = new Map<string, Flight>();
  /** The end of the reading that goes on, and of those that wait for it. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(means: ReadMeans, cap: Bytes) {
    this.#means = means;
    this.#kept = keptUnder(cap);
  }

  /** Bounds what is kept anew, and lets go of all that is. */
  resize(cap: Bytes): void {
    this.#kept = keptUnder(cap);
    this.#latest = null;
  }

  get entries(): number {
    return this.#kept.size;
  }

  get bytes(): Bytes {
    return this.#kept.calculatedSize;
  }

  /** Never rejects. @param within how long whoever asks waits @param signal aborted when they left */
  async ask(query: ReadQuery, within: Milliseconds, signal: AbortSignal): Promise<ReadOutcome> {
    const key = readKey(query);
    const flight = this.#flights.get(key) ?? this.#begin(key, query);
    flight.waiting++;
    const outcome = await this.#wait(flight, within, signal);
    flight.waiting--;
    if (outcome !== 'left') return outcome;
    if (flight.waiting === 0 && !flight.promised) {
      Atomics.store(flight.stop, 0, 1);
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    }
    return { kind: 'pending' };
  }

  #wait(flight: Flight, within: Milliseconds, signal: AbortSignal): Promise<ReadOutcome | 'left'> {
    return new Promise((resolve) => {
      const leave = () => resolve('left');
      const cancel = this.#means.clock.after(within, () => {
        flight.promised = true;
        resolve({ kind: 'pending' });
      });
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave, { once: true });
      void flight.outcome.then(resolve);
      void flight.outcome.finally(() => {
        cancel();
        signal.removeEventListener('abort', leave);
      });
    });
  }

  #begin(key: string, query: ReadQuery): Flight {
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const outcome = this.#fly(key, query, stop).catch((error: unknown): ReadOutcome => {
      if (error instanceof ClawgaugeError) return { kind: 'error', error };
      const cause = new ClawgaugeError('internal', `the session could not be read: ${messageOf(error)}`, {
        cause: error,
      });
      return { kind: 'error', error: cause };
    });
    const flight: Flight = { outcome, stop, waiting: 0, promised: false };
    this.#flights.set(key, flight);
    void outcome.finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    return flight;
  }

  async #fly(key: string, query: ReadQuery, stop: Int32Array): Promise<ReadOutcome> {
    const located = await this.#means.locate(query);
    if (located.kind === 'unavailable') return { kind: 'pending' };
    if (located.kind === 'error') throw new ClawgaugeError(located.code, located.detail);
    const { about, stamps, request } = located.plan;
    const kept = this.#keptOf(key, about);
    if (kept !== null && isSame(kept.stamps, stamps)) return ready(kept);
    const packed = await this.#inTurn(() => this.#means.read({ request, known: kept?.stamps ?? null, stop }));
    const { header, parts } = unpack<ReadAnswer>(packed);
    switch (header.kind) {
      case 'unchanged':
        return kept === null ? { kind: 'pending' } : ready(kept);
      case 'stopped':
        return { kind: 'pending' };
      case 'error':
        throw new ClawgaugeError(header.code, header.detail);
      case 'read': {
        const [rest = new Uint8Array(), restDeflated = new Uint8Array()] = parts;
        const rendering = { etag: header.etag, rest, restDeflated };
        const partialUntil = header.partial ? this.#means.clock.now() + PARTIAL_STAYS : null;
        const fresh: Kept = { rendering, about, stamps: header.stamps, partialUntil };
        this.#kept.set(key, fresh);
        this.#keepForAWhile(key, fresh);
        return ready(fresh);
      }
    }
  }

  #keepForAWhile(key: string, kept: Kept): void {
    const latest = { key, kept };
    this.#latest = latest;
    this.#means.clock.after(LATEST_STAYS, () => {
      if (this.#latest === latest) this.#latest = null;
    });
  }

  #keptOf(key: string, about: string): Kept | null {
    const kept = this.#latest?.key === key ? this.#latest.kept : this.#kept.get(key);
    if (kept === undefined || kept.about !== about) return null;
    return kept.partialUntil !== null && this.#means.clock.now() >= kept.partialUntil ? null : kept;
  }

  /** One at a time, so that most scan threads are left to the refresh. Throws too_many_requests. */
  async #inTurn<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    if (this.#waiting >= MAX_WAITING) {
      throw new ClawgaugeError('too_many_requests', `At most ${MAX_WAITING} sessions may wait to be read.`);
    }
    this.#waiting++;
    const turn = this.#turn.then(read);
    this.#turn = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}

function keptUnder(cap: Bytes): LRUCache<string, Kept> {
  return new LRUCache({
    // The list itself takes no 0; nothing is as small as 1.
    maxSize: Math.max(1, cap),
    sizeCalculation: ({ rendering, about, stamps }, key) => {
      const text = key.length + about.length + stamps.reduce((sum, stamp) => sum + stamp.length, 0);
      return rendering.rest.byteLength + rendering.restDeflated.byteLength + text * 2 + ENTRY_OVERHEAD;
    },
  });
}

function ready({ rendering, partialUntil }: Kept): ReadOutcome {
  return { kind: 'ready', view: rendering, partial: partialUntil !== null };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((stamp, at) => stamp === b[at]);
}
