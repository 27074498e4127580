/** The exports that the keeper is making, in steps so short that other questions come in between, and only as they are asked for. */
import type { Clock } from '../../clock.ts';
import type { Bytes, Milliseconds } from '../../units.ts';
import { KIB } from '../../units.ts';
import type { KeptState } from '../kept-state.ts';
import { resolveWindow, type Window } from '../window.ts';
import { type ExportRow, type LineWriter, lineWriter } from './export-lines.ts';
import type { ExportQuery } from './export-query.ts';
import { sessionColumns, sessionRows } from './session-rows.ts';
import { usageColumns, usageRows } from './usage-rows.ts';

/** As long as a question may have to wait for a step, but for what one row takes. */
const STEP_TIME: Milliseconds = 10;
const CHUNK: Bytes = 64 * KIB;
/** Whoever begins one ends it, unless that thread is in trouble. */
const MOST_JOBS = 8;

export interface ExportChunk {
  readonly job: number;
  /** Whole lines; none, if time was over before there were any. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether these were the last ones. */
  readonly done: boolean;
}

interface Job {
  readonly rows: Iterator<ExportRow>;
  readonly writer: LineWriter;
}

export class ExportJobs {
  readonly #state: KeptState;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #jobs = new Map<number, Job>();
  #last = 0;

  constructor(state: KeptState, clock: Pick<Clock, 'monotonic'>) {
    this.#state = state;
    this.#clock = clock;
  }

  /** Begins an export. Throws `invalid_parameter`, or DigestUnavailable. */
  begin(query: ExportQuery, now: Milliseconds): ExportChunk & { readonly window: Window } {
    for (const job of this.#jobs.keys()) if (this.#jobs.size >= MOST_JOBS) this.#jobs.delete(job);
    const { filters, format } = query;
    const window = resolveWindow(query, now, this.#state.activity());
    const [columns, rows] =
      query.what === 'usage'
        ? [usageColumns, usageRows(this.#state, filters, window)]
        : [sessionColumns, sessionRows(this.#state, filters, window)];
    const writer = lineWriter(format, columns);
    const number = ++this.#last;
    this.#jobs.set(number, { rows, writer });
    return { ...this.#step(number, { rows, writer }, writer.head), window };
  }

  /** The next lines; null where there is no such export any more. Throws DigestUnavailable. */
  goOn(number: number): ExportChunk | null {
    const job = this.#jobs.get(number);
    return job === undefined ? null : this.#step(number, job, '');
  }

  /** Nobody wants the rest. */
  end(number: number): void {
    this.#jobs.delete(number);
  }

  #step(job: number, { rows, writer }: Job, head: string): ExportChunk {
    const end = this.#clock.monotonic() + STEP_TIME;
    let text = head;
    let done = false;
    try {
      while (!done && text.length < CHUNK && this.#clock.monotonic() < end) {
        const next = rows.next();
        if (next.done) done = true;
        else text += writer.line(next.value);
      }
    } catch (error) {
      this.#jobs.delete(job);
      throw error;
    }
    if (done) this.#jobs.delete(job);
    return { job, bytes: new TextEncoder().encode(text), done };
  }
}
