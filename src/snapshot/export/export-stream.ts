/** An export as a stream: the keeper is asked for the next lines when the reader has taken the last ones, and not before. */
import { Readable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { ClawgaugeError } from '../../errors.ts';
import { type Bytes, KIB, type Milliseconds } from '../../units.ts';
import type { Threads } from '../threads.ts';
import type { Window } from '../window.ts';
import type { ExportChunk } from './export-jobs.ts';
import type { ExportQuery } from './export-query.ts';

export type OpenedExport =
  | { readonly kind: 'open'; readonly window: Window; readonly stream: Readable }
  /** Not everything is known yet. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'error'; readonly error: ClawgaugeError };

/** How long a reader may take nothing. */
const MOST_IDLE: Milliseconds = 60_000;
/** What is held for a reader that takes nothing, beside one chunk. */
const HELD: Bytes = 64 * KIB;

type Ask = Pick<Threads, 'ask'>;

/** Begins an export of this moment. */
export async function openExport(threads: Ask, query: ExportQuery, clock: Clock): Promise<OpenedExport> {
  const answer = await threads.ask('exportBegin', { query, now: clock.now() }).catch(() => null);
  if (answer === null || answer.kind === 'unavailable') return { kind: 'pending' };
  if (answer.kind === 'error') return { kind: 'error', error: new ClawgaugeError(answer.code, answer.detail) };
  return { kind: 'open', window: answer.window, stream: new ExportStream(threads, answer, clock) };
}

class ExportStream extends Readable {
  readonly #threads: Ask;
  readonly #clock: Clock;
  /** What the keeper gave and nobody took. */
  #next: ExportChunk | null;
  readonly #job: number;
  #done = false;
  #cancelWait: () => void = () => {};

  constructor(threads: Ask, first: ExportChunk, clock: Clock) {
    super({ highWaterMark: HELD });
    this.#threads = threads;
    this.#clock = clock;
    this.#next = first;
    this.#job = first.job;
    this.#waitForReader();
  }

  override _read(): void {
    this.#cancelWait();
    this.#give().catch((error: unknown) => this.destroy(error as Error));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#cancelWait();
    if (!this.#done) void this.#threads.ask('exportEnd', { job: this.#job }).catch(() => {});
    callback(error);
  }

  async #give(): Promise<void> {
    for (;;) {
      const chunk = this.#next ?? (await this.#threads.ask('exportMore', { job: this.#job }));
      this.#next = null;
      if (this.destroyed) return;
      if (chunk === null) throw new Error('the keeper has this export no longer');
      this.#done = chunk.done;
      if (chunk.bytes.length > 0) {
        this.#waitForReader();
        this.push(chunk.bytes);
      }
      if (chunk.done) this.push(null);
      if (chunk.done || chunk.bytes.length > 0) return;
    }
  }

  #waitForReader(): void {
    this.#cancelWait();
    const detail = `nothing of the export was taken for ${MOST_IDLE / 1000} s`;
    this.#cancelWait = this.#clock.after(MOST_IDLE, () => this.destroy(new Error(detail)));
  }
}
