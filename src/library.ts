/**
 * Clawgauge in code: a service that is asked with objects instead of addresses. Questions have the names, values and
 * errors of the /v1 routes.
 */
import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from './clock.ts';
import type { ServiceOptions } from './config.ts';
import { ClawgaugeError } from './errors.ts';
import { type ClawgaugeOptions, libraryOptions } from './library-options.ts';
import { type DirectoryLock, lockDirectory } from './lock/directory-lock.ts';
import { checkParameters, invalidParameter, type Parameters, type ParametersSchema } from './routes/parameter-check.ts';
import {
  sessionParameters,
  sessionQueryOf,
  sessionsParameters,
  sessionsQueryOf,
  usageParameters,
  usageQueryOf,
} from './routes/parameters.ts';
import type { SessionTarget, ViewQuery } from './snapshot/query.ts';
import type { RefreshRecord } from './snapshot/refresh-record.ts';
import type { SessionFigures, SessionsFigures, SnapshotHead, UsageFigures } from './snapshot/shapes.ts';
import type { CacheAnswer, StatusAnswer } from './snapshot/status.ts';
import { SnapshotService } from './snapshot/usage-service.ts';
import type { Milliseconds } from './units.ts';
import { version } from './version.ts';

/** A list may be written as its only item. */
type Written<Value> = Value extends readonly (infer Item)[] ? Item | readonly Item[] : Value;
type Question<Schema extends ParametersSchema> = {
  readonly [Name in keyof Parameters<Schema>]?: Written<Parameters<Schema>[Name]> | undefined;
};

/** Figures, and how fresh they are. */
export type Answered<Figures> = { readonly snapshot: SnapshotHead } & Figures;

export type UsageQuestion = Question<typeof usageParameters>;
export type SessionsQuestion = Question<typeof sessionsParameters>;
export type SessionQuestion = Omit<Question<typeof sessionParameters>, 'agent'>;

/** A family by its key (`agent` only where several agents have that key), or one session. */
export type SessionName =
  | { readonly key: string; readonly agent?: string | undefined }
  | { readonly agent: string; readonly sessionId: string };

export interface UsageServiceEvents {
  /** Figures changed. */
  snapshot: [head: SnapshotHead];
  /** A refresh ended, well or not. */
  refresh: [record: RefreshRecord];
}

/** A running service. Whatever it is asked after its end rejects with `not_ready`. */
export interface UsageService extends EventEmitter<UsageServiceEvents> {
  /** Once every store has been looked into since the start, and all is counted. Rejects with the error of a refresh that failed. */
  ready(): Promise<SnapshotHead>;
  /** Looks for changes now; resolves once that is done. Rejects with the error of a refresh that failed. */
  refresh(): Promise<SnapshotHead>;
  /** What GET /v1/usage answers. Waits for figures; rejects with `not_ready` where none come in time, or an error of that route. */
  usage(question?: UsageQuestion): Promise<Answered<UsageFigures>>;
  /** What GET /v1/sessions answers; rejects as `usage` does. */
  sessions(question?: SessionsQuestion): Promise<Answered<SessionsFigures>>;
  /** What GET /v1/sessions/{key} answers; rejects as `usage` does, and with `session_not_found`. */
  session(name: SessionName, question?: SessionQuestion): Promise<Answered<SessionFigures>>;
  /** How fresh the figures are; null before there are any. */
  head(): SnapshotHead | null;
  /** What GET /v1/status answers. */
  status(): StatusAnswer;
  /** What GET /v1/cache answers. */
  cache(): Promise<CacheAnswer>;
  /** Ends its threads and lets the data directory go. */
  close(): Promise<void>;
}

/**
 * Starts a service. Rejects with `invalid_option`, or with `data_directory_in_use` where another service, of this process
 * or of another, has its data directory.
 */
export async function createUsageService(options: ClawgaugeOptions = {}): Promise<UsageService> {
  const settings = libraryOptions(options);
  const service = new EmbeddedService(settings, await lockDirectory(settings.dataDir));
  service.start();
  return service;
}

/** How one waits for the end of the next refresh. */
interface Waiting {
  resolve(): void;
  reject(error: ClawgaugeError): void;
}

/** The service that a program gets. */
export class EmbeddedService extends EventEmitter<UsageServiceEvents> implements UsageService {
  /** What stands behind it, for the routes. */
  readonly inner: SnapshotService;
  readonly #lock: DirectoryLock;
  readonly #clock: Clock;
  readonly #timeZone: string;
  readonly #patience: Milliseconds;
  #waiting: Waiting[] = [];
  /** Told when something was published. */
  #wakers: (() => void)[] = [];
  /** A refresh of this service has ended well. */
  #looked = false;
  #end: Promise<void> | null = null;

  /** `lock` is that of the data directory; it is released at the end. */
  constructor(options: ServiceOptions, lock: DirectoryLock, clock = systemClock) {
    super();
    this.#lock = lock;
    this.#clock = clock;
    this.#timeZone = options.timeZone;
    this.#patience = options.taskDeadline;
    const events = { refreshed: (record: RefreshRecord) => this.#ended(record), progress: () => this.#wake() };
    this.inner = new SnapshotService({ ...options, version, unguarded: lock.problem }, events, clock);
  }

  start(): void {
    this.inner.start();
  }

  async ready(): Promise<SnapshotHead> {
    if (!this.#looked) await this.#nextEnd();
    return this.#presentHead();
  }

  async refresh(): Promise<SnapshotHead> {
    // The one that runs may have looked too early.
    const running = this.inner.status().refreshing;
    this.inner.refresh();
    if (running) await this.#nextEnd();
    await this.#nextEnd();
    return this.#presentHead();
  }

  async usage(question: UsageQuestion = {}): Promise<Answered<UsageFigures>> {
    return this.#answer(usageQueryOf(checkParameters(usageParameters, asSent(question)), this.#timeZone));
  }

  async sessions(question: SessionsQuestion = {}): Promise<Answered<SessionsFigures>> {
    return this.#answer(sessionsQueryOf(checkParameters(sessionsParameters, asSent(question)), this.#timeZone));
  }

  async session(name: SessionName, question: SessionQuestion = {}): Promise<Answered<SessionFigures>> {
    const given = checkParameters(sessionParameters, asSent(question));
    return this.#answer(sessionQueryOf(given, targetOf(name), this.#timeZone));
  }

  head(): SnapshotHead | null {
    return this.inner.head();
  }

  status(): StatusAnswer {
    return this.inner.status();
  }

  cache(): Promise<CacheAnswer> {
    return this.inner.cache();
  }

  close(): Promise<void> {
    this.#end ??= this.#close();
    return this.#end;
  }

  async #close(): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    this.#wake();
    await this.inner.close();
    await this.#lock.release();
  }

  async #answer<Figures>(query: ViewQuery): Promise<Answered<Figures>> {
    const start = this.#clock.monotonic();
    for (;;) {
      if (this.#end !== null) throw closed();
      const answer = await this.inner.ask(query);
      if (answer.kind === 'error') throw answer.error;
      // Views are kept without their opening brace, behind which their head comes.
      if (answer.kind === 'ready') {
        const figures = JSON.parse(`{${new TextDecoder().decode(answer.view.rest)}`) as Figures;
        return { snapshot: answer.head, ...figures };
      }
      if (this.head() === null) await this.#published();
      else if (this.#clock.monotonic() - start > this.#patience) throw notReady('The view was not ready in time.');
    }
  }

  /** Resolves when there is something to ask, or the service ends; rejects when a refresh fails, or publishes nothing. */
  async #published(): Promise<void> {
    await Promise.race([
      this.#nextEnd().then(() => this.#presentHead()),
      new Promise<void>((wake) => this.#wakers.push(wake)),
    ]);
  }

  /** Resolves when the next refresh has ended well. */
  async #nextEnd(): Promise<void> {
    if (this.#end !== null) throw closed();
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #presentHead(): SnapshotHead {
    const head = this.head();
    if (head !== null) return head;
    const { problems } = this.status();
    throw notReady(problems.map(({ detail }) => detail).join('; ') || 'No snapshot is published.');
  }

  #ended(record: RefreshRecord): void {
    const { error } = record;
    this.#looked ||= error === null;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === null) resolve();
      else reject(new ClawgaugeError(error.code, error.detail));
    }
    this.#wake();
    const head = this.head();
    // What a listener throws is its program's to see, and not the refresh's.
    queueMicrotask(() => {
      if (record.published && head !== null) this.emit('snapshot', head);
      this.emit('refresh', record);
    });
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}

/** A question as it would come from a request. */
function asSent(question: object): Record<string, unknown> {
  const said = Object.entries(question).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]));
}

function targetOf(name: SessionName): SessionTarget {
  const { key, agent, sessionId } = name as Readonly<Record<string, unknown>>;
  const text = (what: string, value: unknown): string => {
    if (typeof value !== 'string' || value === '') throw invalidParameter(what, 'text that is not empty', value);
    return value;
  };
  if (key !== undefined) {
    return { groupBy: 'family', key: text('key', key), agent: agent === undefined ? null : text('agent', agent) };
  }
  return { groupBy: 'instance', agent: text('agent', agent), sessionId: text('sessionId', sessionId) };
}

function notReady(detail: string): ClawgaugeError {
  return new ClawgaugeError('not_ready', detail);
}

function closed(): ClawgaugeError {
  return notReady('The service has ended.');
}
