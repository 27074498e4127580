/** Folds one transcript into its digest: from the start, or on from the cursor of an earlier digest. */
import { hash } from 'node:crypto';
import type { Bytes } from '../units.ts';
import { KIB } from '../units.ts';
import { type Accounting, Message } from './accounting.ts';
import { Digest } from './digest.ts';
import { ANCHOR_BYTES, decodeResume, encodeDigest, encodeSection } from './digest-codec.ts';
import type { Era } from './era.ts';
import { type LineCounts, LineScanner, type LineSink, type ReadAt } from './line-scanner.ts';
import type { MessageFacts } from './message-facts.ts';
import type { Predecessor } from './scan-batch.ts';
import type { ScanKernel } from './scan-kernel.ts';

/** How far back the anchor of a cursor looks. */
const ANCHOR_SPAN: Bytes = 4 * KIB;

export interface FoldResult {
  /** The digest's bytes (digest-codec.ts). */
  readonly digest: Buffer;
  readonly counts: LineCounts;
}

/**
 * Folds the first `size` bytes that `read` gives. With the digest of an earlier state, only what lies behind its cursor
 * is read, if the transcript still holds the bytes that the cursor's anchor was made of. The digest is the same either
 * way, unless bytes before the anchor were rewritten. A digest of another era is of no use.
 */
export function foldTranscript(
  read: ReadAt,
  size: Bytes,
  accounting: Accounting,
  kernel: ScanKernel,
  previous: Uint8Array | null,
): FoldResult {
  const { era, toolResultMessages } = accounting.rules;
  const earlier = previous === null ? null : resumable(previous, era, read, size);
  const sink = new FoldSink(earlier?.resume ?? new Digest(), accounting);
  const scanner = new LineScanner(kernel, sink, toolResultMessages);
  const from = earlier?.cursor.offset ?? 0;
  const next = scanner.scan(read, from, size);
  const figures = encodeSection(sink.digest);
  const cursor = { era, offset: next, anchor: anchorAt(read, next) };
  return { digest: encodeDigest(cursor, figures, sink.beforeTail), counts: scanner.counts };
}

/** Where and with what to go on; null when the cursor does not fit the transcript, which has to be folded anew. */
function resumable(previous: Uint8Array, era: Era, read: ReadAt, size: Bytes): ReturnType<typeof decodeResume> | null {
  const earlier = decodeResume(previous);
  const { offset, anchor } = earlier.cursor;
  return earlier.cursor.era === era && offset <= size && anchorAt(read, offset).equals(anchor) ? earlier : null;
}

/** Whether a transcript begins with what a digest was folded from. A cursor at the very start says nothing of that. */
export function beginsWith({ offset, anchor }: Predecessor, read: ReadAt, size: Bytes): boolean {
  return offset > 0 && offset <= size && anchorAt(read, offset).toString('hex') === anchor;
}

/** Hash of up to 4 KiB before an offset: tells an append from a rewrite. */
export function anchorAt(read: ReadAt, offset: Bytes): Buffer {
  const start = Math.max(0, offset - ANCHOR_SPAN);
  const filled = start === offset ? 0 : read(span, 0, offset - start, start);
  return hash('sha256', span.subarray(0, filled), 'buffer').subarray(0, ANCHOR_BYTES);
}

/** Scratch of anchorAt(). */
const span = Buffer.alloc(ANCHOR_SPAN);

export class FoldSink implements LineSink {
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
    this.beforeTail ??= encodeSection(this.digest);
  }
}
