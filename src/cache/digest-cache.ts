/**
 * The LRU of digests: keyed by transcript, valid for one stamp, bounded in bytes. Counts hits and the three ways to miss,
 * because they mean different things: `cold` was never here, `stale` is here for an older stamp, `capacity` was pushed out.
 */
import { LRUCache } from 'lru-cache';
import { hashOf } from '../text-hash.ts';
import type { Bytes } from '../units.ts';

/** What an entry costs beyond its digest: measured at 560 to 630 bytes for key, stamp, two objects of a buffer and the list's own arrays. */
const ENTRY_OVERHEAD: Bytes = 600;

interface Entry {
  readonly stamp: string;
  readonly digest: Uint8Array;
}

export interface DigestCacheCounts {
  readonly entries: number;
  readonly bytes: Bytes;
  readonly cap: Bytes;
  readonly hits: number;
  readonly misses: { readonly cold: number; readonly capacity: number; readonly stale: number };
  readonly evictions: number;
}

export class DigestCache {
  #entries: LRUCache<string, Entry>;
  #cap: Bytes;
  /**
   * Transcripts whose latest digest was pushed out, so that a miss can be told from one that never was here: by the
   * hashes of their ids, which take a tenth of the memory and are taken for one another once in millions.
   */
  readonly #evicted = new Set<number>();
  #hits = 0;
  #cold = 0;
  #capacity = 0;
  #stale = 0;
  #evictions = 0;

  /** @param cap in bytes, overheads included; 0 keeps nothing */
  constructor(cap: Bytes) {
    this.#cap = cap;
    this.#entries = this.#list();
  }

  /** Bounds it anew; what was used last stays as far as there is room. */
  resize(cap: Bytes): void {
    if (cap === this.#cap) return;
    const before = this.#entries;
    this.#cap = cap;
    this.#entries = this.#list();
    for (const [id, { stamp, digest }] of [...before.entries()].reverse()) this.set(id, stamp, digest);
  }

  /** The digest of a transcript at a stamp; undefined is a miss and has been counted as one. */
  get(id: string, stamp: string): Uint8Array | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      if (this.#evicted.has(hashOf(id))) this.#capacity++;
      else this.#cold++;
      return undefined;
    }
    if (entry.stamp !== stamp) {
      this.#stale++;
      return undefined;
    }
    this.#hits++;
    return entry.digest;
  }

  /** Replaces what is kept of a transcript. A digest larger than the cap is not kept, and neither is its older self. */
  set(id: string, stamp: string, digest: Uint8Array): void {
    this.#evicted.delete(hashOf(id));
    if (digest.byteLength + ENTRY_OVERHEAD > this.#cap) {
      this.#entries.delete(id);
      this.#evictions++;
      this.#evicted.add(hashOf(id));
      return;
    }
    this.#entries.set(id, { stamp, digest });
  }

  /** Forgets a transcript that no longer exists. */
  delete(id: string): void {
    this.#entries.delete(id);
    this.#evicted.delete(hashOf(id));
  }

  #list(): LRUCache<string, Entry> {
    return new LRUCache({
      // An entry that does not fit is not set; the list itself takes no 0.
      maxSize: Math.max(1, this.#cap),
      sizeCalculation: ({ digest }) => digest.byteLength + ENTRY_OVERHEAD,
      disposeAfter: (_entry, id, reason) => {
        if (reason !== 'evict') return;
        this.#evictions++;
        this.#evicted.add(hashOf(id));
      },
    });
  }

  counts(): DigestCacheCounts {
    return {
      entries: this.#entries.size,
      bytes: this.#entries.calculatedSize,
      cap: this.#cap,
      hits: this.#hits,
      misses: { cold: this.#cold, capacity: this.#capacity, stale: this.#stale },
      evictions: this.#evictions,
    };
  }
}
