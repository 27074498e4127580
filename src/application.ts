/** The service and the application in front of it, loaded and started behind a server that listens already. */
import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger } from 'fastify';
import { systemClock } from './clock.ts';
import type { ServiceOptions } from './config.ts';
import { loadApplicationParts } from './loading.ts';
import type { BootListener } from './routes/boot-listener.ts';
import type { SecurityOptions } from './routes/security.ts';
import { suitService } from './runtime-flags.ts';
import { describeRefresh } from './snapshot/refresh-record.ts';
import type { RestoredSnapshot } from './snapshot/snapshot-file.ts';
import { type ServiceEvents, SnapshotService, type UsageServiceOptions } from './snapshot/usage-service.ts';
import { MIB, type Milliseconds } from './units.ts';
import { version } from './version.ts';

export type ApplicationEvents = Pick<ServiceEvents, 'progress' | 'refreshed'>;

/** How long open requests may take to end once the process is asked to. */
const CLOSE_GRACE: Milliseconds = 5_000;

/**
 * Starts the service; loads the application and hands the server over when that is wanted, or else once the first refresh
 * has ended: until then the threads that read have better use for the cores.
 * Pushes onto `ends` what ends each of them; rejects when one cannot start.
 */
export async function startApplication(
  listener: BootListener,
  restored: RestoredSnapshot | null,
  options: ServiceOptions & Pick<UsageServiceOptions, 'unguarded'> & Pick<SecurityOptions, 'pass'>,
  events: Partial<ApplicationEvents>,
  ends: (() => Promise<void>)[],
): Promise<FastifyBaseLogger> {
  const log = new LateLog(() => listener.want());
  let told = '';
  let settled = false;
  const service = new SnapshotService(
    { ...options, version },
    {
      ...events,
      unwatched: (directory, error) => {
        const message = 'cannot be watched: changes there show only when the timer looks';
        log.tell((to) => to.warn({ directory, err: error }, message));
      },
      shed: ({ level, reason, steps }, owners) => {
        const mib = Object.fromEntries(owners.map(({ owner, used }) => [owner, Math.round(used / MIB)]));
        const message = reason ?? 'nothing is shed any more';
        log.tell((to) => to[level === 0 ? 'info' : 'warn']({ level, steps, mib }, message));
      },
      noticed: (target, error) => {
        if (error === null) log.tell((to) => to.info({ target }, 'told of a budget'));
        else log.tell((to) => to.warn({ target, error }, 'could not be told of a budget'));
      },
      refreshed: (record, problems) => {
        // A problem that stays is told once, and not with every refresh.
        const found = JSON.stringify(problems);
        const { level, message, fields } = describeRefresh(record, problems, found === told);
        told = found;
        if (!settled) suitService();
        settled = true;
        log.tell((to) => to[level](fields, message));
        events.refreshed?.(record, problems);
      },
    },
    systemClock,
    restored,
  );
  ends.push(() => service.close());
  service.start();
  listener.follow(service);

  await listener.wanted;
  await loadApplicationParts();
  const { buildApp } = await import('./app.ts');
  const app = buildApp(service, { ...options, version }, loggerOf(options), (routes, takeUpgrade) =>
    listener.serverFor(routes, takeUpgrade),
  );
  ends.push(() => app.close());
  app.addHook('onClose', () => listener.close());
  await app.ready();
  listener.handOver();
  log.goTo(app.log);
  return app.log;
}

/** From now on a signal, or an error that nobody caught, ends the process by `close`. */
export function closeOnSignal(close: () => Promise<void>, log: FastifyBaseLogger): void {
  closeWithGrace({ delay: CLOSE_GRACE, logger: log }, async ({ err, signal }) => {
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
