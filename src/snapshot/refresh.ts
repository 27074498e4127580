/** One refresh, step by step: inventory, restore, scan, publish. It knows no timers and no clients; refresh-loop.ts runs it. */
import type { Clock } from '../clock.ts';
import { unpack } from '../compute/envelope.ts';
import type { WatchedDirectory } from '../compute/inventory.ts';
import type { ScanRequest } from '../compute/scan-batch.ts';
import type { Problem } from '../compute/transcript.ts';
import { ClawgaugeError, messageOf } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import type { InventoryOutcome } from './keeper.ts';
import { BATCHES_AT_ONCE, type KeeperReport } from './keeper-calls.ts';
import type { LookReason } from './look-plan.ts';
import { nextSnapshot, type PublishedSnapshot } from './published.ts';
import type { Phase, RefreshRecord } from './refresh-record.ts';
import type { Coverage } from './shapes.ts';
import type { Threads } from './threads.ts';

/**
 * While the first fold runs, what is known so far is published after this time, then after twice it, and so on up to the
 * last: building views holds up the fold, and the more there is the less a second of it changes.
 */
const FIRST_PARTIAL: Milliseconds = 1_000;
const LAST_PARTIAL: Milliseconds = 8_000;
/** After a publication, so many times as long as it took goes to the fold alone: with many sessions building views takes seconds. */
const PARTIAL_REST = 6;
/** A publication is put off for so long, once, where the whole fold is expected to end by then: it would hold that up by a tenth. */
const SOON: Milliseconds = 2_000;
/** Rounds of folding in one refresh: a second one folds again what a rebuilt rollup lost. */
const MAX_ROUNDS = 3;

export interface RefreshContext {
  readonly threads: Pick<Threads, 'prepare' | 'limits' | 'concurrency' | 'scan' | 'step' | 'endIdleScans'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a complete snapshot was ever published; until then partial ones are. */
  readonly complete: boolean;
  readonly reason: LookReason;
  /** Zones whose first pages are to be ready beside those that always are. */
  readonly usedZones: readonly string[];
  /** What is served now. */
  snapshot(): PublishedSnapshot | null;
  publish(snapshot: PublishedSnapshot): void;
  /** Called with the directories that the inventory looked into. */
  lookedInto(directories: readonly WatchedDirectory[]): void;
  /** Called as the fold goes on. */
  progress(coverage: Coverage): void;
}

export interface RefreshOutcome {
  readonly report: KeeperReport;
  readonly problems: readonly Problem[];
}

/** Runs one refresh and fills its record. Throws when it failed: what was published before stays. */
export async function refresh(context: RefreshContext, record: RefreshRecord): Promise<RefreshOutcome> {
  const run = new RefreshRun(context, record);
  const { outcome, report } = await run.phase('inventory', () => run.inventory());
  const { problems, pending } = outcome;
  if (report !== null) {
    record.snapshot = context.snapshot()?.id ?? null;
    return { report, problems };
  }
  await run.phase('restore', () => run.restore());
  await run.phase('scan', () => run.scan(pending));
  await run.phase('publish', async () => {
    if (!context.complete) {
      // Building every view takes the most memory; daily life needs fewer threads, and new ones cost less than these hold.
      void context.threads.endIdleScans();
      // Who waits for the very first figures need not wait for all the views.
      await run.publish(false);
    }
    await run.publish(true);
  });
  return { report: await run.report(), problems };
}

class RefreshRun {
  readonly #context: RefreshContext;
  readonly #record: RefreshRecord;
  #incarnation = '';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: RefreshContext, record: RefreshRecord) {
    this.#context = context;
    this.#record = record;
  }

  async phase<Result>(name: Phase, action: () => Promise<Result>): Promise<Result> {
    const started = this.#context.clock.monotonic();
    try {
      return await action();
    } finally {
      this.#record.phases[name].ms = Math.round(this.#context.clock.monotonic() - started);
    }
  }

  async inventory(): Promise<{ outcome: InventoryOutcome; report: KeeperReport | null }> {
    const { threads, clock, signal, complete, reason, usedZones } = this.#context;
    const [{ incarnation, task, isNew }] = await Promise.all([
      threads.step(
        'begin',
        { ...reason, digestCache: threads.limits.digestCache, usedZones, now: clock.now() },
        signal,
      ),
      complete ? null : threads.prepare(),
    ]);
    this.#incarnation = incarnation;
    for (let next = task; ; ) {
      const finding = threads.scan('inventory', next, 0, signal);
      // All has to be folded, which takes more than one thread: another loads while this one is at work.
      if (isNew && next === task && threads.concurrency(!complete) > 1) void threads.prepare();
      const found = await finding;
      const step = await threads.step('takeInventory', { incarnation, found, now: clock.now() }, signal, found);
      if (step.task === null) {
        const { stores, sessions, looked, added, changed, removed, directories } = step.outcome;
        this.#context.lookedInto(directories);
        Object.assign(this.#record, { stores, sessions, looked, added, changed, removed });
        return step;
      }
      next = step.task;
    }
  }

  async restore(): Promise<void> {
    const { threads, clock, signal } = this.#context;
    while (await threads.step('restore', { incarnation: this.#incarnation, now: clock.now() }, signal));
  }

  /** Folds what is planned, and what that brings to light, until nothing is left that can be folded now. */
  async scan(pending: number): Promise<void> {
    const { threads, clock, signal, complete } = this.#context;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const step = { incarnation: this.#incarnation, now: clock.now(), batchBytes: threads.limits.batchBytes };
      const queue = await threads.step('plan', step, signal);
      if (queue.length === 0) return;
      const firstFold = !complete && pending > 0;
      await this.#publishingUntil(this.#foldAll(queue, firstFold), pending);
    }
  }

  /** Folds the first batches of a plan and all that follow, in as many lanes as memory allows. */
  async #foldAll(first: Uint8Array<ArrayBuffer>[], firstFold: boolean): Promise<void> {
    const { threads } = this.#context;
    for (let queue = first; queue.length > 0; ) {
      const queued = queue;
      const more = queue.length < BATCHES_AT_ONCE ? null : this.#planMore();
      const lanes = Array.from({ length: threads.concurrency(firstFold) }, (_, lane) =>
        this.#drain(queued, () => lane < threads.concurrency(firstFold)),
      );
      await Promise.all(lanes);
      queue = (await more) ?? [];
    }
  }

  /** The next batches, while the lanes are at work on the last ones. */
  #planMore(): Promise<Uint8Array<ArrayBuffer>[]> {
    const { threads, signal } = this.#context;
    const step = { incarnation: this.#incarnation, batchBytes: threads.limits.batchBytes };
    const more = this.#inTurn(() => threads.step('planMore', step, signal));
    // Awaited when the lanes have ended; if one of them fails, that is the cause.
    more.catch(() => {});
    return more;
  }

  /** Publishes what the keeper knows: every view, or only the first ones. */
  async publish(whole: boolean): Promise<void> {
    const { threads, clock, signal } = this.#context;
    const previous = this.#context.snapshot();
    for (;;) {
      const packed = await threads.step('publish', { incarnation: this.#incarnation, now: clock.now(), whole }, signal);
      if (packed === null) continue;
      const next = nextSnapshot(previous, packed, this.#record.startedAt);
      this.#context.publish(next);
      this.#record.published ||= next.id !== previous?.id;
      this.#record.snapshot = next.id;
      return;
    }
  }

  report(): Promise<KeeperReport> {
    const { threads, clock, signal } = this.#context;
    return threads.step('report', { incarnation: this.#incarnation, now: clock.now() }, signal);
  }

  /** One lane: the next batch is scanned while the keeper takes over the last one, and no further ahead. Some close when memory is short. */
  async #drain(queue: Uint8Array<ArrayBuffer>[], isOpen: () => boolean): Promise<void> {
    let accepted: Promise<void> = Promise.resolve();
    while (isOpen()) {
      const batch = queue.shift();
      if (batch === undefined) break;
      const result = await this.#scanBatch(batch, queue);
      await accepted;
      if (result === null) continue;
      accepted = this.#accept(result);
      // Awaited above, or below; until then its failure is nobody's.
      accepted.catch(() => {});
    }
    await accepted;
  }

  /** Scans one batch; null when its thread came to grief, with the smaller ones to try put into the queue. */
  async #scanBatch(batch: Uint8Array<ArrayBuffer>, queue: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array | null> {
    const { threads, clock, signal } = this.#context;
    const { items } = unpack<ScanRequest>(batch).header;
    const bytes = items.reduce((sum, { size }) => sum + size, 0);
    try {
      return await threads.scan('scan', batch, bytes, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } =
        error instanceof ClawgaugeError ? error : new ClawgaugeError('internal', messageOf(error));
      if (items.length === 1) this.#record.failed++;
      const rejected = { incarnation: this.#incarnation, batch, code, detail: message, now: clock.now() };
      queue.push(...(await threads.step('reject', rejected, signal)));
      return null;
    }
  }

  async #accept(result: Uint8Array): Promise<void> {
    const { threads, clock, signal } = this.#context;
    const outcome = await this.#inTurn(() =>
      threads.step('accept', { incarnation: this.#incarnation, result, now: clock.now() }, signal, result),
    );
    this.#record.folded += outcome.folded;
    this.#record.failed += outcome.failed;
    this.#record.bytesRead += outcome.bytesRead;
    this.#record.bytesAppended += outcome.bytesAppended;
    this.#record.lines.lines += outcome.counts.lines;
    this.#record.lines.fast += outcome.counts.fast;
    this.#record.lines.parsed += outcome.counts.parsed;
    this.#record.lines.streamed += outcome.counts.streamed;
    this.#context.progress(outcome.coverage);
  }

  /** One at a time: the views of a snapshot are built step by step, and no digest may come in between. */
  #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(action);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Publishes what is known so far while the first fold of so many transcripts goes on, also when one of them holds it up. */
  async #publishingUntil(scanned: Promise<unknown>, transcripts: number): Promise<void> {
    const { clock, complete } = this.#context;
    const began = clock.monotonic();
    let wait = FIRST_PARTIAL;
    let mayPutOff = true;
    for (let over = complete; !over; ) {
      over = await new Promise<boolean>((resolve, reject) => {
        const cancel = clock.after(wait, () => resolve(false));
        scanned.finally(cancel).then(() => resolve(true), reject);
      });
      if (over) break;
      if (mayPutOff && this.#timeLeft(transcripts, clock.monotonic() - began) <= SOON) {
        mayPutOff = false;
        wait = SOON;
        continue;
      }
      const started = clock.monotonic();
      const published = this.#inTurn(() => this.publish(false));
      // A keeper that died while it took over digests fails both: what the scan says of it is the cause.
      published.catch(() => {});
      await Promise.race([scanned, published]);
      await published;
      wait = Math.max(Math.min(LAST_PARTIAL, wait * 2), PARTIAL_REST * (clock.monotonic() - started));
    }
    await scanned;
  }

  /** How long the rest of so many transcripts is expected to take, by what was done of them in a time. */
  #timeLeft(transcripts: number, passed: Milliseconds): Milliseconds {
    const done = this.#record.folded + this.#record.failed;
    return done === 0 ? Number.POSITIVE_INFINITY : (passed * Math.max(0, transcripts - done)) / done;
  }
}
