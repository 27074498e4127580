/**
 * When refreshes run: at the start, on a timer, when asked, soon after a change that somebody tells of, and at the next
 * midnight of a precomputed zone. One at a time, for as long as it lives; with a deadline, and after a failure at growing intervals. None gates an answer.
 */
import type { Clock } from '../clock.ts';
import { ClawgaugeError, messageOf } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import type { RefreshOutcome } from './refresh.ts';
import { newRecord, type RefreshRecord, type Trigger } from './refresh-record.ts';
import { nextMidnight } from './window.ts';

/** Refreshes that /v1/status remembers. */
const MAX_RECORDS = 20;
/** Changes come in bursts: a refresh for one waits this long for the others. */
const SETTLE: Milliseconds = 50;
/** Refreshes for changes start at least this far apart, and leave four fifths of the time to others. */
const CHANGE_EVERY: Milliseconds = 1_000;
const CHANGE_SHARE = 5;
/** A refresh that failed is tried again after the interval, or this if it is shorter, doubling up to so many times. */
const FIRST_RETRY: Milliseconds = 30_000;
const MAX_DOUBLINGS = 5;

export interface RefreshLoopOptions {
  readonly clock: Clock;
  readonly interval: Milliseconds;
  readonly deadline: Milliseconds;
  readonly timeZones: readonly string[];
  /** Does one refresh and fills the record; rejects when it failed. */
  readonly refresh: (record: RefreshRecord, signal: AbortSignal) => Promise<RefreshOutcome>;
  /** Told after every refresh, whatever became of it. */
  readonly ended: (record: RefreshRecord, outcome: RefreshOutcome | null) => void;
}

export class RefreshLoop {
  readonly #options: RefreshLoopOptions;
  readonly #records: RefreshRecord[] = [];
  #running: { record: RefreshRecord; abort: AbortController; done: Promise<void> } | null = null;
  /** Asked for again while one runs: the one that runs may have looked too early. */
  #again = false;
  /** Something changed since the last refresh began. */
  #changed = false;
  #startedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #failures = 0;
  #nextRetry: Milliseconds | null = null;
  #stopped = false;

  constructor(options: RefreshLoopOptions) {
    this.#options = options;
  }

  get refreshing(): boolean {
    return this.#running !== null;
  }

  /** The refreshes so far, latest first; the first one may still run. */
  get records(): readonly RefreshRecord[] {
    return this.#records;
  }

  /** Refreshes that failed since the last good one. */
  get failures(): number {
    return this.#failures;
  }

  /** Runs a refresh now, or once more after the one that runs. */
  trigger(trigger: Trigger): void {
    if (this.#stopped) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    this.#cancelTimer();
    this.#changed = false;
    this.#startedAt = this.#options.clock.monotonic();
    const record = newRecord(trigger, this.#options.clock.now());
    this.#records.unshift(record);
    this.#records.length = Math.min(this.#records.length, MAX_RECORDS);
    const abort = new AbortController();
    this.#running = { record, abort, done: this.#run(record, abort) };
  }

  /** A hint that something changed: brings the next refresh forward. The timer finds what no hint told. */
  hint(): void {
    if (this.#changed) return;
    this.#changed = true;
    if (this.#running === null) this.#schedule();
  }

  /** Ends the refresh that runs, and begins no other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#running?.abort.abort(new Error('the service is stopping'));
    await this.#running?.done;
  }

  async #run(record: RefreshRecord, abort: AbortController): Promise<void> {
    const { clock, deadline, refresh, ended } = this.#options;
    const started = clock.monotonic();
    const cancelDeadline = clock.after(deadline, () => {
      abort.abort(new ClawgaugeError('refresh_overran', `expected an end within ${deadline} ms`));
    });
    let outcome: RefreshOutcome | null = null;
    try {
      outcome = await refresh(record, abort.signal);
      record.ended = 'ok';
      this.#failures = 0;
      this.#nextRetry = outcome.report.nextRetry;
    } catch (error) {
      const cause: unknown = abort.signal.aborted ? abort.signal.reason : error;
      record.ended = 'failed';
      record.error = { code: cause instanceof ClawgaugeError ? cause.code : 'internal', detail: messageOf(cause) };
      this.#failures++;
      // Whatever of it still runs must not go on beside the next one.
      abort.abort(cause);
    }
    cancelDeadline();
    record.duration = Math.round(clock.monotonic() - started);
    this.#running = null;
    ended(record, outcome);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#stopped) return;
    if (this.#again && this.#failures === 0) {
      this.#again = false;
      this.trigger('request');
      return;
    }
    this.#again = false;
    this.#cancelTimer();
    const [timer, change] = [this.#delay(), this.#changeDelay()];
    const trigger = change < timer ? 'change' : 'timer';
    this.#cancelTimer = this.#options.clock.after(Math.min(timer, change), () => this.trigger(trigger));
  }

  #changeDelay(): Milliseconds {
    if (!this.#changed || this.#failures > 0) return Number.POSITIVE_INFINITY;
    // The first refresh of all reads everything, and says nothing about those for a change.
    const last = this.#records.find(({ trigger }) => trigger !== 'start');
    const apart = Math.max(CHANGE_EVERY, (last?.duration ?? 0) * CHANGE_SHARE);
    return Math.max(SETTLE, Math.ceil(this.#startedAt + apart - this.#options.clock.monotonic()));
  }

  #delay(): Milliseconds {
    const { clock, interval, timeZones } = this.#options;
    if (this.#failures > 0) {
      return Math.min(interval, FIRST_RETRY) * 2 ** Math.min(this.#failures - 1, MAX_DOUBLINGS);
    }
    const now = clock.now();
    const moments = timeZones.map((zone) => nextMidnight(zone, now));
    // One that is past and was not tried, with its store out of reach, is no reason to hurry.
    if (this.#nextRetry !== null && this.#nextRetry > now) moments.push(this.#nextRetry);
    return Math.max(1, Math.min(interval, ...moments.map((moment) => moment - now)));
  }
}
