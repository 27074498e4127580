// Starts and stops the load generator, which runs in a process of its own (load-generator.mjs).
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { start, stop } from './children.mjs';

const script = fileURLToPath(new URL('./load-generator.mjs', import.meta.url));

export class Load {
  #child;

  /** Begins to send `rate` requests a second, to the paths in turn. */
  static async start(options) {
    const load = new Load();
    load.#child = start(process.execPath, [script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    await load.#call({ start: options });
    return load;
  }

  /** Ends it; gives every request: path (its place in the list), at (epoch ms), fromIntended, fromSent (ms), status. */
  async stop() {
    const { samples } = await this.#call({ stop: true });
    await stop(this.#child);
    return samples;
  }

  async #call(message) {
    const ended = new AbortController();
    const { signal } = ended;
    const answer = Promise.race([
      once(this.#child, 'message', { signal }),
      once(this.#child, 'exit', { signal }).then(([code]) => [{ error: `the load generator ended with ${code}` }]),
    ]);
    this.#child.send(message);
    const [body] = await answer.finally(() => ended.abort());
    if (body.error !== undefined) throw new Error(body.error);
    return body;
  }
}
