/** Which transcripts are folded next, in which batches, and from where on. */
import { pack } from '../compute/envelope.ts';
import type { ScanItem, ScanRequest } from '../compute/scan-batch.ts';
import { type Bytes, KIB, type Milliseconds } from '../units.ts';
import { isAppend, isSameEpoch } from './content-stamp.ts';
import type { DigestShelf } from './digest-shelf.ts';
import { isCrossing, isInDatabase } from './in-database.ts';
import { BATCHES_AT_ONCE } from './keeper-calls.ts';
import type { PriceBooks } from './price-books.ts';
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

/** What is read of an event in a database, about: long ones are mostly results of tools, which are not decompressed. */
const EVENT: Bytes = KIB;

export class FoldPlan {
  readonly #shelf: DigestShelf;
  readonly #unended: UnendedLines;
  readonly #retention: Pick<Retention, 'claimsOf'>;
  readonly #books: Pick<PriceBooks, 'of'>;
  /** Transcripts whose digest went on from an earlier one, longest ago first. */
  readonly #unverified = new Set<TranscriptRow>();
  #verifiedAt: Milliseconds = 0;
  /** Read whole next time, even if it has only grown. */
  #verifying: TranscriptRow | null = null;

  /**
   * What is still to be folded, latest last: a queue for each of the prices in force, since a batch has one book, and for
   * each database, since opening one takes as long as reading dozens of its sessions.
   */
  #queues: TranscriptRow[][] = [];

  constructor(
    shelf: DigestShelf,
    unended: UnendedLines,
    retention: Pick<Retention, 'claimsOf'>,
    books: Pick<PriceBooks, 'of'>,
  ) {
    this.#shelf = shelf;
    this.#unended = unended;
    this.#retention = retention;
    this.#books = books;
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

  /** Takes note of what is to be folded, in place of what it was last told; `batches` gives it out. */
  queue(rows: readonly TranscriptRow[]): void {
    // What a row gives is read from bytes each time: too much for a sort to ask.
    const times = Float64Array.from(rows, ({ mtimeMs }) => mtimeMs);
    const order = Uint32Array.from(rows.keys()).sort((a, b) => (times[a] as number) - (times[b] as number));
    const queues = new Map<string, TranscriptRow[]>();
    for (const at of order) {
      const row = rows[at] as TranscriptRow;
      const { epoch } = this.#books.of(row.folder.store);
      const key = isInDatabase(row) ? `${epoch} ${row.folder.path}` : epoch;
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [row]);
      else queue.push(row);
    }
    this.#queues = [...queues.values()];
  }

  /** The next envelopes for scan.worker, latest transcripts first; fewer than BATCHES_AT_ONCE are the last ones. */
  batches(batchBytes: Bytes = BATCH_BYTES): Uint8Array<ArrayBuffer>[] {
    const batches: Uint8Array<ArrayBuffer>[] = [];
    while (batches.length < BATCHES_AT_ONCE) {
      const queue = this.#latest();
      if (queue === undefined) break;
      batches.push(this.batch(takeGroup(queue, batchBytes)));
    }
    return batches;
  }

  /** The queue that holds the latest transcript of all. */
  #latest(): TranscriptRow[] | undefined {
    let latest: TranscriptRow[] | undefined;
    let time = Number.NEGATIVE_INFINITY;
    for (const queue of this.#queues) {
      const row = queue.at(-1);
      if (row === undefined || row.mtimeMs < time) continue;
      latest = queue;
      time = row.mtimeMs;
    }
    return latest;
  }

  /**
   * One envelope. Where a transcript looks as if it had only grown, its digest goes along to be gone on from.
   * @param rows at least one, all with the same prices
   */
  batch(rows: readonly TranscriptRow[]): Uint8Array<ArrayBuffer> {
    const { epoch, book } = this.#books.of((rows[0] as TranscriptRow).folder.store);
    const parts: Uint8Array[] = [book];
    const items = rows.map((row): ScanItem => {
      const { id, directory, name, stamp, folded } = row;
      const size = bytesOf(row);
      const grown = folded !== null && row !== this.#verifying && isAppend(folded.stamp, stamp);
      const earlier = grown ? this.#shelf.bytes(id, folded.stamp) : this.#claimed(row);
      const predecessors = this.#retention.claimsOf(row).map(({ predecessor }) => predecessor);
      this.#unverified.delete(row);
      const { era } = row.folder.store;
      if (row === this.#verifying) this.#verifying = null;
      if (earlier !== undefined) {
        parts.push(earlier);
        this.#unverified.add(row);
      }
      const lookFrom = grown && earlier !== undefined ? this.#unended.lookFrom(row) : null;
      return { id, directory, name, size, resumes: earlier !== undefined, lookFrom, era, predecessors };
    });
    return pack({ priceEpoch: epoch, items } satisfies ScanRequest, parts);
  }

  /** The digest of the one that a transcript may be under another name, to go on from. */
  #claimed(row: TranscriptRow): Uint8Array | undefined {
    const [longest] = this.#retention
      .claimsOf(row)
      .filter(({ source, stamp }) => isSameEpoch(stamp, row.stamp) && !isCrossing(source, row))
      .sort((a, b) => b.predecessor.offset - a.predecessor.offset);
    return longest === undefined ? undefined : this.#shelf.bytes(longest.source.id, longest.stamp);
  }
}

/** The size of one in a database is its number of events. */
function bytesOf(row: TranscriptRow): Bytes {
  return isInDatabase(row) ? row.size * EVENT : row.size;
}

/** Takes the transcripts of one batch out of a queue. */
function takeGroup(queue: TranscriptRow[], batchBytes: Bytes): TranscriptRow[] {
  const group: TranscriptRow[] = [];
  let bytes = 0;
  for (let row = queue.at(-1); row !== undefined; row = queue.at(-1)) {
    bytes += bytesOf(row);
    if (group.length >= BATCH_ITEMS || (group.length > 0 && bytes > batchBytes)) break;
    group.push(row);
    queue.pop();
  }
  return group;
}
