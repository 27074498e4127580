/** The service and the application in front of it, loaded and started behind a server that listens already. */
import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { systemClock } from './clock.ts';
import type { ServiceOptions } from './config.ts';
import { loadApplicationParts } from './loading.ts';
import type { BootListener, BootParts } from './routes/boot-listener.ts';
import type { SecurityOptions } from './routes/security.ts';
import { suitService } from './runtime-flags.ts';
import { describeRefresh } from './snapshot/refresh-record.ts';
import { RestoredViews } from './snapshot/restored-views.ts';
import type { ServiceEvents, UsageServiceOptions } from './snapshot/service-options.ts';
import { type RestoredSnapshot, SnapshotFile } from './snapshot/snapshot-file.ts';
import { SnapshotService } from './snapshot/usage-service.ts';
import { MIB, type Milliseconds } from './units.ts';
import { version } from './version.ts';

export type ApplicationEvents = Pick<ServiceEvents, 'progress' | 'refreshed'>;

/** How long open requests may take to end once the process is asked to. */
const CLOSE_GRACE: Milliseconds = 5_000;

/** The share of the memory cap that is resident after the first refresh, from which on memory is scarce. */
const TIGHT_AT = 0.75;

type ApplicationOptions = ServiceOptions & Pick<UsageServiceOptions, 'unguarded'> & Pick<SecurityOptions, 'pass'>;

export class Application {
  readonly #listener: BootListener;
  readonly #events: Partial<ApplicationEvents>;
  readonly #lines: LateLog;
  #service: SnapshotService;
  #app: FastifyInstance | null = null;
  /** What was told of problems: one that stays is told once, and not with every refresh. */
  #told = '';
  #settled = false;
  /** A refresh that is given up for the end of its service is no failure. */
  #ending = false;

  private constructor(
    listener: BootListener,
    restored: RestoredSnapshot | null,
    options: ApplicationOptions,
    events: Partial<ApplicationEvents>,
  ) {
    this.#listener = listener;
    this.#events = events;
    this.#lines = new LateLog(() => listener.want());
    this.#service = this.#serve(options, restored);
  }

  /**
   * Starts the service; loads the application and hands the server over when that is wanted, or else once the first refresh
   * has ended: until then the threads that read have better use for the cores.
   * Pushes onto `ends` what ends both; rejects when one cannot start.
   */
  static async start(
    listener: BootListener,
    restored: RestoredSnapshot | null,
    options: ApplicationOptions,
    events: Partial<ApplicationEvents>,
    ends: (() => Promise<void>)[],
  ): Promise<Application> {
    const application = new Application(listener, restored, options, events);
    ends.push(() => application.#close());
    await listener.wanted;
    await loadApplicationParts();
    await application.#answer(options);
    return application;
  }

  get log(): FastifyBaseLogger {
    if (this.#app === null) throw new TypeError('expected an application that has started');
    return this.#app.log;
  }

  /**
   * Goes on with other options, on the same connections: until that is ready the listener answers from the last snapshot,
   * and holds what it cannot.
   * @param keepsService whether only the routes are to be others
   * @param forgets whether what was shown before must not be shown again
   */
  async reload(options: ApplicationOptions, parts: BootParts, keepsService: boolean, forgets: boolean): Promise<void> {
    this.#listener.takeBack(parts, keepsService);
    if (forgets) this.#listener.follow(new RestoredViews(null, options.refreshInterval, systemClock));
    await this.#app?.close();
    if (!keepsService) {
      this.#ending = true;
      await this.#service.close();
      this.#ending = false;
      this.#service = this.#serve(options, new SnapshotFile(options).restore());
    }
    await this.#answer(options);
  }

  /** A service that has begun, whose snapshot the listener answers from. */
  #serve(options: ApplicationOptions, restored: RestoredSnapshot | null): SnapshotService {
    const lines = this.#lines;
    const service = new SnapshotService(
      { ...options, version },
      {
        ...this.#events,
        unwatched: (directory, error) => {
          const message = 'cannot be watched: changes there show only when the timer looks';
          lines.tell((to) => to.warn({ directory, err: error }, message));
        },
        shed: ({ level, reason, steps }, owners) => {
          const mib = Object.fromEntries(owners.map(({ owner, used }) => [owner, Math.round(used / MIB)]));
          const message = reason ?? 'nothing is shed any more';
          lines.tell((to) => to[level === 0 ? 'info' : 'warn']({ level, steps, mib }, message));
        },
        noticed: (target, error) => {
          if (error === null) lines.tell((to) => to.info({ target }, 'told of a budget'));
          else lines.tell((to) => to.warn({ target, error }, 'could not be told of a budget'));
        },
        refreshed: (record, problems) => {
          if (this.#ending) return;
          const found = JSON.stringify(problems);
          const { level, message, fields } = describeRefresh(record, problems, found === this.#told);
          this.#told = found;
          if (!this.#settled) suitService(process.memoryUsage.rss() > options.memoryCap * TIGHT_AT);
          this.#settled = true;
          lines.tell((to) => to[level](fields, message));
          this.#events.refreshed?.(record, problems);
        },
      },
      systemClock,
      restored,
    );
    service.start();
    this.#listener.follow(service);
    return service;
  }

  /** Builds the routes and hands them the server. */
  async #answer(options: ApplicationOptions): Promise<void> {
    const { buildApp } = await import('./app.ts');
    this.#app = buildApp(
      this.#service,
      { ...options, version },
      loggerOf(options),
      (routes, takeUpgrade) => this.#listener.serverFor(routes, takeUpgrade),
      await this.#listener.rpc(),
    );
    await this.#app.ready();
    this.#listener.handOver();
    this.#lines.goTo(this.#app.log);
  }

  /** Open streams and sockets end with the routes, or the server would wait for them. */
  async #close(): Promise<void> {
    await this.#app?.close();
    await this.#listener.close();
    this.#ending = true;
    await this.#service.close();
  }
}

/** From now on a signal (`unlessHangup`: any but SIGHUP), or an error that nobody caught, ends the process by `close`. */
export function closeOnSignal(close: () => Promise<void>, log: FastifyBaseLogger, unlessHangup: boolean): void {
  const skip = unlessHangup ? (['SIGHUP'] as const) : [];
  closeWithGrace({ delay: CLOSE_GRACE, logger: log, skip: [...skip] }, async ({ err, signal }) => {
    if (err !== undefined) log.error({ err }, 'ending after an error that nobody caught');
    else log.info({ signal }, 'ending');
    await close();
  });
}

/** Keeps what is told until there is a logger, and says that one is wanted. */
class LateLog {
  readonly #want: () => void;
  #waiting: ((log: FastifyBaseLogger) => void)[] = [];
  #log: FastifyBaseLogger | null = null;

  constructor(want: () => void) {
    this.#want = want;
  }

  tell(line: (log: FastifyBaseLogger) => void): void {
    if (this.#log !== null) {
      line(this.#log);
      return;
    }
    this.#waiting.push(line);
    this.#want();
  }

  goTo(log: FastifyBaseLogger): void {
    this.#log = log;
    for (const line of this.#waiting.splice(0)) line(log);
  }
}

function loggerOf({ logLevel }: ServiceOptions): { readonly level: string } {
  if (logLevel === 'silent') return { level: 'silent' };
  return { level: logLevel, stream: process.stderr } as { readonly level: string };
}
