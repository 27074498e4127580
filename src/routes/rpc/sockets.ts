/**
 * All WebSockets of the gateway's calls: who may open one, how many there may be, and the beat at which they are
 * pinged. The library is loaded when the first one is opened.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { type Clock, systemClock } from '../../clock.ts';
import { ClawgaugeError } from '../../errors.ts';
import { refuseUpgrade } from '../problem.ts';
import type { Gate } from '../security.ts';
import { Conversation, type ConversationParts } from './conversation.ts';
import { rpcLimits } from './limits.ts';

export interface RpcSocketsParts extends Omit<ConversationParts, 'clock'> {
  readonly gate: Gate;
}

export class RpcSockets {
  readonly #gate: Gate;
  readonly #parts: ConversationParts;
  /** Also sockets that are still being opened. */
  #open = 0;
  #unconnected = 0;
  readonly #conversations = new Set<Conversation>();
  #server: Promise<WebSocketServer> | null = null;
  #stopBeat: (() => void) | null = null;
  #closing = false;

  constructor(parts: RpcSocketsParts, clock: Clock = systemClock) {
    this.#gate = parts.gate;
    this.#parts = { ...parts, clock };
  }

  /** Takes a request to open a WebSocket, whose path was looked at already, with its socket and what came behind it. */
  async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (socket.destroyed) return;
    socket.on('error', ignore);
    const refusal = this.#gate.hostRefusal(request) ?? this.#shortage();
    if (refusal !== null) {
      refuseUpgrade(refusal, socket);
      return;
    }
    this.#open++;
    this.#unconnected++;
    let unconnected = true;
    const connected = () => {
      if (unconnected) this.#unconnected--;
      unconnected = false;
    };
    let conversation: Conversation | null = null;
    socket.once('close', () => {
      connected();
      this.#open--;
      if (conversation !== null) this.#conversations.delete(conversation);
    });
    this.#server ??= loadServer();
    const server = await this.#server;
    if (socket.destroyed) return;
    server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      socket.off('error', ignore);
      conversation = new Conversation(webSocket, this.#terms(request), this.#parts, connected);
      this.#conversations.add(conversation);
      if (this.#closing) conversation.shutDown();
      this.#stopBeat ??= this.#parts.clock.after(rpcLimits.beat, () => this.#beat());
    });
  }

  /** Closes every socket; no other is opened. Those that do not answer are cut off after a moment. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#stopBeat?.();
    for (const conversation of this.#conversations) conversation.shutDown();
  }

  #terms(request: IncomingMessage): { proved: boolean; isToken: ((text: string) => boolean) | null } {
    const gate = this.#gate;
    return {
      proved: gate.tokenRefusal(request) === null,
      isToken: gate.asksForToken ? (text) => gate.isToken(text) : null,
    };
  }

  #shortage(): ClawgaugeError | null {
    if (this.#closing) return new ClawgaugeError('not_ready', 'The service is ending.');
    if (this.#open >= rpcLimits.sockets) {
      return new ClawgaugeError('too_many_requests', `At most ${rpcLimits.sockets} WebSockets may be open.`);
    }
    if (this.#unconnected < rpcLimits.unconnected) return null;
    const detail = `At most ${rpcLimits.unconnected} WebSockets may be open that have not connected.`;
    return new ClawgaugeError('too_many_requests', detail);
  }

  #beat(): void {
    for (const conversation of this.#conversations) conversation.beat();
    this.#stopBeat =
      this.#conversations.size === 0 ? null : this.#parts.clock.after(rpcLimits.beat, () => this.#beat());
  }
}

async function loadServer(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compressing would take more memory for each socket than all the rest of it.
    perMessageDeflate: false,
    // One message a turn: who sends many takes turns with everybody else.
    allowSynchronousEvents: false,
    maxPayload: rpcLimits.messageBytes,
    maxFragments: rpcLimits.fragments,
    maxBufferedChunks: rpcLimits.pieces,
  });
  server.on('wsClientError', (_error, socket) => {
    refuseUpgrade(new ClawgaugeError('malformed_request', 'A WebSocket handshake of version 13 was expected.'), socket);
  });
  return server;
}

function ignore(): void {}
