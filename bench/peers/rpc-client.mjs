// A client of the gateway's calls over WebSocket: the same one for a gateway and for Clawgauge.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { until } from '../lib/wait.mjs';

const CALL_DEADLINE = 600_000;
const FRESH_DEADLINE = 600_000;

export class RpcClient {
  /** What `connect` was answered with. */
  hello;
  #socket;
  #waiting = new Map();
  #calls = 0;

  /** Rejects with the gateway's error, or that of the socket. */
  static async connect(url, token = undefined, { scopes = ['operator.read'] } = {}) {
    const client = new RpcClient();
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 512 * 1024 * 1024 });
    client.#socket = socket;
    socket.on('message', (data) => client.#take(data));
    socket.on('error', (error) => client.#end(error));
    socket.on('close', (code, reason) => client.#end(new Error(`closed with ${code} ${reason}`)));
    await once(socket, 'message');
    const answer = await client.call('connect', {
      minProtocol: 3,
      maxProtocol: 4,
      client: { id: 'gateway-client', version: '1.0.0', platform: process.platform, mode: 'backend' },
      role: 'operator',
      scopes,
      auth: { token },
    });
    if (!answer.ok) throw new Error(answer.error.message);
    client.hello = answer.payload;
    return client;
  }

  /** The answer's `ok`, `payload` or `error`, and with it `ms` until its last byte and its `bytes`. */
  call(method, params) {
    const id = String(++this.#calls);
    const sentAt = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), CALL_DEADLINE);
      this.#waiting.set(id, {
        resolve: ({ ok, payload, error }, bytes, at) => {
          clearTimeout(timer);
          resolve({ ok, payload, error, ms: at - sentAt, bytes });
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#socket.send(JSON.stringify({ type: 'req', id, method, params }));
    });
  }

  /** Milliseconds until a ping is answered. */
  async ping() {
    const sentAt = performance.now();
    this.#socket.ping();
    await once(this.#socket, 'pong');
    return performance.now() - sentAt;
  }

  /** Resolves once the figures of an agent are complete and fresh: a gateway answers with empty ones before. */
  fresh(agentId) {
    const ask = async () => {
      const { payload } = await this.call('sessions.usage', { agentId, range: 'all', limit: 1000 });
      return payload?.cacheStatus?.status === 'fresh' ? payload : null;
    };
    return until(`fresh figures of ${agentId}`, ask, { every: 500, deadline: FRESH_DEADLINE });
  }

  close() {
    this.#socket.terminate();
  }

  #take(data) {
    const at = performance.now();
    const frame = JSON.parse(data);
    if (frame.type !== 'res') return;
    this.#waiting.get(frame.id)?.resolve(frame, data.length, at);
    this.#waiting.delete(frame.id);
  }

  #end(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
