/** Which transcripts are folded next, in which batches, and from where on. */
import { pack } from '../compute/envelope.ts';
import type { PriceBookData } from '../compute/price-book.ts';
import type { ScanItem, ScanRequest } from '../compute/scan-batch.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import { isAppend, priceEpochOf } from './content-stamp.ts';
import type { DigestShelf } from './digest-shelf.ts';
import type { Retention } from './retention.ts';
import { BATCH_BYTES } from './shedding.ts';
import type { TranscriptRow } from './transcript-row.ts';
import type { UnendedLines } from './unended-lines.ts';

/** A batch is bounded in transcripts, and in bytes by whoever asks, so that its deadline means something. */
const BATCH_ITEMS = 256;
/**
 * A transcript that was read from a cursor is read whole again after a while, one at a time: a rewrite of bytes before
 * the anchor that came together with an append shows in no stamp.
 */
const VERIFY_EVERY: Milliseconds = 60_000;

/** The prices that a fold is to use. */
export interface FoldPrices {
  readonly epoch: string;
  readonly book: PriceBookData;
}

export class FoldPlan {
  readonly #shelf: DigestShelf;
  readonly #unended: UnendedLines;
  readonly #retention: Pick<Retention, 'claimsOf'>;
  /** Transcripts whose digest went on from an earlier one, longest ago first. */
  readonly #unverified = new Set<TranscriptRow>();
  #verifiedAt: Milliseconds = 0;
  /** Read whole next time, even if it has only grown. */
  #verifying: TranscriptRow | null = null;

  constructor(shelf: DigestShelf, unended: UnendedLines, retention: Pick<Retention, 'claimsOf'>) {
    this.#shelf = shelf;
    this.#unended = unended;
    this.#retention = retention;
  }

  /** Whether a transcript is to be verified by now. */
  isVerifyDue(now: Milliseconds): boolean {
    if (this.#unverified.size === 0) this.#verifiedAt = now;
    return now - this.#verifiedAt >= VERIFY_EVERY;
  }

  /** The transcript that was longest read in parts, now and then; null otherwise. */
  toVerify(now: Milliseconds): TranscriptRow | null {
    if (!this.isVerifyDue(now)) return null;
    this.#verifiedAt = now;
    const [row] = this.#unverified;
    if (row === undefined) return null;
    this.#unverified.delete(row);
    this.#verifying = row;
    return row;
  }

  forget(row: TranscriptRow): void {
    this.#unverified.delete(row);
    if (row === this.#verifying) this.#verifying = null;
  }

  /** Envelopes for scan.worker, latest transcripts first. */
  batches(
    rows: Iterable<TranscriptRow>,
    prices: FoldPrices,
    batchBytes: Bytes = BATCH_BYTES,
  ): Uint8Array<ArrayBuffer>[] {
    const latestFirst = [...rows].sort((a, b) => b.mtimeMs - a.mtimeMs);
    const groups: TranscriptRow[][] = [];
    let bytes = Number.POSITIVE_INFINITY;
    for (const row of latestFirst) {
      const last = groups.at(-1);
      if (last === undefined || bytes + row.size > batchBytes || last.length >= BATCH_ITEMS) {
        groups.push([row]);
        bytes = row.size;
      } else {
        last.push(row);
        bytes += row.size;
      }
    }
    return groups.map((group) => this.batch(group, prices));
  }

  /** One envelope. Where a transcript looks as if it had only grown, its digest goes along to be gone on from. */
  batch(rows: readonly TranscriptRow[], { epoch, book }: FoldPrices): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array[] = [Buffer.from(JSON.stringify(book))];
    const items = rows.map((row): ScanItem => {
      const { id, directory, name, size, stamp, folded } = row;
      const grown = folded !== null && row !== this.#verifying && isAppend(folded.stamp, stamp);
      const earlier = grown ? this.#shelf.bytes(id, folded.stamp) : this.#claimed(row);
      const predecessors = this.#retention.claimsOf(row).map(({ predecessor }) => predecessor);
      this.#unverified.delete(row);
      if (row === this.#verifying) this.#verifying = null;
      if (earlier !== undefined) {
        parts.push(earlier);
        this.#unverified.add(row);
      }
      const lookFrom = grown && earlier !== undefined ? this.#unended.lookFrom(row) : null;
      return { id, directory, name, size, resumes: earlier !== undefined, lookFrom, predecessors };
    });
    return pack({ priceEpoch: epoch, items } satisfies ScanRequest, parts);
  }

  /** The digest of the one that a transcript may be under another name, to go on from. */
  #claimed(row: TranscriptRow): Uint8Array | undefined {
    const [longest] = this.#retention
      .claimsOf(row)
      .filter((claim) => priceEpochOf(claim.stamp) === priceEpochOf(row.stamp))
      .sort((a, b) => b.predecessor.offset - a.predecessor.offset);
    return longest === undefined ? undefined : this.#shelf.bytes(longest.source.id, longest.stamp);
  }
}
