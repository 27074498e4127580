/** The service: keeps a snapshot fresh with its threads, and answers from what is ready. */
import { availableParallelism } from 'node:os';
import { shareOut } from '../cache/memory-budget.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Problem } from '../compute/transcript.ts';
import { NoticeDesk } from '../notices/notice-desk.ts';
import { Sender } from '../notices/sender.ts';
import { targetName } from '../notices/target.ts';
import type { Milliseconds } from '../units.ts';
import { type AskedAnswer, AskedViews } from './asked-views.ts';
import { ChangeHints } from './change-hints.ts';
import { DirectoryWatchers } from './directory-watchers.ts';
import type { ExportQuery } from './export/export-query.ts';
import { type OpenedExport, openExport } from './export/export-stream.ts';
import { problem } from './keeper-news.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { budgetsQuery, type ViewQuery, viewKey } from './query.ts';
import type { ReadQuery } from './read-query.ts';
import { type RefreshOutcome, refresh } from './refresh.ts';
import { RefreshLoop } from './refresh-loop.ts';
import type { RefreshRecord } from './refresh-record.ts';
import type { Rendering } from './renderer.ts';
import type { Dialect, RpcAnswer, RpcCaller } from './rpc/answer.ts';
import { CallDesk } from './rpc/call-desk.ts';
import { SavedCalls } from './rpc/saved-calls.ts';
import { ServiceMemory } from './service-memory.ts';
import type { ServiceEvents, UsageServiceOptions } from './service-options.ts';
import { type ReadOutcome, SessionReads } from './session-reads.ts';
import type { SnapshotHead } from './shapes.ts';
import { limitsAt } from './shedding.ts';
import { type RestoredSnapshot, SnapshotFile } from './snapshot-file.ts';
import { SnapshotSaver } from './snapshot-saver.ts';
import { Standing } from './standing.ts';
import { placesOf } from './state-places.ts';
import type { CacheAnswer, StatusAnswer } from './status.ts';
import { Threads } from './threads.ts';
import { UsedZones } from './used-zones.ts';

/** Usually half a second after the thread's own start. */
const KEEPER_STARTS_WITHIN: Milliseconds = 2_000;

export class SnapshotService {
  readonly #options: UsageServiceOptions;
  readonly #clock: Clock;
  readonly #events: Partial<ServiceEvents>;
  readonly #standing: Standing;
  readonly #threads: Threads;
  readonly #memory: ServiceMemory;
  readonly #loop: RefreshLoop;
  readonly #notices: NoticeDesk;
  readonly #asked: AskedViews;
  readonly #reads: SessionReads;
  readonly #calls: CallDesk;
  readonly #savedCalls: SavedCalls;
  readonly #startedAt: Milliseconds;
  readonly #watchers: DirectoryWatchers;
  readonly #hints = new ChangeHints();
  readonly #metrics = new ServiceMetrics(() => this.#threads.ask('metrics', {}));
  readonly #zones: UsedZones;
  readonly #saver: SnapshotSaver;

  /** `restored` is what the snapshot file holds, from whoever has read it already. */
  constructor(
    options: UsageServiceOptions,
    events: Partial<ServiceEvents> = {},
    clock: Clock = systemClock,
    restored: RestoredSnapshot | null = new SnapshotFile(options).restore(),
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.#startedAt = clock.now();
    this.#standing = new Standing(options.refreshInterval, restored);
    const budget = shareOut(options.memoryCap, availableParallelism());
    const limits = limitsAt(0, budget);
    const timeZones = options.onlyAsked ? [] : [...new Set(['UTC', options.timeZone, ...options.timeZones])];
    this.#zones = new UsedZones(clock, timeZones, restored?.zones ?? []);
    this.#saver = new SnapshotSaver(new SnapshotFile(options), this.#zones, clock, restored);
    this.#asked = new AskedViews(clock, options.viewDeadline, limits.askedViews);
    this.#threads = new Threads(
      {
        places: placesOf(options),
        cacheDirectory: options.cacheDir,
        dataDirectory: options.dataDir,
        redact: options.redact,
        retain: options.retain,
        timeZones,
        ownPrices: options.prices,
        budgets: budgetsQuery(options.budgets, options.timeZone),
        noticeTargets: options.notices.map(targetName),
        accounting: options.accounting === 'auto' ? null : options.accounting,
      },
      budget,
      limits,
      options,
    );
    this.#reads = new SessionReads(
      {
        clock,
        locate: (query) => this.#threads.ask('locate', { query }),
        read: (task) => this.#threads.read(task),
      },
      limits.readSessions,
    );
    this.#savedCalls = new SavedCalls(options, this.#asked);
    this.#calls = new CallDesk({
      clock,
      threads: this.#threads,
      asked: this.#asked,
      read: (query, within, signal) => this.#reads.ask(query, within, signal),
      gatewayZone: options.timeZone,
      state: () => this.#callState(),
    });
    this.#notices = new NoticeDesk({
      clock,
      targets: options.notices,
      version: options.version,
      sender: new Sender(),
      due: (now) => this.#threads.ask('dueNotices', { now }),
      settle: (outcomes, now) => this.#threads.ask('settleNotices', { outcomes, now }),
      attempted: (target, error) => this.#events.noticed?.(target, error),
    });
    this.#memory = new ServiceMemory({
      clock,
      budget,
      threads: this.#threads,
      asked: this.#asked,
      reads: this.#reads,
      snapshot: () => this.#standing.snapshot,
      shed: (shedding, owners) => this.#events.shed?.(shedding, owners),
    });
    this.#loop = new RefreshLoop({
      clock,
      interval: options.refreshInterval,
      deadline: options.refreshDeadline,
      timeZones,
      refresh: (record, signal) => this.#refresh(record, signal),
      ended: (record, outcome) => this.#ended(record, outcome),
    });
    this.#watchers = new DirectoryWatchers(
      (directory, name) => {
        this.#hints.add(directory, name);
        this.#loop.hint();
      },
      (directory, error) => this.#events.unwatched?.(directory, error),
    );
  }

  /** Begins to keep the snapshot fresh. */
  start(): void {
    this.#loop.trigger('start');
    this.#memory.start();
  }

  async close(): Promise<void> {
    this.#watchers.close();
    this.#memory.stop();
    await this.#notices.close();
    // A thread that is ended while it opens its databases takes the whole process with it.
    await this.#memory.keeper(KEEPER_STARTS_WITHIN);
    await this.#loop.stop();
    await this.#threads.close();
    const calls = this.#standing.report?.calls;
    if (calls && !this.#options.onlyAsked) await this.#savedCalls.save(calls);
    await this.#save();
  }

  now(): Milliseconds {
    return this.#clock.now();
  }

  /** True once a complete snapshot was published or restored; it stays true. */
  complete(): boolean {
    return this.#standing.complete;
  }

  /** The head now; null before anything was published. The same object until something in it changes. */
  head(): SnapshotHead | null {
    const { refreshing, failures } = this.#loop;
    return this.#standing.head({ refreshing, failed: failures > 0, shedding: this.#memory.isShort }, this.#clock.now());
  }

  /**
   * Until when the figures stay as they are while nothing changes in the stores: Infinity where only that can change
   * them, null while something is not as it should be or waits.
   */
  steadyUntil(): Milliseconds | null {
    const { report, problems } = this.#standing;
    const isWell = this.head()?.state === 'fresh' && problems.length === 0;
    if (!isWell || report === null || report.nextRetry !== null) return null;
    return report.retainedUntil ?? Number.POSITIVE_INFINITY;
  }

  /** The bytes of a view, if they are in memory for the current snapshot. */
  ready(key: string): Rendering | undefined {
    const { snapshot } = this.#standing;
    if (snapshot === null) return undefined;
    return snapshot.views.get(key) ?? this.#asked.ready(key, snapshot.generation);
  }

  /** Asks the keeper for a view; ready ones need not be asked for. */
  async ask(query: ViewQuery): Promise<AskedAnswer> {
    const { snapshot } = this.#standing;
    const head = this.head();
    if (head === null || snapshot === null) return { kind: 'pending' };
    const { generation } = snapshot;
    this.noteZone(query.timeZone);
    return this.#asked.ask(viewKey(query), generation, head, () =>
      this.#threads.ask('view', { query, now: this.#clock.now(), generation }),
    );
  }

  /** Reads a session's transcripts for whoever asks, until they leave. Never rejects. */
  read(query: ReadQuery, signal: AbortSignal): Promise<ReadOutcome> {
    return this.#reads.ask(query, this.#options.viewDeadline, signal);
  }

  /** Begins an export of what is known now, given out as it is read. Never rejects. */
  export(query: ExportQuery): Promise<OpenedExport> {
    return openExport(this.#threads, query, this.#clock);
  }

  /** Answers a gateway call. Never rejects. */
  call(method: string, params: unknown, caller: RpcCaller): Promise<RpcAnswer> {
    return this.#calls.call(method, params, caller);
  }

  /** The dialect of the service as a whole. */
  dialect(): Dialect {
    return this.#calls.dialect();
  }

  /** Takes note that somebody reads in a zone. */
  noteZone(name: string): void {
    this.#zones.note(name);
  }

  /** Asks for a refresh: now, or after the one that runs. */
  refresh(): void {
    this.#loop.trigger('request');
  }

  status(): StatusAnswer {
    const { report, problems, lastError } = this.#standing;
    return {
      version: this.#options.version,
      startedAt: this.#startedAt,
      now: this.#clock.now(),
      stateDirectory: this.#options.stateDirectory,
      otherStates: this.#options.otherStates.map(({ name, directory }) => ({ name, directory })),
      snapshot: this.head(),
      refreshing: this.#loop.refreshing,
      failures: this.#loop.failures,
      shedding: this.#memory.shedding,
      lastError,
      problems,
      setAside: report?.setAside ?? [],
      full: report?.full ?? null,
      eraChanges: report?.eraChanges ?? null,
      digestStore: report?.store ?? null,
      ledger: report?.ledger ?? null,
      notices: this.#notices.status(),
      refreshes: this.#loop.records,
    };
  }

  /** In Prometheus' text format, without the requests, which it does not see. */
  metrics(): string {
    const { report, problems } = this.#standing;
    return this.#metrics.text({
      version: this.#options.version,
      startedAt: this.#startedAt,
      head: this.head(),
      failures: this.#loop.failures,
      shedding: this.#memory.shedding.level,
      problems,
      report,
      cap: this.#memory.cap,
      owners: this.#memory.owners(report),
      threads: this.#threads.counts(),
    });
  }

  cache(): Promise<CacheAnswer> {
    return this.#memory.answer(this.#options.viewDeadline);
  }

  #callState() {
    const { snapshot, report } = this.#standing;
    const head = this.head();
    const context = report === null ? this.#savedCalls.context : report.calls;
    if (head === null || snapshot === null || context === null) return null;
    return { context, head, generation: snapshot.generation };
  }

  #refresh(record: RefreshRecord, signal: AbortSignal): Promise<RefreshOutcome> {
    return refresh(
      {
        threads: this.#threads,
        clock: this.#clock,
        signal,
        complete: this.#standing.complete,
        // What was hinted before a refresh that failed is lost with it.
        reason: {
          everything: record.trigger === 'request' || this.#loop.failures > 0,
          changes: this.#hints.take(),
        },
        usedZones: this.#memory.isShort ? [] : this.#zones.names(),
        snapshot: () => this.#standing.snapshot,
        publish: (snapshot) => this.#standing.publish(snapshot, record.startedAt),
        lookedInto: (directories) => this.#watchers.follow(directories),
        progress: (coverage) => this.#events.progress?.(coverage, record.bytesRead),
      },
      record,
    );
  }

  #ended(record: RefreshRecord, outcome: RefreshOutcome | null): void {
    this.#standing.ended(record, outcome, this.#ownProblems(), this.#clock.now());
    if (outcome !== null) this.#notices.follow(outcome.report.notices);
    this.#events.refreshed?.(record, this.#standing.problems);
    this.#metrics.ended(record, outcome?.report ?? null);
    this.#calls.changed();
    this.#memory.look();
    if (this.#saver.isDue) void this.#save();
  }

  async #save(): Promise<void> {
    const { onlyAsked = false } = this.#options;
    const { snapshot, complete, verifiedAt } = this.#standing;
    if (snapshot === null || !complete || onlyAsked) return;
    await this.#saver.save(snapshot, verifiedAt);
  }

  #ownProblems(): Problem[] {
    return [
      ...problem('snapshot_unsaved', 'snapshot.bin', this.#saver.problem),
      ...problem('data_directory_unguarded', '.', this.#options.unguarded),
    ];
  }
}
