/** Variable-length integers up to 2^53 in a growing buffer: what digests and the rollup are written in. */
import { mappedBytes } from '../mapped-bytes.ts';
import type { Bytes } from '../units.ts';

export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An integer from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  unsigned(value: number): void {
    this.#reserve(8);
    let rest = value;
    // Beyond the integers that bit operations take.
    while (rest > 0x7fffffff) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** An integer between -2^53 and 2^53: zigzag, so that small ones of either sign stay short. */
  signed(value: number): void {
    const sign = value < 0 ? 1 : 0;
    const size = value < 0 ? -value - 1 : value;
    // The lowest digit apart, because twice the value may be no exact double.
    const lowest = (size % 0x40) * 2 + sign;
    if (size < 0x40) {
      this.byte(lowest);
    } else {
      this.byte(lowest | 0x80);
      this.unsigned(Math.floor(size / 0x40));
    }
  }

  /** Any number, as eight bytes. */
  real(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** UTF-8 with its length in bytes before it. */
  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.unsigned(length);
    this.#reserve(length);
    this.#length += this.#bytes.write(value, this.#length, length);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Bytes of another buffer, without a view of them. */
  copy(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    this.#length += source.copy(this.#bytes, this.#length, start, end);
  }

  /** Bytes of the buffer. */
  get capacity(): Bytes {
    return this.#bytes.length;
  }

  /** Bytes written so far. */
  get length(): Bytes {
    return this.#length;
  }

  /** A view of what was written so far, good until more is. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written from a byte on. */
  cut(length: Bytes): void {
    this.#length = length;
  }

  /** What was written, as a buffer of exactly its size; what is written next begins another one. */
  finish(): Buffer {
    const whole = mappedBytes(this.#length);
    this.#bytes.copy(whole, 0, 0, this.#length);
    this.#length = 0;
    return whole;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = mappedBytes(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote; running past the end throws a RangeError. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  /** Of the next byte. */
  get position(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Writes anew what was read from a position on. */
  copySince(position: number, writer: ByteWriter): void {
    writer.copy(this.#bytes, position, this.#at);
  }

  byte(): number {
    if (this.#at >= this.#end) throw new RangeError('digest ends too early');
    return this.#bytes[this.#at++] as number;
  }

  unsigned(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 0x80;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const lowest = this.byte();
    const size = ((lowest & 0x7f) >> 1) + (lowest < 0x80 ? 0 : this.unsigned() * 0x40);
    return (lowest & 1) === 1 ? -size - 1 : size;
  }

  real(): number {
    return this.bytes(8).readDoubleLE();
  }

  text(): string {
    const length = this.unsigned();
    if (this.#at + length > this.#end) throw new RangeError('digest ends too early');
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  /** Goes on behind so many bytes. */
  skip(length: number): void {
    this.#at += length;
  }

  /** Goes on behind a text. */
  skipText(): void {
    this.skip(this.unsigned());
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Buffer {
    if (this.#at + length > this.#end) throw new RangeError('digest ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** The text that ByteWriter.text wrote at a byte. */
export function textAt(bytes: Buffer, at: number): string {
  let start = at;
  let length = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = bytes[start++] as number;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return bytes.toString('utf8', start, start + length);
  }
}
