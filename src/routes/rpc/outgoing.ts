/** The bytes that are on their way to all clients together: those who do not read share one bound. */
import type { Bytes } from '../../units.ts';

export class Outgoing {
  readonly #limit: Bytes;
  #bytes: Bytes = 0;

  constructor(limit: Bytes) {
    this.#limit = limit;
  }

  /** Whether that much more may be sent. One alone may exceed the limit: it could never be sent otherwise. */
  admits(size: Bytes): boolean {
    return this.#bytes === 0 || this.#bytes + size <= this.#limit;
  }

  /** Counts what is being sent until the result is called: it has left, or never will. */
  send(size: Bytes): () => void {
    this.#bytes += size;
    let left = false;
    return () => {
      if (!left) this.#bytes -= size;
      left = true;
    };
  }
}
