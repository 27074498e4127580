/** The process around the application: listens, keeps the service going, and ends both in order on a signal. */
import type { AddressInfo } from 'node:net';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import type { ServiceOptions } from './config.ts';
import { ClawgaugeError } from './errors.ts';
import { describeRefresh } from './snapshot/refresh-record.ts';
import { type ServiceEvents, SnapshotService } from './snapshot/usage-service.ts';
import type { Milliseconds } from './units.ts';
import { version } from './version.ts';

/** How long open requests may take to end once the process is asked to. */
const CLOSE_GRACE: Milliseconds = 5_000;

/** Where a server that listens everywhere can be asked from this machine. */
const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

export interface RunningServer {
  /** Such as http://127.0.0.1:18790, with the base path. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens, then begins to read: whoever asks early is told that figures are on their way. Throws `address_unavailable`. */
export async function startServer(
  options: ServiceOptions,
  events: Partial<ServiceEvents> = {},
  cleanUp: () => Promise<void> = async () => {},
): Promise<RunningServer> {
  let told = '';
  const service = new SnapshotService(
    { ...options, version },
    {
      ...events,
      unwatched: (directory, error) => {
        app.log.warn({ directory, err: error }, 'cannot be watched: changes there show only when the timer looks');
      },
      refreshed: (record, problems) => {
        // A problem that stays is told once, and not with every refresh.
        const found = JSON.stringify(problems);
        const { level, message, fields } = describeRefresh(record, problems, found === told);
        told = found;
        app.log[level](fields, message);
        events.refreshed?.(record, problems);
      },
    },
  );
  const app = buildApp(
    service,
    { ...options, version, allowedHosts: [...options.allowedHosts, ...ownHost(options.host)] },
    options.logLevel === 'silent' ? { level: 'silent' } : logTo(process.stderr, options.logLevel),
  );
  const close = async () => {
    await app.close();
    await service.close();
    await cleanUp();
  };
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await close();
    throw unavailable(error, options);
  }
  service.start();
  const { address, family, port } = app.server.address() as AddressInfo;
  const host = WILDCARDS[address] ?? (family === 'IPv6' ? `[${address}]` : address);
  closeWithGrace({ delay: CLOSE_GRACE, logger: app.log }, async ({ err, signal }) => {
    if (err !== undefined) app.log.error({ err }, 'ending after an error that nobody caught');
    else app.log.info({ signal }, 'ending');
    await close();
  });
  return { url: `http://${host}:${port}${options.basePath}`, close };
}

/** The name by which a server that listens beyond loopback is addressed; wildcards are no name. */
function ownHost(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return [];
  return [host.includes(':') ? `[${host}]` : host];
}

function logTo(stream: NodeJS.WritableStream, level: string): { readonly level: string } {
  return { level, stream } as { readonly level: string };
}

function unavailable(error: unknown, { host, port }: ServiceOptions): unknown {
  const { code } = error as { code?: unknown };
  const reasons: Record<string, string> = {
    EADDRINUSE: 'something else listens there; expected a free port (--port)',
    EADDRNOTAVAIL: 'this machine has no such address; expected one of its own (--host)',
    EACCES: 'not permitted; expected a port above 1023 (--port)',
    ENOTFOUND: 'the name does not resolve; expected an address of this machine (--host)',
  };
  const reason = typeof code === 'string' ? reasons[code] : undefined;
  if (reason === undefined) return error;
  return new ClawgaugeError('address_unavailable', `${host}:${port}: ${reason}`, { cause: error });
}
