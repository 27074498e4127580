/**
 * The HTTP server of the process from its first moment on. Until the application is loaded it answers what needs nothing
 * more than the snapshot, or than to know that there is none yet, and opens WebSockets, whose calls wait for the service alone.
 * It holds every other request, and says that the application is wanted; that gets those and all that follow, on the same
 * server and the same connections.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Budget } from '../budget-options.ts';
import { systemClock } from '../clock.ts';
import { ClawgaugeError } from '../errors.ts';
import { viewKey } from '../snapshot/query.ts';
import type { Delivery } from './delivery.ts';
import { FollowedService, type ReadyViews } from './followed-service.ts';
import { writeJson } from './json-answer.ts';
import { writePending } from './pending.ts';
import { notReady, refuse, refuseSocket } from './problem.ts';
import type { RpcOptions, RpcParts } from './rpc/rpc-parts.ts';
import type { Gate } from './security.ts';
import { serverLimits } from './server-limits.ts';
import { isWebSocketAt, offerUpgrades, type UpgradeTaker } from './upgrade.ts';
import { viewQueryOf } from './view-address.ts';

export interface BootParts extends RpcOptions {
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
  readonly #service: FollowedService;
  /** Made when somebody first wants it. */
  #rpc: Promise<RpcParts> | null = null;
  readonly #startedAt = systemClock.monotonic();
  #application: RequestListener = () => {};
  #takeUpgrade: UpgradeTaker = () => false;
  #handedOver = false;
  /** In order of arrival; those whose client left are gone from it. */
  readonly #held = new Map<ServerResponse, IncomingMessage>();

  constructor(views: ReadyViews, parts: BootParts) {
    this.#service = new FollowedService(views);
    this.#parts = parts;
    this.#server = createServer(serverLimits, (request, response) => this.#take(request, response));
    this.#server.on('clientError', refuseSocket);
    offerUpgrades(this.#server, (request, socket, head) =>
      this.#handedOver ? this.#takeUpgrade(request, socket, head) : this.#openSocket(request, socket, head),
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
    this.#service.follow(views);
  }

  /** What answers the gateway's calls by the rules of now: the application goes on with it, and ends it. */
  rpc(): Promise<RpcParts> {
    this.#rpc ??= this.#makeRpc();
    return this.#rpc;
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
  }

  /**
   * Answers and holds again by other rules, until another application is ready.
   * @param keepsService whether the service that is followed goes on
   */
  takeBack(parts: BootParts, keepsService: boolean): void {
    this.#parts = parts;
    this.#rpc = null;
    if (!keepsService) this.#service.awaitNext();
    this.#handedOver = false;
    // Each application brings one of its own.
    this.#server.removeAllListeners('clientError').on('clientError', refuseSocket);
  }

  /** Ends listening, drops what is held, and waits for the answers under way. */
  async close(): Promise<void> {
    for (const { socket } of this.#held.values()) socket.destroy();
    (await this.#rpc)?.sockets.close();
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
    const { views } = this.#service;
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
    const { views } = this.#service;
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
    if (this.#held.size >= MAX_HELD) {
      refuse(tooMany(), response);
      return;
    }
    this.#held.set(response, request);
    this.want();
    response.once('close', () => this.#held.delete(response));
  }

  #openSocket(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!isWebSocketAt(`${this.#parts.basePath}/rpc`, request)) return false;
    // An error is followed by the close.
    socket.on('error', () => {});
    void this.rpc().then(({ sockets }) => sockets.open(request, socket, head));
    return true;
  }

  async #makeRpc(): Promise<RpcParts> {
    const parts = this.#parts;
    const { rpcPartsOf } = await import('./rpc/rpc-parts.ts');
    return rpcPartsOf(this.#service, parts.gate, parts, this.#startedAt);
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
