/**
 * Where the keeper finds digests again: decoded ones that views just asked for, the LRU, and the store on disk.
 * A digest is named by its transcript and the content stamp that it was folded from.
 */
import type { DigestCache } from '../cache/digest-cache.ts';
import type { DigestStore, StoredDigest } from '../cache/digest-store.ts';
import type { Digest } from '../compute/digest.ts';
import { type DecodedDigest, decodeDigest } from '../compute/digest-codec.ts';

/** Decoded digests at hand: views ask for the same ones again and again. */
const MAX_DECODED = 256;

export class DigestShelf {
  readonly #cache: DigestCache;
  readonly #store: DigestStore | null;
  readonly #decoded = new Map<string, { stamp: string; figures: Digest }>();

  constructor(cache: DigestCache, store: DigestStore | null) {
    this.#cache = cache;
    this.#store = store;
  }

  /** The bytes from memory, else from disk; undefined when they have to be folded again. */
  bytes(id: string, stamp: string): Uint8Array | undefined {
    const cached = this.#cache.get(id, stamp);
    if (cached !== undefined) return cached;
    const stored = this.stored(id, stamp);
    if (stored !== undefined) this.#cache.set(id, stamp, stored);
    return stored;
  }

  /** The bytes from disk. */
  stored(id: string, stamp: string): Uint8Array | undefined {
    return this.#store?.get(id, stamp);
  }

  decoded(id: string, stamp: string): DecodedDigest | undefined {
    const bytes = this.bytes(id, stamp);
    return bytes === undefined ? undefined : decodeDigest(bytes);
  }

  /** What a transcript counts for, kept at hand for the next view. */
  figures(id: string, stamp: string): Digest | undefined {
    const known = this.#decoded.get(id);
    if (known?.stamp === stamp) return known.figures;
    const figures = this.decoded(id, stamp)?.figures;
    if (figures !== undefined) this.keepAtHand(id, stamp, figures);
    return figures;
  }

  keepAtHand(id: string, stamp: string, figures: Digest): void {
    if (this.#decoded.size >= MAX_DECODED) this.#decoded.clear();
    this.#decoded.set(id, { stamp, figures });
  }

  /** Keeps a digest in memory in place of the transcript's older one. */
  put(id: string, stamp: string, bytes: Uint8Array): void {
    this.#cache.set(id, stamp, bytes);
    // Also where the stamp is the same: a transcript that was verified may have turned out to be another.
    this.#decoded.delete(id);
  }

  /** Brings the disk up to date, in one transaction. */
  write(digests: readonly StoredDigest[], removed: readonly string[]): void {
    this.#store?.write(digests, removed);
  }

  /** Forgets a transcript in memory. */
  drop(id: string): void {
    this.#cache.delete(id);
    this.#decoded.delete(id);
  }
}
