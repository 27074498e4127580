/**
 * The process around the service: listens, and answers from the last snapshot before anything else is loaded; then loads
 * the service and its application, and ends all in order on a signal. What this file imports stands between the spawn
 * and the first answer.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { ApplicationEvents } from './application.ts';
import { systemClock } from './clock.ts';
import type { ServiceOptions } from './config.ts';
import { ClawgaugeError } from './errors.ts';
import { lockDirectory } from './lock/directory-lock.ts';
import { type ServiceFacts, writeServiceFile } from './lock/service-file.ts';
import { BootListener, type BootParts } from './routes/boot-listener.ts';
import { Delivery } from './routes/delivery.ts';
import { Gate } from './routes/security.ts';
import { RestoredViews } from './snapshot/restored-views.ts';
import { SnapshotFile } from './snapshot/snapshot-file.ts';
import type { Milliseconds } from './units.ts';
import { version } from './version.ts';

/**
 * Loading occupies the thread. Where there is something to answer with, clients that tried in vain while nobody listened
 * get this long to try again first.
 */
const HEAD_START: Milliseconds = 20;

/** Where a server that listens everywhere can be asked from this machine. */
const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

export interface RunningServer {
  /** Such as http://127.0.0.1:18790, with the base path. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServerEvents extends ApplicationEvents {
  /** From now on this address answers. */
  listening(url: string): void;
}

/**
 * Resolves when every route answers, which is once one of them is needed or the first refresh has ended. Until then whoever asks
 * gets the last snapshot, is told that there is none yet, or waits.
 * Throws `data_directory_in_use`, `address_unavailable`, or what keeps the application from starting; nothing is left running then.
 * @param readAgain gives the options anew at SIGHUP, which ends the process where this is null
 */
export async function startServer(
  options: ServiceOptions,
  events: Partial<ServerEvents> = {},
  cleanUp: () => Promise<void> = async () => {},
  readAgain: (() => ServiceOptions) | null = null,
): Promise<RunningServer> {
  const secret = randomBytes(32).toString('base64url');
  const restored = new SnapshotFile(options).restore();
  const views = new RestoredViews(restored, options.refreshInterval, systemClock);
  const listener = new BootListener(views, bootParts(withAccess(options, secret)));
  // What ends that which was begun, in the order of its beginning.
  const ends = [cleanUp];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const signals = holdSignals(() => listener.want(), readAgain !== null);
  try {
    const lock = await lockDirectory(options.dataDir);
    ends.push(
      () => lock.release(),
      () => listener.close(),
    );
    const url = urlOf(await listen(listener, options), options.basePath);
    const announced = (given: ServiceOptions) =>
      lock.problem === null
        ? announce(given, { url, pass: withAccess(given, secret).pass, startedAt: lock.since })
        : () => {};
    let withdraw = announced(options);
    ends.push(async () => withdraw());
    lock.tell(url);
    events.listening?.(url);
    if (restored !== null) await new Promise((resolve) => setTimeout(resolve, HEAD_START));
    const { suitStart } = await import('./runtime-flags.ts');
    suitStart();
    const { loadServiceParts } = await import('./loading.ts');
    await loadServiceParts();
    const { Application, closeOnSignal } = await import('./application.ts');
    const { reloadOnHangup } = await import('./hangup.ts');
    const settings = (given: ServiceOptions) => ({ ...withAccess(given, secret), unguarded: lock.problem });
    const application = await Application.start(listener, restored, settings(options), events, ends);
    // No turn of the loop from here to the release: a signal between them would be met twice.
    closeOnSignal(close, application.log, readAgain !== null);
    if (readAgain !== null) {
      reloadOnHangup(options, {
        read: readAgain,
        log: () => application.log,
        apply: async ({ options: next, changed, keepsService }) => {
          const given = settings(next);
          await application.reload(given, bootParts(given), keepsService, changed.includes('redact'));
          withdraw = announced(next);
        },
      });
    }
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signals.release();
  }
}

/** The options with every host by which the service may be asked for, and what our own commands may send for the token. */
function withAccess(options: ServiceOptions, secret: string): ServiceOptions & { readonly pass: string | null } {
  const allowedHosts = [...options.allowedHosts, ...ownHost(options.host)];
  return { ...options, allowedHosts, pass: options.token === null ? null : secret };
}

function bootParts(options: ReturnType<typeof withAccess>): BootParts {
  return { ...options, version, gate: new Gate(options), delivery: new Delivery(options.refreshInterval) };
}

/** Says in the data directory where the service is; gives what takes it back. */
function announce(
  { dataDir, basePath, token }: ServiceOptions,
  life: Pick<ServiceFacts, 'url' | 'pass' | 'startedAt'>,
): () => void {
  const facts = { ...life, basePath, version, pid: process.pid, needsToken: token !== null };
  return writeServiceFile(dataDir, facts);
}

/** The name by which a server that listens beyond loopback is addressed; wildcards are no name. */
function ownHost(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return [];
  return [host.includes(':') ? `[${host}]` : host];
}

function urlOf({ address, family, port }: AddressInfo, basePath: string): string {
  const host = WILDCARDS[address] ?? (family === 'IPv6' ? `[${address}]` : address);
  return `http://${host}:${port}${basePath}`;
}

async function listen(listener: BootListener, { host, port }: ServiceOptions): Promise<AddressInfo> {
  try {
    return await listener.listen(host, port);
  } catch (error) {
    const { code } = error as { code?: unknown };
    const reasons: Record<string, string> = {
      EADDRINUSE: 'something else listens there; expected a free port (--port)',
      EADDRNOTAVAIL: 'this machine has no such address; expected one of its own (--host)',
      EACCES: 'not permitted; expected a port above 1023 (--port)',
      ENOTFOUND: 'the name does not resolve; expected an address of this machine (--host)',
    };
    const reason = typeof code === 'string' ? reasons[code] : undefined;
    if (reason === undefined) throw error;
    throw new ClawgaugeError('address_unavailable', `${host}:${port}: ${reason}`, { cause: error });
  }
}

/**
 * A signal that comes before the application is loaded has it loaded, and is met by whoever handles it after the release;
 * a second one ends at once. SIGHUP is met then too, where it does not end the process.
 */
function holdSignals(want: () => void, hangups: boolean): { release(): void } {
  let held: NodeJS.Signals | null = null;
  let hungUp = false;
  const hold = (signal: NodeJS.Signals) => {
    if (held !== null) process.exit(1);
    held = signal;
    want();
  };
  const noteHangup = () => {
    hungUp = true;
  };
  process.on('SIGTERM', hold).on('SIGINT', hold);
  if (hangups) process.on('SIGHUP', noteHangup);
  return {
    release() {
      process.off('SIGTERM', hold).off('SIGINT', hold).off('SIGHUP', noteHangup);
      if (hungUp) process.kill(process.pid, 'SIGHUP');
      if (held !== null) process.kill(process.pid, held);
    },
  };
}
