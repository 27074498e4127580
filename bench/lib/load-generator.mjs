// An open-loop load generator: requests leave on a fixed schedule, whether or not earlier ones were answered.
//
// A generator that waits for an answer before it sends the next request leaves out just those requests that a stall
// would have hit (coordinated omission). Here every latency is taken from the moment at which the request was due,
// so a request that could not be sent in time counts with its wait. The latency from the moment at which it was really
// sent is kept beside it: the timers of this process are up to a millisecond late, which would flatter a ratio.
import { connect } from 'node:net';

const CONNECTIONS = 64;
const DRAIN_DEADLINE = 5_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** One keep-alive connection, with one request at a time. */
class Connection {
  #socket;
  #answered;
  #received = Buffer.alloc(0);
  request = null;

  constructor(socket, answered) {
    this.#socket = socket;
    this.#answered = answered;
    socket.on('data', (bytes) => this.#read(bytes));
  }

  static open(port, answered, failed) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        const connection = new Connection(socket, answered);
        socket.once('error', () => failed(connection));
        socket.once('close', () => failed(connection));
        resolve(connection);
      });
    });
  }

  send(bytes, request) {
    this.request = request;
    this.#socket.write(bytes);
  }

  close() {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #read(bytes) {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) throw new Error(`expected an answer with a Content-Length; got ${head}`);
    if (this.#received.length < headEnd + HEAD_END.length + length) return;
    this.#received = Buffer.alloc(0);
    this.#answered(this, Number(head.slice(9, 12)));
  }
}

class Generator {
  #paths;
  #interval;
  #requests;
  #idle = [];
  #open = new Set();
  /** Requests that are due while every connection is busy, in their order. */
  #due = [];
  #samples = { path: [], at: [], fromIntended: [], fromSent: [], status: [] };
  #outstanding = 0;
  #next = 0;
  #count = 0;
  #stopped = false;

  constructor({ port, paths, rate }) {
    this.#paths = paths;
    this.#interval = 1000 / rate;
    this.#requests = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
  }

  async start(port) {
    const opened = Array.from({ length: CONNECTIONS }, () =>
      Connection.open(
        port,
        (connection, status) => this.#answered(connection, status),
        (connection) => this.#failed(connection),
      ),
    );
    for (const connection of await Promise.all(opened)) {
      this.#open.add(connection);
      this.#idle.push(connection);
    }
    this.#next = performance.now();
    this.#tick();
  }

  /** Waits for what is on its way; what never comes is recorded with status 0. */
  async stop() {
    this.#stopped = true;
    const end = performance.now() + DRAIN_DEADLINE;
    while (this.#outstanding > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const connection of this.#open) {
      if (connection.request !== null) this.#record(connection.request, 0);
      connection.close();
    }
    for (const request of this.#due) this.#record(request, 0);
    return this.#samples;
  }

  #tick() {
    if (this.#stopped) return;
    const now = performance.now();
    while (this.#next <= now) {
      this.#outstanding++;
      this.#due.push({ path: this.#count++ % this.#paths.length, intended: this.#next, sent: Number.NaN });
      this.#next += this.#interval;
    }
    this.#sendDue();
    setTimeout(() => this.#tick(), Math.max(0, this.#next - performance.now()));
  }

  #sendDue() {
    while (this.#due.length > 0 && this.#idle.length > 0) {
      const request = this.#due.shift();
      request.sent = performance.now();
      this.#idle.pop().send(this.#requests[request.path], request);
    }
  }

  #answered(connection, status) {
    this.#record(connection.request, status);
    connection.request = null;
    this.#idle.push(connection);
    this.#sendDue();
  }

  #failed(connection) {
    if (!this.#open.delete(connection)) return;
    this.#idle = this.#idle.filter((other) => other !== connection);
    if (connection.request !== null) this.#record(connection.request, 0);
  }

  #record({ path, intended, sent }, status) {
    const now = performance.now();
    this.#outstanding--;
    this.#samples.path.push(path);
    this.#samples.at.push(performance.timeOrigin + intended);
    this.#samples.fromIntended.push(now - intended);
    this.#samples.fromSent.push(now - sent);
    this.#samples.status.push(status);
  }
}

let generator = null;
process.on('message', async (message) => {
  try {
    if (message.start !== undefined) {
      generator = new Generator(message.start);
      await generator.start(message.start.port);
      process.send({});
    } else {
      process.send({ samples: await generator.stop() });
    }
  } catch (error) {
    process.send({ error: error.message });
  }
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
