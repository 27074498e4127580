/** Writes one text file after another through one fixed buffer, so that memory does not grow with what is written. */
import { closeSync, futimesSync, openSync, writeSync } from 'node:fs';
import type { Bytes, Milliseconds } from '../units.ts';

/** A UTF-16 unit takes at most this many bytes in UTF-8. */
const BYTES_PER_UNIT = 3;

export class FileWriter {
  readonly #buffer: Buffer;
  #file = -1;
  #used = 0;
  #flushed = 0;

  constructor(capacity: Bytes) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** Bytes of the open file so far. */
  get bytes(): Bytes {
    return this.#flushed + this.#used;
  }

  open(path: string): void {
    this.#file = openSync(path, 'w', 0o600);
    this.#used = 0;
    this.#flushed = 0;
  }

  append(text: string): void {
    const most = text.length * BYTES_PER_UNIT;
    if (most > this.#buffer.length - this.#used) this.#flush();
    if (most > this.#buffer.length) this.#write(Buffer.from(text, 'utf8'));
    else this.#used += this.#buffer.write(text, this.#used, 'utf8');
  }

  /** Ends the file, and dates it when a time is given. */
  close(modified?: Milliseconds): void {
    this.#flush();
    if (modified !== undefined) futimesSync(this.#file, modified / 1000, modified / 1000);
    closeSync(this.#file);
    this.#file = -1;
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#flushed += bytes.length;
  }
}
