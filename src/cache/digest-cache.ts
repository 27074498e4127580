/**
 * Digests in memory: keyed by transcript, valid for one stamp, bounded in bytes. What was asked for since it came, or
 * since it was last spared, is spared when room is made. Counts hits and the three ways to miss, because they mean
 * different things: `cold` was never here, `stale` is here for an older stamp, `capacity` was pushed out.
 *
 * They lie in a few large segments, written one after the other in a circle: as objects in a list, half of the memory
 * went to the list, most of it in the keeper's heap.
 */
import { HashPlaces } from '../hash-places.ts';
import { mappedBytes } from '../mapped-bytes.ts';
import { hashOf } from '../text-hash.ts';
import { type Bytes, MIB } from '../units.ts';
import { DigestEntry, ENTRY_STEP, sizeOfEntry } from './digest-entry.ts';

const LARGEST_SEGMENT: Bytes = MIB;
/** Of smaller caches. */
const SEGMENTS = 4;
/** Of a segment: the largest digest that is kept. As long as what can be had leaves so much, room is found for it. */
const LARGEST_ENTRY = 1 / 2;
/** In place of where an entry lies: its digest was pushed out. Known by its hash alone, which is taken for another one once in millions. */
const GONE = 0;

export interface DigestCacheCounts {
  readonly entries: number;
  readonly bytes: Bytes;
  readonly cap: Bytes;
  readonly hits: number;
  readonly misses: { readonly cold: number; readonly capacity: number; readonly stale: number };
  readonly evictions: number;
}

export class DigestCache {
  #cap: Bytes;
  #segmentSize: Bytes;
  #segments: Buffer[] = [];
  /** The one that is written, and how far it is. */
  #current = 0;
  #filled: Bytes = 0;
  /** How far over all segments anything was ever written. */
  #reached: Bytes = 0;
  /** One more than where an entry lies, in steps over all segments; or GONE. */
  readonly #places = new HashPlaces();
  #entries = 0;
  /** Bytes of the entries that can be had. */
  #live: Bytes = 0;
  #hits = 0;
  #cold = 0;
  #capacity = 0;
  #stale = 0;
  #evictions = 0;

  /** @param cap in bytes, but for some twenty to find each transcript by; 0 keeps nothing */
  constructor(cap: Bytes) {
    this.#cap = cap;
    this.#segmentSize = segmentSizeOf(cap);
  }

  /** Bounds it anew; what was asked for stays before all else, then what came last, as far as there is room. */
  resize(cap: Bytes): void {
    if (cap === this.#cap) return;
    const held: DigestEntry[] = [];
    for (let ago = this.#segments.length - 1; ago >= 0; ago--) {
      held.push(...this.#entriesOf((this.#current - ago + this.#segments.length) % this.#segments.length));
    }
    const kept = [...held.filter(({ isUsed }) => !isUsed), ...held.filter(({ isUsed }) => isUsed)];
    for (const entry of held) this.#push(entry);
    this.#evictions -= held.length;
    this.#cap = cap;
    this.#segmentSize = segmentSizeOf(cap);
    this.#segments = [];
    this.#current = 0;
    this.#filled = 0;
    this.#reached = 0;
    for (const entry of kept) this.set(entry.id, entry.stamp, entry.digest);
  }

  /** A copy of the digest of a transcript at a stamp; undefined is a miss and has been counted as one. */
  get(id: string, stamp: string): Uint8Array | undefined {
    const place = this.#find(id);
    if (place <= GONE) {
      if (place === GONE) this.#capacity++;
      else this.#cold++;
      return undefined;
    }
    const entry = this.#at(place);
    if (entry.stamp !== stamp) {
      this.#stale++;
      return undefined;
    }
    this.#hits++;
    entry.use();
    return Uint8Array.from(entry.digest);
  }

  /** The same for who asks for it once: neither counted nor spared for it. */
  peek(id: string, stamp: string): Uint8Array | undefined {
    const place = this.#find(id);
    const entry = place > GONE ? this.#at(place) : undefined;
    return entry?.stamp === stamp ? Uint8Array.from(entry.digest) : undefined;
  }

  /** Replaces what is kept of a transcript. A digest that is too large is not kept, and neither is its older self. */
  set(id: string, stamp: string, digest: Uint8Array): void {
    const hash = hashOf(id);
    const size = sizeOfEntry(id, stamp, digest);
    const place = this.#find(id);
    if (place > GONE) {
      const entry = this.#at(place);
      if (size <= entry.size) {
        entry.write(id, hash, stamp, digest, entry.size);
        return;
      }
      this.#take(entry);
      this.#places.change(hash, place, GONE);
    } else if (place < GONE) {
      this.#places.enter(hash, GONE);
    }
    if (size > this.#segmentSize * LARGEST_ENTRY) {
      this.#evictions++;
      return;
    }
    this.#makeRoom(size);
    const entry = this.#next(size);
    entry.write(id, hash, stamp, digest, size);
    this.#entries++;
    this.#live += size;
    this.#places.change(hash, GONE, entry.place);
  }

  /** Forgets a transcript that no longer exists. */
  delete(id: string): void {
    const place = this.#find(id);
    if (place > GONE) this.#take(this.#at(place));
    if (place >= GONE) this.#places.leave(hashOf(id), place);
  }

  counts(): DigestCacheCounts {
    return {
      entries: this.#entries,
      bytes: this.#reached,
      cap: this.#cap,
      hits: this.#hits,
      misses: { cold: this.#cold, capacity: this.#capacity, stale: this.#stale },
      evictions: this.#evictions,
    };
  }

  #find(id: string): number {
    return this.#places.find(hashOf(id), (place) => place === GONE || this.#at(place).id === id);
  }

  #at(place: number): DigestEntry {
    const at = (place - 1) * ENTRY_STEP;
    return new DigestEntry(this.#segments[Math.floor(at / this.#segmentSize)] as Buffer, at % this.#segmentSize, place);
  }

  /** The entry that comes next in the current segment, of so many bytes. */
  #next(size: Bytes): DigestEntry {
    const at = this.#current * this.#segmentSize + this.#filled;
    this.#filled += size;
    this.#reached = Math.max(this.#reached, at + size);
    return this.#at(1 + at / ENTRY_STEP);
  }

  /** Sees to it that the current segment has room. */
  #makeRoom(size: Bytes): void {
    if (this.#segments.length === 0) this.#segments.push(mappedBytes(this.#segmentSize));
    while (this.#filled + size > this.#segmentSize) {
      this.#endSegment();
      const isLast = this.#current === this.#segments.length - 1;
      if (isLast && (this.#segments.length + 1) * this.#segmentSize <= this.#cap) {
        this.#segments.push(mappedBytes(this.#segmentSize));
        this.#current++;
        this.#filled = 0;
      } else {
        this.#reuse((this.#current + 1) % this.#segments.length);
      }
    }
  }

  #endSegment(): void {
    if (this.#filled < this.#segmentSize) this.#segments[this.#current]?.writeUInt32LE(0, this.#filled);
  }

  /** Begins a segment again with those of its entries that are spared. */
  #reuse(number: number): void {
    const spared: { readonly from: number; readonly bytes: Buffer }[] = [];
    for (const entry of this.#entriesOf(number)) {
      // With so much room, what was replaced is enough to take.
      const isRoomy = this.#live <= this.#segments.length * this.#segmentSize * (1 - LARGEST_ENTRY);
      if (isRoomy || entry.isUsed) spared.push({ from: entry.place, bytes: Buffer.from(entry.bytes) });
      else this.#push(entry);
    }
    this.#current = number;
    this.#filled = 0;
    for (const { from, bytes } of spared) {
      const entry = this.#next(bytes.length);
      entry.copy(bytes);
      this.#places.change(entry.hash, from, entry.place);
    }
  }

  /** Those that can be had of a segment, as they came. */
  #entriesOf(number: number): DigestEntry[] {
    const end = number === this.#current ? this.#filled : this.#segmentSize;
    const entries: DigestEntry[] = [];
    for (let at = 0; at < end; ) {
      const entry = this.#at(1 + (number * this.#segmentSize + at) / ENTRY_STEP);
      if (entry.size === 0) break;
      if (entry.isLive) entries.push(entry);
      at += entry.size;
    }
    return entries;
  }

  /** Pushes an entry out. */
  #push(entry: DigestEntry): void {
    this.#places.change(entry.hash, entry.place, GONE);
    this.#take(entry);
    this.#evictions++;
  }

  /** An entry cannot be had any more. */
  #take(entry: DigestEntry): void {
    entry.drop();
    this.#entries--;
    this.#live -= entry.size;
  }
}

/** A whole number of steps. */
function segmentSizeOf(cap: Bytes): Bytes {
  return Math.floor(Math.min(LARGEST_SEGMENT, cap / SEGMENTS) / ENTRY_STEP) * ENTRY_STEP;
}
