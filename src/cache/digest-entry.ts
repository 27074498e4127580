/**
 * One digest of the cache, as it lies in a segment:
 *
 *   size | hash of the id | bytes of the digest | of the id, of the stamp | state | id | stamp | digest | up to a step
 *   4      4                4                     2          2              4
 *
 * A size of 0 ends the segment.
 */
import type { Bytes } from '../units.ts';

/** Entries begin at multiples of it. */
export const ENTRY_STEP: Bytes = 8;
const HEAD: Bytes = 20;
const LONGEST_TEXT: Bytes = 0xffff;
const LIVE = 1;
const USED = 2;

/** Bytes that an entry takes; more than any segment has where a text is too long for it. */
export function sizeOfEntry(id: string, stamp: string, digest: Uint8Array): Bytes {
  const [idLength, stampLength] = [Buffer.byteLength(id), Buffer.byteLength(stamp)];
  if (idLength > LONGEST_TEXT || stampLength > LONGEST_TEXT) return Number.POSITIVE_INFINITY;
  return Math.ceil((HEAD + idLength + stampLength + digest.byteLength) / ENTRY_STEP) * ENTRY_STEP;
}

export class DigestEntry {
  readonly #segment: Buffer;
  readonly #at: Bytes;
  /** Where it lies among all segments: see DigestCache. */
  readonly place: number;

  constructor(segment: Buffer, at: Bytes, place: number) {
    this.#segment = segment;
    this.#at = at;
    this.place = place;
  }

  get size(): Bytes {
    return this.#segment.readUInt32LE(this.#at);
  }

  get hash(): number {
    return this.#segment.readInt32LE(this.#at + 4);
  }

  get id(): string {
    return this.#text(HEAD, this.#idLength);
  }

  get stamp(): string {
    return this.#text(HEAD + this.#idLength, this.#stampLength);
  }

  /** A view of it. */
  get digest(): Buffer {
    const start = this.#at + HEAD + this.#idLength + this.#stampLength;
    return this.#segment.subarray(start, start + this.#segment.readUInt32LE(this.#at + 8));
  }

  /** All of it, a view. */
  get bytes(): Buffer {
    return this.#segment.subarray(this.#at, this.#at + this.size);
  }

  /** Whether it can be had: it was neither replaced nor taken out. */
  get isLive(): boolean {
    return (this.#state & LIVE) !== 0;
  }

  /** Whether it was asked for. */
  get isUsed(): boolean {
    return (this.#state & USED) !== 0;
  }

  /** Writes it, into `size` bytes that are there for it. */
  write(id: string, hash: number, stamp: string, digest: Uint8Array, size: Bytes): void {
    const segment = this.#segment;
    const at = this.#at;
    segment.writeUInt32LE(size, at);
    segment.writeInt32LE(hash, at + 4);
    segment.writeUInt32LE(digest.byteLength, at + 8);
    const idLength = segment.write(id, at + HEAD);
    const stampLength = segment.write(stamp, at + HEAD + idLength);
    segment.writeUInt16LE(idLength, at + 12);
    segment.writeUInt16LE(stampLength, at + 14);
    segment.set(digest, at + HEAD + idLength + stampLength);
    this.#state = LIVE;
  }

  /** Takes over all of another one, as if nobody had asked for it yet. */
  copy(bytes: Buffer): void {
    this.#segment.set(bytes, this.#at);
    this.#state = LIVE;
  }

  use(): void {
    this.#state |= USED;
  }

  drop(): void {
    this.#state = 0;
  }

  get #state(): number {
    return this.#segment.readUInt32LE(this.#at + 16);
  }

  set #state(state: number) {
    this.#segment.writeUInt32LE(state, this.#at + 16);
  }

  get #idLength(): Bytes {
    return this.#segment.readUInt16LE(this.#at + 12);
  }

  get #stampLength(): Bytes {
    return this.#segment.readUInt16LE(this.#at + 14);
  }

  #text(from: Bytes, length: Bytes): string {
    return this.#segment.toString('utf8', this.#at + from, this.#at + from + length);
  }
}
