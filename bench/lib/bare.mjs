// Starts the bare server, and makes the answer that it gives from one of the service's.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { start, stop } from './children.mjs';

const script = fileURLToPath(new URL('./bare-server.mjs', import.meta.url));
/** node:http adds these itself. */
const OWN_HEADERS = new Set(['date', 'connection', 'keep-alive']);

/** Keeps an answer of the service, as its client gave it, in a file for the bare server. */
export function writeAnswer(file, { rawHeaders, body }) {
  const headers = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!OWN_HEADERS.has(rawHeaders[at].toLowerCase())) headers.push(rawHeaders[at], rawHeaders[at + 1]);
  }
  writeFileSync(file, JSON.stringify({ headers, body: body.toString('base64') }));
}

export class BareServer {
  /** performance.now() at the spawn. */
  spawnedAt = performance.now();
  port;
  #child;

  constructor(port, answerFile) {
    this.port = port;
    this.#child = start(process.execPath, [script, String(port), answerFile], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  stop() {
    return stop(this.#child);
  }
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
