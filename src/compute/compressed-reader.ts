/**
 * A transcript in a file compressed with zstd, read by position as if it were not: decompressed in passing, block by
 * block, so that memory holds no more than the window of the compression and what was read last.
 */
import { createRequire } from 'node:module';
import type { Decompress } from 'fzstd';
import { type Bytes, KIB } from '../units.ts';
import { type TranscriptReader, UNKNOWN_SIZE } from './transcript-source.ts';

const PIECE: Bytes = 64 * KIB;
/** Kept of what was read already: anchors look back. */
const KEPT: Bytes = 64 * KIB;

export class CompressedReader implements TranscriptReader {
  readonly #file: TranscriptReader;
  readonly #piece = Buffer.alloc(PIECE);
  #stream: Decompress;
  /** Compressed bytes that were decompressed; null at their end. */
  #taken: Bytes | null = 0;
  /** Decompressed bytes at hand, and where they begin. */
  #blocks: Uint8Array[] = [];
  #from: Bytes = 0;
  #length: Bytes = 0;

  /** @param file the compressed bytes; closed with this one */
  constructor(file: TranscriptReader) {
    this.#file = file;
    this.#stream = this.#begin();
  }

  /** Its size is not known before it is read: it ends where no more bytes come. */
  state(): { size: Bytes; stamp: string } {
    return { size: UNKNOWN_SIZE, stamp: this.#file.state().stamp };
  }

  /** Throws for bytes that are not what zstd writes. */
  read(buf: Buffer, start: number, end: number, position: number): Bytes {
    if (position < this.#from) this.#stream = this.#begin();
    while (this.#from + this.#length < position + end - start && this.#taken !== null) {
      this.#forget(position - KEPT);
      this.#advance(this.#taken);
    }
    let at = this.#from;
    let filled = start;
    for (const block of this.#blocks) {
      const skipped = position + filled - start - at;
      at += block.length;
      if (skipped >= block.length || filled === end) continue;
      const wanted = block.subarray(skipped, skipped + end - filled);
      buf.set(wanted, filled);
      filled += wanted.length;
    }
    return filled - start;
  }

  close(): void {
    this.#file.close();
  }

  #begin(): Decompress {
    this.#taken = 0;
    this.#blocks = [];
    this.#from = 0;
    this.#length = 0;
    const { Decompress: Stream } = createRequire(import.meta.url)('fzstd') as { Decompress: typeof Decompress };
    return new Stream((block) => {
      this.#blocks.push(block);
      this.#length += block.length;
    });
  }

  #advance(taken: Bytes): void {
    const read = this.#file.read(this.#piece, 0, PIECE, taken);
    const isLast = read < PIECE;
    // A copy: what a block lacks is kept until the next piece.
    this.#stream.push(Uint8Array.prototype.slice.call(this.#piece, 0, read), isLast);
    this.#taken = isLast ? null : taken + read;
  }

  #forget(before: Bytes): void {
    for (
      let [first] = this.#blocks;
      first !== undefined && this.#from + first.length <= before;
      [first] = this.#blocks
    ) {
      this.#blocks.shift();
      this.#from += first.length;
      this.#length -= first.length;
    }
  }
}
