/**
 * What is said on one socket: the challenge, `connect`, and then calls and their answers, as with the gateway.
 * A client that sends faster than it is answered, or does not take its answers, is not read until it does.
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Clock } from '../../clock.ts';
import { type Bytes, KIB, type Milliseconds } from '../../units.ts';
import type { UsageService } from '../service.ts';
import { busy, type RpcCalls, rpcMethods } from './calls.ts';
import { admit, type ConnectTerms, helloOk, type RpcClient } from './connect.ts';
import { rpcLimits } from './limits.ts';
import type { Outgoing } from './outgoing.ts';
import { type RequestFrame, readFrame } from './request-frame.ts';
import { answerFrame, errorFrame, eventFrame, type Frame, sizeOf } from './response-frame.ts';

export interface ConversationParts {
  readonly service: Pick<UsageService, 'dialect' | 'now'>;
  readonly calls: RpcCalls;
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  /** Of this package. */
  readonly version: string;
  /** When the service began, by the clock's `monotonic`. */
  readonly startedAt: Milliseconds;
  /** Whether conversations may be shown to who proves the token; false where none is asked for. */
  readonly transcripts: boolean;
}

/** Up to this size the answer to a call is one WebSocket frame: not every client puts fragments together. */
const ONE_PIECE: Bytes = 64 * KIB;

/** Messages looked at before others get their turn. */
const AT_ONCE = 64;

export class Conversation {
  readonly #socket: WebSocket;
  readonly #parts: ConversationParts;
  readonly #terms: ConnectTerms;
  readonly #left = new AbortController();
  readonly #cancelDeadline: () => void;
  /** Messages that came and are not looked at yet: what arrived in one piece with those before them. */
  #messages: Buffer[] = [];
  #client: RpcClient | null = null;
  #running = 0;
  /** Whether it goes on once others had their turn. */
  #waitsForTurn = false;
  #events = 0;
  #ended = false;
  /** When the client last sent or took anything. */
  #aliveAt: Milliseconds;

  /** Begins it. `connected` is called once, if the client gets as far as that. */
  constructor(socket: WebSocket, terms: ConnectTerms, parts: ConversationParts, connected: () => void) {
    this.#socket = socket;
    this.#terms = terms;
    this.#parts = parts;
    this.#aliveAt = parts.clock.monotonic();
    this.#cancelDeadline = parts.clock.after(rpcLimits.handshake, () => this.end(1008, 'connect was expected in time'));
    socket.on('message', (message: Buffer) => this.#take(message, connected));
    socket.on('pong', () => this.#heard());
    // ws tells the client its cause by a close: too long, not UTF-8, no frame at all.
    socket.on('error', () => this.#letGo());
    socket.once('close', () => this.#forget());
    this.#send([Buffer.from(eventFrame('connect.challenge', { nonce: randomUUID(), ts: parts.service.now() }))]);
  }

  /** Time for a ping and a tick, and to let go of a client that is silent. */
  beat(): void {
    if (this.#client === null || this.#ended) return;
    const { clock, service } = this.#parts;
    if (clock.monotonic() - this.#aliveAt >= rpcLimits.silence) {
      this.end(1008, this.#socket.bufferedAmount > 0 ? 'slow consumer' : 'pings were not answered');
      return;
    }
    this.#socket.ping();
    if (!this.#isBehind()) this.#event('tick', { ts: service.now() });
  }

  /** The service ends. */
  shutDown(): void {
    if (this.#client !== null) this.#event('shutdown', { reason: 'service stopping' });
    this.end(1012, 'service restart');
  }

  /** Closes the socket; nothing is read or answered any more. */
  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#letGo();
    // Read on, for the close that answers ours.
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  /** Answers nothing any more, and leaves the client a moment to take the close. */
  #letGo(): void {
    this.#forget();
    const cancel = this.#parts.clock.after(rpcLimits.closing, () => this.#socket.terminate());
    this.#socket.once('close', cancel);
  }

  #forget(): void {
    this.#ended = true;
    this.#messages = [];
    this.#cancelDeadline();
    this.#left.abort();
  }

  #take(message: Buffer, connected: () => void): void {
    if (this.#ended) return;
    this.#heard();
    if (this.#client === null) {
      this.#connect(message);
      if (this.#client !== null) connected();
      return;
    }
    this.#messages.push(message);
    this.#goOn();
  }

  /** Answers what waits, as far as there is room for it; reads no more while something waits. */
  #goOn(): void {
    if (this.#ended || this.#waitsForTurn) return;
    for (let count = 0; count < AT_ONCE && this.#messages.length > 0 && this.#hasRoom(); count++) {
      this.#answer(this.#messages.shift() as Buffer);
    }
    if (this.#messages.length === 0) {
      this.#socket.resume();
      return;
    }
    this.#socket.pause();
    if (!this.#hasRoom()) return;
    this.#waitsForTurn = true;
    setImmediate(() => {
      this.#waitsForTurn = false;
      this.#goOn();
    });
  }

  #hasRoom(): boolean {
    return this.#running < rpcLimits.callsOfSocket && !this.#isBehind();
  }

  #isBehind(): boolean {
    return this.#socket.bufferedAmount >= rpcLimits.socketOutgoing;
  }

  #connect(message: Buffer): void {
    const frame = readFrame(message);
    if ('problem' in frame) {
      this.end(1008, 'invalid request frame');
      return;
    }
    const client =
      frame.method === 'connect'
        ? admit(frame.params, this.#terms)
        : { error: invalid('invalid handshake: first request must be connect'), close: 1008 };
    if ('error' in client) {
      this.#send([Buffer.from(errorFrame(frame.id, client.error))]);
      this.end(client.close, client.error.message.slice(0, MAX_REASON));
      return;
    }
    this.#cancelDeadline();
    this.#client = client;
    const { service, clock, version, startedAt } = this.#parts;
    const hello = helloOk(client, {
      dialect: service.dialect(),
      version,
      connection: randomUUID(),
      uptimeMs: Math.round(clock.monotonic() - startedAt),
      methods: rpcMethods,
      policy: {
        maxPayload: rpcLimits.messageBytes,
        maxBufferedBytes: rpcLimits.outgoing,
        tickIntervalMs: rpcLimits.beat,
      },
    });
    this.#send(answerFrame(frame.id, { ok: true, payload: [Buffer.from(JSON.stringify(hello))] }));
  }

  #answer(message: Buffer): void {
    const frame = readFrame(message);
    if ('problem' in frame) {
      this.#send([Buffer.from(errorFrame(frame.id, invalid(`invalid request frame: ${frame.problem}`)))]);
    } else if (frame.method === 'connect') {
      this.#send([Buffer.from(errorFrame(frame.id, invalid('connect is only valid as the first request')))]);
    } else {
      void this.#call(frame);
    }
  }

  async #call({ id, method, params }: RequestFrame): Promise<void> {
    const { scopes, proved } = this.#client as RpcClient;
    const { calls, outgoing, transcripts } = this.#parts;
    this.#running++;
    const caller = { signal: this.#left.signal, transcripts: transcripts && proved };
    const frame = answerFrame(id, await calls.answer(method, params, caller, scopes));
    this.#running--;
    if (this.#ended) return;
    const fits = outgoing.admits(sizeOf(frame));
    this.#send(fits ? frame : answerFrame(id, busy('too many answers wait to be read')));
    this.#goOn();
  }

  #event(event: string, payload: object): void {
    this.#send([Buffer.from(eventFrame(event, payload, ++this.#events))]);
  }

  #send(frame: Frame): void {
    const size = sizeOf(frame);
    const left = this.#parts.outgoing.send(size);
    // What the machine takes off our hands at once, such as ticks, says nothing about the client.
    const telling = size > ONE_PIECE || this.#socket.bufferedAmount > 0;
    const done = () => {
      left();
      if (telling) this.#heard();
      this.#goOn();
    };
    if (size <= ONE_PIECE) {
      this.#socket.send(Buffer.concat(frame), { binary: false }, done);
      return;
    }
    const last = frame.length - 1;
    for (const [index, piece] of frame.entries()) {
      this.#socket.send(piece, { binary: false, fin: index === last }, index === last ? done : undefined);
    }
  }

  #heard(): void {
    this.#aliveAt = this.#parts.clock.monotonic();
  }
}

/** What a close has room for. */
const MAX_REASON = 123;

function invalid(message: string): { code: string; message: string } {
  return { code: 'INVALID_REQUEST', message };
}
