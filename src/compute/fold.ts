/** Folds one transcript into its digest: from the start, or on from the cursor of an earlier digest. */
import { createHash } from 'node:crypto';
import type { Bytes } from '../units.ts';
import { KIB } from '../units.ts';
import { type Accounting, Message } from './accounting.ts';
import { Digest } from './digest.ts';
import { ANCHOR_BYTES, decodeDigest, encodeDigest, encodeSection } from './digest-codec.ts';
import { type LineCounts, LineScanner, type LineSink, type ReadAt } from './line-scanner.ts';
import type { MessageFacts } from './message-facts.ts';

/** How far back the anchor of a cursor looks. */
const ANCHOR_SPAN: Bytes = 4 * KIB;

export interface FoldResult {
  /** The digest's bytes (digest-codec.ts). */
  readonly digest: Buffer;
  readonly bytesRead: Bytes;
  readonly counts: LineCounts;
}

/**
 * Folds the first `size` bytes that `read` gives. With `previous`, whose cursor the caller has verified, only what
 * lies behind that cursor is read. The result is the same bytes either way.
 */
export function foldTranscript(
  read: ReadAt,
  size: Bytes,
  accounting: Accounting,
  buffer: Buffer,
  previous: Uint8Array | null,
): FoldResult {
  const earlier = previous === null ? null : decodeDigest(previous);
  const sink = new FoldSink(earlier?.resume ?? new Digest(), accounting);
  const scanner = new LineScanner(buffer, sink);
  const from = earlier?.cursor.offset ?? 0;
  const { next, bytesRead } = scanner.scan(read, from, size);
  const figures = encodeSection(sink.digest);
  const cursor = { offset: next, anchor: anchorAt(read, next, buffer) };
  return { digest: encodeDigest(cursor, figures, sink.beforeTail), bytesRead, counts: scanner.counts };
}

/** Hash of up to 4 KiB before an offset: tells an append from a rewrite. Uses `buffer` as scratch. */
export function anchorAt(read: ReadAt, offset: Bytes, buffer: Buffer): Buffer {
  const start = Math.max(0, offset - ANCHOR_SPAN);
  const filled = read(buffer, 0, offset - start, start);
  return createHash('sha256').update(buffer.subarray(0, filled)).digest().subarray(0, ANCHOR_BYTES);
}

class FoldSink implements LineSink {
  readonly digest: Digest;
  /** The state at the cursor when a line without newline was counted behind it. */
  beforeTail: Buffer | null = null;
  readonly #accounting: Accounting;
  readonly #message = new Message();

  constructor(digest: Digest, accounting: Accounting) {
    this.digest = digest;
    this.#accounting = accounting;
  }

  message(facts: MessageFacts): void {
    this.#accounting.apply(facts, this.#message);
    this.digest.add(this.#message);
  }

  malformed(): void {
    this.digest.malformed++;
  }

  cut(): void {
    this.digest.cut++;
  }

  tail(): void {
    this.beforeTail = encodeSection(this.digest);
  }
}
