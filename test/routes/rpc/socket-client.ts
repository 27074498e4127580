/** A client of /rpc over a real socket, that keeps what came and lets a test wait for it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ClientOptions, type RawData, WebSocket } from 'ws';

export interface Frame {
  readonly type: string;
  readonly id?: string | number;
  readonly ok?: boolean;
  readonly event?: string;
  readonly seq?: number;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string; readonly retryable?: boolean };
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** For `expect.poll`, whose own second is little on a busy machine. */
export const patient = { timeout: 20_000 };

export const operator = {
  minProtocol: 3,
  maxProtocol: 4,
  client: { id: 'test', version: '1', platform: 'x', mode: 'test' },
};

export class SocketClient {
  readonly socket: WebSocket;
  /** Resolves once the socket is closed, however. */
  readonly closed: Promise<Close>;
  #came: Frame[] = [];
  #waiting: ((frame: Frame) => void)[] = [];
  #calls = 0;

  constructor(port: number, { path = '/rpc', ...options }: ClientOptions & { path?: string } = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false, ...options });
    this.socket.on('message', (data: RawData) => this.#take(JSON.parse(String(data))));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  /** A client that connected with these parameters beside the usual ones, after its challenge and hello-ok. */
  static async connected(
    port: number,
    params: object = {},
    options: ClientOptions & { path?: string } = {},
  ): Promise<SocketClient> {
    const client = new SocketClient(port, options);
    await client.next();
    const { ok, error } = await client.call('connect', { ...operator, scopes: ['operator.read'], ...params });
    if (ok !== true) throw new Error(error?.message);
    return client;
  }

  /** The next frame that came or comes; rejects once the socket is closed. */
  next(): Promise<Frame> {
    const frame = this.#came.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return Promise.race([
      new Promise<Frame>((resolve) => this.#waiting.push(resolve)),
      this.closed.then(({ code, reason }) => Promise.reject(new Error(`closed with ${code} ${reason}`))),
    ]);
  }

  /** Sends an object as JSON, and a string or a buffer as it is. */
  send(frame: object | string | Buffer): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The next frame after a request; for a client that has nothing else under way. */
  call(method: string, params?: unknown): Promise<Frame> {
    this.send({ type: 'req', id: String(++this.#calls), method, params });
    return this.next();
  }

  #take(frame: Frame): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#came.push(frame);
    else waiting(frame);
  }
}

/** A bare socket that was made a WebSocket by hand, for what no client library would send. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `GET /rpc HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  return socket;
}

/** One client frame as it stands on the wire, masked with zeros. */
export function wireFrame(payload: Buffer | string, { opcode = 1, fin = true } = {}): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(body.length < 126 ? 6 : body.length < 65_536 ? 8 : 14);
  head[0] = (fin ? 0x80 : 0) | opcode;
  if (body.length < 126) head[1] = 0x80 | body.length;
  else if (body.length < 65_536) {
    head[1] = 0xfe;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = 0xff;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}
