/**
 * Where the keeper finds digests again: decoded ones that views just asked for, the LRU, the store on disk, and the
 * ledger. A digest is named by its transcript and the content stamp that it was folded from.
 */
import type { DigestCache } from '../cache/digest-cache.ts';
import type { DigestStore, StoredDigest } from '../cache/digest-store.ts';
import type { Ledger } from '../cache/ledger.ts';
import type { Digest } from '../compute/digest.ts';
import { decodeFigures } from '../compute/digest-codec.ts';
import type { Folded } from './catalog.ts';
import { asRetained } from './retained-digest.ts';

/** Decoded digests at hand, and their cells together: views ask for the same ones again and again. */
const MAX_DECODED = 256;
const MAX_DECODED_CELLS = 8_192;

export class DigestShelf {
  readonly #cache: DigestCache;
  readonly #store: DigestStore | null;
  readonly #ledger: Ledger | null;
  readonly #decoded = new Map<string, { stamp: string; figures: Digest }>();
  /** At least as many as they have: what is dropped alone still counts. */
  #decodedCells = 0;
  /** Transcripts that the store has to forget, as long as it was not possible to write that. */
  readonly #removed = new Set<string>();

  constructor(cache: DigestCache, store: DigestStore | null, ledger: Ledger | null) {
    this.#cache = cache;
    this.#store = store;
    this.#ledger = ledger;
  }

  /** The bytes from memory, else from disk; undefined when they have to be folded again. */
  bytes(id: string, stamp: string): Uint8Array | undefined {
    const cached = this.#cache.get(id, stamp);
    if (cached !== undefined) return cached;
    const stored = this.#read(id, stamp);
    if (stored !== undefined) this.#cache.set(id, stamp, stored);
    return stored;
  }

  /** Everything that the store has of a transcript, whatever its stamp. */
  stored(id: string): StoredDigest | undefined {
    return this.#removed.has(id) ? undefined : this.#store?.find(id);
  }

  /** Whether the store has nothing of any transcript. */
  get hasNothingStored(): boolean {
    return this.#store?.isEmpty ?? true;
  }

  /** The ids of stored transcripts in order, from behind `after` on; an empty page is the end. */
  storedIds(after: string, limit: number): string[] {
    return this.#store?.ids(after, limit) ?? [];
  }

  /** What the rollup holds of a transcript, for the adding up and taking out. */
  held(id: string, { stamp, retained }: Folded): Digest | undefined {
    const bytes = this.bytes(id, stamp);
    return bytes === undefined ? undefined : marked(decodeFigures(bytes), retained);
  }

  /** The same, kept at hand for the next view; not to be changed. */
  figures(id: string, folded: Folded): Digest | undefined {
    const known = this.#decoded.get(id);
    if (known?.stamp === folded.stamp) return known.figures;
    const figures = this.held(id, folded);
    if (figures !== undefined) this.keepAtHand(id, folded.stamp, figures);
    return figures;
  }

  /** The same for who goes through all of them once: what others ask for is not pushed out by that. */
  inPassing(id: string, { stamp, retained }: Folded): Digest | undefined {
    const known = this.#decoded.get(id);
    if (known?.stamp === stamp) return known.figures;
    const bytes = this.#cache.peek(id, stamp) ?? this.#read(id, stamp);
    return bytes === undefined ? undefined : marked(decodeFigures(bytes), retained);
  }

  /** The last one is kept however large it is: it may be nowhere else. */
  keepAtHand(id: string, stamp: string, figures: Digest): void {
    this.#decodedCells += figures.size;
    if (this.#decoded.size >= MAX_DECODED || this.#decodedCells > MAX_DECODED_CELLS) {
      this.#decoded.clear();
      this.#decodedCells = figures.size;
    }
    this.#decoded.set(id, { stamp, figures });
  }

  /** Keeps a digest in memory in place of the transcript's older one. */
  put(id: string, stamp: string, bytes: Uint8Array): void {
    this.#cache.set(id, stamp, bytes);
    // Also where the stamp is the same: a transcript that was verified may have turned out to be another.
    this.#decoded.delete(id);
  }

  /** Brings the store up to date, in one transaction. What could not be removed is removed with the next one. */
  write(
    digests: readonly StoredDigest[],
    removed: Iterable<string>,
    identified: readonly Pick<StoredDigest, 'id' | 'identity'>[] = [],
  ): void {
    for (const id of removed) this.#removed.add(id);
    for (const { id } of digests) this.#removed.delete(id);
    if (this.#store === null || this.#store.write(digests, [...this.#removed], identified)) this.#removed.clear();
  }

  /** Forgets a transcript in memory. */
  drop(id: string): void {
    this.#cache.delete(id);
    this.#decoded.delete(id);
  }

  #read(id: string, stamp: string): Uint8Array | undefined {
    return this.#store?.get(id, stamp) ?? this.#ledger?.get(id, stamp);
  }
}

/** Figures, marked if their transcript no longer exists. */
export function marked(figures: Digest, retained: boolean): Digest {
  if (retained) asRetained(figures);
  return figures;
}
