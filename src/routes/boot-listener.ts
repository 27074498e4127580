/**
 * The HTTP server of the process from its first moment on. Until the application is loaded it answers what needs nothing
 * more than the snapshot, or than to know that there is none yet. It holds every other request, and says that the application
 * is wanted; that gets those and all that follow, on the same server and the same connections.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Budget } from '../budget-options.ts';
import { ClawgaugeError } from '../errors.ts';
import { viewKey } from '../snapshot/query.ts';
import type { Delivery } from './delivery.ts';
import { writeJson } from './json-answer.ts';
import { writePending } from './pending.ts';
import { notReady, refuse, refuseSocket, refuseUpgrade } from './problem.ts';
import type { Gate } from './security.ts';
import { serverLimits } from './server-limits.ts';
import type { UsageService } from './service.ts';
import { isWebSocketAt, offerUpgrades, type UpgradeTaker } from './upgrade.ts';
import { viewQueryOf } from './view-address.ts';

/** What is ready before anything can be asked for; only the service itself has a status. */
export type ReadyViews = Pick<UsageService, 'head' | 'ready' | 'complete' | 'now'> &
  Partial<Pick<UsageService, 'status'>>;

export interface BootParts {
  readonly gate: Gate;
  readonly delivery: Delivery;
  readonly basePath: string;
  /** The zone of a request that names none. */
  readonly timeZone: string;
  readonly budgets: readonly Budget[];
}

/** Far more than the moment of a start brings; each holds a connection. */
const MAX_HELD = 512;

export class BootListener {
  /** Says that the application is wanted. */
  want: () => void = () => {};
  /** Resolves when somebody said so, or something is held. */
  readonly wanted = new Promise<void>((resolve) => {
    this.want = resolve;
  });
  #parts: BootParts;
  readonly #server: Server;
  /** That of the other loopback address, where both are listened to. */
  #second: SocketServer | null = null;
  #views: ReadyViews;
  #application: RequestListener = () => {};
  #takeUpgrade: UpgradeTaker = () => false;
  #handedOver = false;
  /** In order of arrival; those whose client left are gone from it. */
  readonly #held = new Map<ServerResponse, IncomingMessage>();
  /** WebSockets to be, by the application; what came behind the request is with it. */
  readonly #heldUpgrades = new Map<Duplex, { readonly request: IncomingMessage; readonly head: Buffer }>();

  constructor(views: ReadyViews, parts: BootParts) {
    this.#views = views;
    this.#parts = parts;
    this.#server = createServer(serverLimits, (request, response) => this.#take(request, response));
    this.#server.on('clientError', refuseSocket);
    offerUpgrades(this.#server, (request, socket, head) =>
      this.#handedOver ? this.#takeUpgrade(request, socket, head) : this.#holdUpgrade(request, socket, head),
    );
  }

  /** Rejects with the error of the socket. `localhost` means both loopback addresses, if this machine has both. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    const address = this.#server.address() as AddressInfo;
    if (host === 'localhost') this.#second = await this.#listenOnOther(address);
    return address;
  }

  /** From now on answers from these: the service knows more than its last snapshot does. */
  follow(views: ReadyViews): void {
    this.#views = views;
  }

  /** The server for an application that gets its requests once they are handed over. */
  serverFor(application: RequestListener, takeUpgrade: UpgradeTaker): Server {
    this.#application = application;
    this.#takeUpgrade = takeUpgrade;
    return this.#server;
  }

  /** Ends its own work: the application answers what is held, and every request from now on. */
  handOver(): void {
    this.#handedOver = true;
    this.#server.off('clientError', refuseSocket);
    for (const [response, request] of this.#held) this.#application(request, response);
    this.#held.clear();
    for (const [socket, { request, head }] of this.#heldUpgrades) this.#takeUpgrade(request, socket, head);
    this.#heldUpgrades.clear();
  }

  /** Answers and holds again by other rules, until another application is ready. */
  takeBack(parts: BootParts): void {
    this.#parts = parts;
    this.#handedOver = false;
    // Each application brings one of its own.
    this.#server.removeAllListeners('clientError').on('clientError', refuseSocket);
  }

  /** Ends listening, drops what is held, and waits for the answers under way. */
  async close(): Promise<void> {
    for (const { socket } of this.#held.values()) socket.destroy();
    for (const socket of this.#heldUpgrades.keys()) socket.destroy();
    await Promise.all([closed(this.#server), closed(this.#second)]);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#handedOver) this.#application(request, response);
    else if (!this.#answer(request, response)) this.#hold(request, response);
  }

  /** Says yes only where every check says yes; what is to be refused, the application refuses. */
  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { gate, basePath } = this.#parts;
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (gate.hostRefusal(request) !== null) return false;
    if (url === `${basePath}/health`) {
      writeJson(response, 200, { status: 'ok' });
      return true;
    }
    return (
      gate.tokenRefusal(request) === null && (this.#answerState(url, response) || this.#answerView(request, response))
    );
  }

  #answerState(url: string, response: ServerResponse): boolean {
    const views = this.#views;
    const { basePath } = this.#parts;
    if (url === `${basePath}/ready`) {
      if (views.complete()) writeJson(response, 200, { status: 'ready' });
      else refuse(notReady(), response);
      return true;
    }
    if (url !== `${basePath}/v1/status` || views.status === undefined) return false;
    writeJson(response, 200, views.status());
    return true;
  }

  #answerView(request: IncomingMessage, response: ServerResponse): boolean {
    const { delivery, basePath, timeZone, budgets } = this.#parts;
    const views = this.#views;
    const query = viewQueryOf(request.url ?? '', basePath, timeZone, budgets);
    if (query === null) return false;
    const head = views.head();
    if (head === null) {
      writePending(response, query, null);
      return true;
    }
    const view = views.ready(viewKey(query));
    if (view === undefined) return false;
    delivery.send(request, response, { view, head, origin: 'hit', now: views.now() });
    return true;
  }

  #hold(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isFull()) {
      refuse(tooMany(), response);
      return;
    }
    this.#held.set(response, request);
    this.want();
    response.once('close', () => this.#held.delete(response));
  }

  /** Only what may become a WebSocket: all else is no upgrade to the application either. */
  #holdUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!isWebSocketAt(`${this.#parts.basePath}/rpc`, request)) return false;
    if (this.#isFull()) {
      refuseUpgrade(tooMany(), socket);
      return true;
    }
    this.#heldUpgrades.set(socket, { request, head });
    this.want();
    socket.once('close', () => this.#heldUpgrades.delete(socket));
    // An error is followed by the close.
    socket.on('error', () => {});
    return true;
  }

  #isFull(): boolean {
    return this.#held.size + this.#heldUpgrades.size >= MAX_HELD;
  }

  /** Null where the machine does not have that address, or something else listens there. */
  async #listenOnOther({ family, port }: AddressInfo): Promise<SocketServer | null> {
    const second = createSocketServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#server.emit('connection', socket);
    });
    try {
      second.listen({ host: family === 'IPv6' ? '127.0.0.1' : '::1', port });
      await once(second, 'listening');
      return second;
    } catch {
      return null;
    }
  }
}

function tooMany(): ClawgaugeError {
  return new ClawgaugeError('too_many_requests', `At most ${MAX_HELD} requests may wait for the start of the service.`);
}

function closed(server: SocketServer | null): Promise<void> {
  return new Promise((resolve) => {
    if (server === null) resolve();
    // An error says only that it never listened.
    else server.close(() => resolve());
  });
}
