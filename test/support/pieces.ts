/** Bytes handed over piece by piece, as files and sockets do. */
import fc from 'fast-check';
import type { ReadAt } from '../../src/compute/line-scanner.ts';

/** A transcript that lies in memory. */
export function readFrom(bytes: Uint8Array): ReadAt {
  return (buffer, start, end, position) => {
    const piece = bytes.subarray(position, Math.min(bytes.length, position + end - start));
    buffer.set(piece, start);
    return piece.length;
  };
}

/** Sizes of pieces, repeated until the bytes are at their end: whole, single bytes, and anything between. */
export const pieceSizes: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([Number.MAX_SAFE_INTEGER]),
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 12 }),
);

/** The bytes cut into pieces of these sizes, each in a buffer that will be overwritten as soon as the next is asked for. */
export function* piecesOf(bytes: Uint8Array, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const end = Math.min(bytes.length, at + (sizes[turn % sizes.length] as number));
    const piece = Buffer.from(bytes.subarray(at, end));
    yield piece;
    piece.fill(0x21);
    at = end;
  }
}

/** A transcript that lies nowhere: some bytes, others over and over, and some at the end. */
export function readRepeated(head: Buffer, unit: Buffer, count: number, tail: Buffer): { read: ReadAt; size: number } {
  const block = Buffer.alloc(unit.length * Math.ceil(65_536 / unit.length), unit);
  const middleEnd = head.length + unit.length * count;
  const size = middleEnd + tail.length;
  const pieceAt = (place: number) => {
    if (place < head.length) return head.subarray(place);
    if (place >= middleEnd) return tail.subarray(place - middleEnd);
    const offset = (place - head.length) % unit.length;
    return block.subarray(offset, Math.min(block.length, offset + middleEnd - place));
  };
  const read: ReadAt = (buffer, start, end, position) => {
    let at = start;
    while (at < end && position + at - start < size) {
      at += pieceAt(position + at - start).copy(buffer, at, 0, end - at);
    }
    return at - start;
  };
  return { read, size };
}
