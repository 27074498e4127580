// A small HTTP client with sockets that stay open.
import { Agent, request } from 'node:http';

const TIMEOUT = 30_000;

export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  #port;

  constructor(port) {
    this.#port = port;
  }

  /** `rawHeaders` as node:http has them, the body as a Buffer. */
  ask(method, path, headers = {}) {
    const options = {
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      headers,
      agent: this.#agent,
      timeout: TIMEOUT,
    };
    return new Promise((resolve, reject) => {
      const asked = request(options, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status, rawHeaders } = response;
          resolve({ status, rawHeaders, body: Buffer.concat(parts) });
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer within ${TIMEOUT} ms`)));
      asked.on('error', reject);
      asked.end();
    });
  }

  async json(path) {
    const { status, body } = await this.ask('GET', path);
    return { status, body: JSON.parse(body.toString('utf8')) };
  }

  close() {
    this.#agent.destroy();
  }
}
