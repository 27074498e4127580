/** The service: keeps a snapshot fresh with its threads, and answers from what is ready. */
import { availableParallelism } from 'node:os';
import { type MemoryBudget, shareOut } from '../cache/memory-budget.ts';
import { type Clock, systemClock } from '../clock.ts';
import { collectGarbage } from '../collect-garbage.ts';
import type { Problem } from '../compute/transcript.ts';
import type { ServiceOptions } from '../config.ts';
import { ownMemory } from '../memory-meter.ts';
import { NoticeDesk } from '../notices/notice-desk.ts';
import { Sender } from '../notices/sender.ts';
import { targetName } from '../notices/target.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import { type AskedAnswer, AskedViews } from './asked-views.ts';
import { isBlinding } from './blinding.ts';
import { ChangeHints } from './change-hints.ts';
import { DirectoryWatchers } from './directory-watchers.ts';
import type { ExportQuery } from './export/export-query.ts';
import { type OpenedExport, openExport } from './export/export-stream.ts';
import { Governor, type Shedding, type ShedLevel } from './governor.ts';
import { type HeadFacts, headOf, isCurrent } from './head.ts';
import type { KeeperMemory, KeeperReport } from './keeper-calls.ts';
import { cacheWork, keeperProblems, problem } from './keeper-news.ts';
import { type MemoryOwner, memoryOwners } from './memory-owners.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import type { PublishedSnapshot } from './published.ts';
import { budgetsQuery, type ViewQuery, viewKey } from './query.ts';
import type { ReadQuery } from './read-query.ts';
import { type RefreshOutcome, refresh } from './refresh.ts';
import { RefreshLoop } from './refresh-loop.ts';
import type { RefreshRecord } from './refresh-record.ts';
import type { Rendering } from './renderer.ts';
import type { Dialect, RpcAnswer, RpcCaller } from './rpc/answer.ts';
import { CallDesk } from './rpc/call-desk.ts';
import { SavedCalls } from './rpc/saved-calls.ts';
import { type ReadOutcome, SessionReads } from './session-reads.ts';
import type { Coverage, SnapshotHead } from './shapes.ts';
import { limitsAt } from './shedding.ts';
import { type RestoredSnapshot, SnapshotFile } from './snapshot-file.ts';
import { SnapshotSaver } from './snapshot-saver.ts';
import { placesOf } from './state-places.ts';
import type { CacheAnswer, StatusAnswer } from './status.ts';
import { Threads } from './threads.ts';
import { Tidying } from './tidying.ts';
import { UsedZones } from './used-zones.ts';

/** Usually half a second after the thread's own start. */
const KEEPER_STARTS_WITHIN: Milliseconds = 2_000;

/** What somebody outside may listen to. */
export interface ServiceEvents {
  /** A refresh ended. */
  refreshed(record: RefreshRecord, problems: readonly Problem[]): void;
  /** A directory cannot be watched: its changes show only when the timer looks. */
  unwatched(directory: string, error: unknown): void;
  /** Work is shed to stay under the memory cap, or taken up again. */
  shed(shedding: Shedding, owners: readonly MemoryOwner[]): void;
  /** Somebody was to be told of a budget; `error` says why that failed. */
  noticed(target: string, error: string | null): void;
  /** The fold goes on. */
  progress(coverage: Coverage, bytesRead: number): void;
}

/** The options that the service itself needs; see config.ts. */
export type UsageServiceOptions = Pick<
  ServiceOptions,
  | 'stateDirectory'
  | 'openclawConfigPath'
  | 'otherStates'
  | 'cacheDir'
  | 'dataDir'
  | 'redact'
  | 'retain'
  | 'memoryCap'
  | 'refreshInterval'
  | 'refreshDeadline'
  | 'taskDeadline'
  | 'viewDeadline'
  | 'timeZone'
  | 'timeZones'
  | 'prices'
  | 'budgets'
  | 'notices'
  | 'accounting'
> & {
  readonly version: string;
  /** Why nothing keeps another process from the data directory; null when something does. */
  readonly unguarded?: string | null;
  /** No view is kept ready and no answer is saved: for one who asks little and leaves. */
  readonly onlyAsked?: boolean;
};

export class SnapshotService {
  readonly #options: UsageServiceOptions;
  readonly #clock: Clock;
  readonly #events: Partial<ServiceEvents>;
  readonly #budget: MemoryBudget;
  readonly #threads: Threads;
  readonly #governor: Governor;
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
  #snapshot: PublishedSnapshot | null = null;
  /** A complete snapshot was published at some time, or restored. */
  #complete = false;
  #verifiedAt: Milliseconds = 0;
  #head: SnapshotHead | null = null;
  /** What the head at hand was made of. */
  #headFacts: HeadFacts | null = null;
  #report: KeeperReport | null = null;
  #problems: readonly Problem[] = [];
  /** The last refresh could not look into a store: the figures are those of before. */
  #blind = false;
  #lastError: StatusAnswer['lastError'] = null;

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
    if (restored !== null) {
      this.#snapshot = restored.snapshot;
      this.#verifiedAt = restored.verifiedAt;
      this.#complete = true;
    }
    const budget = shareOut(options.memoryCap, availableParallelism());
    const limits = limitsAt(0, budget);
    this.#budget = budget;
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
    const tidying = new Tidying({
      clock,
      share: budget.mainHeap,
      held: () => ownMemory().heap,
      collect: collectGarbage,
      collectKeeper: () => void this.#threads.ask('limit', this.#threads.limits).catch(() => {}),
    });
    this.#governor = new Governor({
      clock,
      cap: budget.cap,
      tidy: (rss, pressed) => tidying.tidy(rss, pressed),
      rss: () => process.memoryUsage.rss(),
      apply: (level) => this.#shed(level),
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
    this.#governor.start();
  }

  async close(): Promise<void> {
    this.#watchers.close();
    this.#governor.stop();
    await this.#notices.close();
    // A thread that is ended while it opens its databases takes the whole process with it.
    await this.#keeperMemory(KEEPER_STARTS_WITHIN);
    await this.#loop.stop();
    await this.#threads.close();
    if (this.#report?.calls && !this.#options.onlyAsked) await this.#savedCalls.save(this.#report.calls);
    await this.#save();
  }

  now(): Milliseconds {
    return this.#clock.now();
  }

  /** True once a complete snapshot was published or restored; it stays true. */
  complete(): boolean {
    return this.#complete;
  }

  /** The head now; null before anything was published. The same object until something in it changes. */
  head(): SnapshotHead | null {
    const snapshot = this.#snapshot;
    if (snapshot === null) return null;
    const { refreshInterval } = this.#options;
    const facts: HeadFacts = {
      snapshot,
      verifiedAt: this.#verifiedAt,
      refreshInterval,
      refreshing: this.#loop.refreshing,
      failed: this.#loop.failures > 0 || this.#blind,
      shedding: this.#governor.shedding.level > 0,
    };
    const now = this.#clock.now();
    if (this.#head === null || !isCurrent(this.#head, this.#headFacts, facts, now)) {
      this.#head = headOf(facts, now);
      this.#headFacts = facts;
    }
    return this.#head;
  }

  /** The bytes of a view, if they are in memory for the current snapshot. */
  ready(key: string): Rendering | undefined {
    const snapshot = this.#snapshot;
    if (snapshot === null) return undefined;
    return snapshot.views.get(key) ?? this.#asked.ready(key, snapshot.generation);
  }

  /** Asks the keeper for a view; ready ones need not be asked for. */
  async ask(query: ViewQuery): Promise<AskedAnswer> {
    const head = this.head();
    if (head === null || this.#snapshot === null) return { kind: 'pending' };
    const { generation } = this.#snapshot;
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
    return {
      version: this.#options.version,
      startedAt: this.#startedAt,
      now: this.#clock.now(),
      stateDirectory: this.#options.stateDirectory,
      otherStates: this.#options.otherStates.map(({ name, directory }) => ({ name, directory })),
      snapshot: this.head(),
      refreshing: this.#loop.refreshing,
      failures: this.#loop.failures,
      shedding: this.#governor.shedding,
      lastError: this.#lastError,
      problems: this.#problems,
      setAside: this.#report?.setAside ?? [],
      eraChanges: this.#report?.eraChanges ?? null,
      digestStore: this.#report?.store ?? null,
      ledger: this.#report?.ledger ?? null,
      notices: this.#notices.status(),
      refreshes: this.#loop.records,
    };
  }

  /** In Prometheus' text format, without the requests, which it does not see. */
  metrics(): string {
    return this.#metrics.text({
      version: this.#options.version,
      startedAt: this.#startedAt,
      head: this.head(),
      failures: this.#loop.failures,
      shedding: this.#governor.shedding.level,
      problems: this.#problems,
      report: this.#report,
      cap: this.#budget.cap,
      owners: this.#memoryOwners(this.#report),
      threads: this.#threads.counts(),
    });
  }

  async cache(): Promise<CacheAnswer> {
    const keeper = await this.#keeperMemory();
    const { scan, keeper: keeperThreads, oldestTask } = this.#threads.counts();
    const owners = this.#memoryOwners(keeper);
    return {
      digests: keeper?.digests ?? null,
      digestStore: keeper?.store ?? null,
      rollup: keeper?.rollup ?? null,
      views: {
        precomputed: { entries: this.#snapshot?.views.size ?? 0, bytes: this.#precomputedBytes() },
        asked: { entries: this.#asked.entries, bytes: this.#asked.bytes, cap: this.#threads.limits.askedViews },
        read: { entries: this.#reads.entries, bytes: this.#reads.bytes, cap: this.#threads.limits.readSessions },
      },
      memory: { cap: this.#budget.cap, rss: owners.reduce((sum, { used }) => sum + used, 0), owners },
      threads: { scan, keeper: keeperThreads, oldestTaskMs: oldestTask },
    };
  }

  #callState() {
    const head = this.head();
    const context = this.#report === null ? this.#savedCalls.context : this.#report.calls;
    if (head === null || this.#snapshot === null || context === null) return null;
    return { context, head, generation: this.#snapshot.generation };
  }

  /** Does what a step of the governor asks for, and tells of it. */
  #shed(level: ShedLevel): void {
    const limits = limitsAt(level, this.#budget);
    const { digestCache } = this.#threads.limits;
    this.#threads.limits = limits;
    this.#asked.resize(limits.askedViews);
    this.#reads.resize(limits.readSessions);
    if (limits.digestCache !== digestCache) void this.#threads.ask('limit', limits).catch(() => {});
    if (level >= 4) void this.#threads.endIdleScans();
    if (level >= 5) void this.#threads.restartKeeper();
    this.#events.shed?.(this.#governor.shedding, this.#memoryOwners(null));
  }

  #memoryOwners(keeper: KeeperMemory | null): MemoryOwner[] {
    return memoryOwners(this.#budget, {
      rss: process.memoryUsage.rss(),
      main: ownMemory(),
      ...this.#threads.memory(),
      digestCache: keeper?.digests.bytes ?? 0,
      rollup: keeper?.rollup.bytes ?? 0,
      renderedViews: this.#precomputedBytes() + this.#asked.bytes + this.#reads.bytes,
    });
  }

  #precomputedBytes(): Bytes {
    let bytes = 0;
    for (const { rest, restDeflated } of this.#snapshot?.views.values() ?? []) {
      bytes += rest.byteLength + restDeflated.byteLength;
    }
    return bytes;
  }

  /** Null when the keeper does not answer in time. */
  #keeperMemory(within = this.#options.viewDeadline): Promise<KeeperMemory | null> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(within, () => resolve(null));
      this.#threads
        .ask('memory', {})
        .then(resolve, () => resolve(null))
        .finally(cancel);
    });
  }

  #refresh(record: RefreshRecord, signal: AbortSignal): Promise<RefreshOutcome> {
    return refresh(
      {
        threads: this.#threads,
        clock: this.#clock,
        signal,
        complete: this.#complete,
        // What was hinted before a refresh that failed is lost with it.
        reason: {
          everything: record.trigger === 'request' || this.#loop.failures > 0,
          changes: this.#hints.take(),
        },
        usedZones: this.#governor.shedding.level > 0 ? [] : this.#zones.names(),
        snapshot: () => this.#snapshot,
        publish: (snapshot) => {
          if (this.#snapshot === null) this.#verifiedAt = record.startedAt;
          this.#snapshot = snapshot;
        },
        lookedInto: (directories) => this.#watchers.follow(directories),
        progress: (coverage) => this.#events.progress?.(coverage, record.bytesRead),
      },
      record,
    );
  }

  #ended(record: RefreshRecord, outcome: RefreshOutcome | null): void {
    if (outcome !== null) {
      record.cache = cacheWork(outcome.report, this.#report);
      record.oldestLook = outcome.report.oldestLook;
      this.#report = outcome.report;
      this.#notices.follow(outcome.report.notices);
      this.#problems = [...outcome.problems, ...keeperProblems(outcome.report), ...this.#ownProblems()];
      this.#blind = outcome.problems.some(isBlinding);
      if (!this.#blind) this.#verifiedAt = this.#clock.now();
      this.#complete ||= outcome.report.coverage.pending === 0;
    }
    if (record.error !== null) this.#lastError = { at: this.#clock.now(), ...record.error };
    this.#events.refreshed?.(record, this.#problems);
    this.#metrics.ended(record, outcome?.report ?? null);
    this.#calls.changed();
    this.#governor.sample();
    if (this.#saver.isDue) void this.#save();
  }

  async #save(): Promise<void> {
    const { onlyAsked = false } = this.#options;
    if (this.#snapshot === null || !this.#complete || onlyAsked) return;
    await this.#saver.save(this.#snapshot, this.#verifiedAt);
  }

  #ownProblems(): Problem[] {
    return [
      ...problem('snapshot_unsaved', 'snapshot.bin', this.#saver.problem),
      ...problem('data_directory_unguarded', '.', this.#options.unguarded),
    ];
  }
}
