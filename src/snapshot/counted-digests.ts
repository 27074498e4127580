/**
 * The digests that the rollup counts, one of each folded transcript: puts one in place of its older self, files it under
 * other dimensions, takes it out, and finds it again for views.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../compute/digest.ts';
import { decodeDigest } from '../compute/digest-codec.ts';
import { type Catalog, type Folded, type Summary, summarise } from './catalog.ts';
import { type DigestShelf, marked } from './digest-shelf.ts';
import { type Filing, Rollup } from './rollup.ts';
import type { TranscriptRow } from './transcript-row.ts';

export class CountedDigests {
  readonly #catalog: Catalog;
  readonly #shelf: DigestShelf;
  #rollup = new Rollup();
  /** Transcripts of which a view needs the digest, which is neither in memory nor on disk. */
  readonly wanted = new Set<TranscriptRow>();
  /** A digest that the rollup holds could not be had again, so the rollup has to be added up anew. */
  #mustRebuild = false;

  constructor(catalog: Catalog, shelf: DigestShelf) {
    this.#catalog = catalog;
    this.#shelf = shelf;
  }

  get rollup(): Rollup {
    return this.#rollup;
  }

  /** Whether the rollup still counts something that is gone, until it is added up anew. */
  get unsettled(): boolean {
    return this.#mustRebuild;
  }

  /** The digest of a folded transcript. Throws DigestUnavailable, and has it folded again. */
  of(row: TranscriptRow): Digest {
    return this.#found(row, row.folded === null ? undefined : this.#shelf.figures(row.id, row.folded));
  }

  /** The same for who goes through all of them once. */
  inPassing(row: TranscriptRow): Digest {
    return this.#found(row, row.folded === null ? undefined : this.#shelf.inPassing(row.id, row.folded));
  }

  /**
   * Puts a digest in place of the one that the rollup holds of the transcript; false if that is the same. A large one is
   * never decoded beside its older self. Throws a RangeError, before anything changed, for broken bytes.
   */
  put(row: TranscriptRow, stamp: string, bytes: Uint8Array, retained: boolean, dimensions: Filing): boolean {
    const { folded } = row;
    const same = folded?.stamp === stamp && folded.retained === retained ? folded : null;
    if (same !== null && this.#isHeld(same, row.id, bytes, retained)) {
      this.#shelf.put(row.id, stamp, bytes);
      this.#shelf.keepAtHand(row.id, stamp, marked(decodeDigest(bytes).figures, retained));
      return false;
    }
    const { agent, channel, kind } = dimensions;
    const filing = { agent, channel, kind };
    const summary = summaryOf(bytes, retained, (figures) => this.#rollup.apply(figures, filing, 1));
    this.takeOut(row);
    this.#catalog.fold(row, { stamp, filing, summary, retained });
    this.#shelf.put(row.id, stamp, bytes);
    return true;
  }

  /** Files a transcript under the dimensions that it has by now. */
  refile(row: TranscriptRow): void {
    const { folded, identity } = row;
    if (folded === null) return;
    const { agent, channel, kind } = identity;
    const { stamp, filing, summary, retained } = folded;
    if (filing.channel === channel && filing.kind === kind) return;
    const figures = this.#shelf.held(row.id, folded);
    if (figures === undefined) {
      this.#mustRebuild = true;
      this.#catalog.fold(row, null);
      return;
    }
    this.#rollup.apply(figures, filing, -1);
    const refiled = { agent, channel, kind };
    this.#catalog.fold(row, { stamp, filing: refiled, summary, retained });
    this.#rollup.apply(figures, refiled, 1);
  }

  /** Takes what the rollup holds of a transcript out of it. */
  takeOut(row: TranscriptRow): void {
    const { folded } = row;
    if (folded === null) return;
    const older = this.#shelf.held(row.id, folded);
    if (older === undefined) this.#mustRebuild = true;
    else this.#rollup.apply(older, folded.filing, -1);
  }

  /** Adds the rollup up anew; gives the transcripts whose digest could not be had again, which it holds no longer. */
  rebuild(): TranscriptRow[] {
    this.#mustRebuild = false;
    this.#rollup = new Rollup();
    const lost: TranscriptRow[] = [];
    for (const row of this.#catalog.all()) {
      const { folded } = row;
      if (folded === null) continue;
      const figures = this.#shelf.held(row.id, folded);
      if (figures === undefined) lost.push(row);
      else this.#rollup.apply(figures, folded.filing, 1);
    }
    for (const row of lost) this.#catalog.fold(row, null);
    return lost;
  }

  #found(row: TranscriptRow, figures: Digest | undefined): Digest {
    if (figures !== undefined) return figures;
    if (row.exists) this.wanted.add(row);
    else this.#mustRebuild = true;
    throw new DigestUnavailable(row.id);
  }

  /** Whether a digest is the one that the rollup holds; one that is gone is told by what was summed up of it. */
  #isHeld({ stamp, summary }: Folded, id: string, bytes: Uint8Array, retained: boolean): boolean {
    const held = this.#shelf.bytes(id, stamp);
    if (held !== undefined) return Buffer.compare(held, bytes) === 0;
    return isDeepStrictEqual(summary, summaryOf(bytes, retained));
  }
}

/** A digest that the rollup counts is neither in memory nor on disk: it has to be folded again first. */
export class DigestUnavailable extends Error {
  override readonly name = 'DigestUnavailable';
}

/** Sums a digest up. Throws a RangeError, before anybody is told, for bytes of another version or damaged ones. */
function summaryOf(bytes: Uint8Array, retained: boolean, tell: (figures: Digest) => void = () => {}): Summary {
  const { figures, cursor } = decodeDigest(bytes);
  tell(marked(figures, retained));
  return summarise(figures, cursor.offset);
}
