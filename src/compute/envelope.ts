/**
 * Bytes that cross threads: a small JSON header with byte parts behind it, in one buffer: copied whole, never an object graph.
 *
 *   header length (4, big endian) | header: {"lengths": [...], "header": ...} | parts
 */
import type { Bytes } from '../units.ts';

/** Packs a header and parts into one buffer of their exact size. */
export function pack(header: unknown, parts: readonly Uint8Array[] = []): Uint8Array<ArrayBuffer> {
  return packInto(header, parts, (size) => new Uint8Array(size));
}

/** The same into a buffer of the caller's making. @param allocate gives bytes of a size */
export function packInto<Packed extends Uint8Array>(
  header: unknown,
  parts: readonly Uint8Array[],
  allocate: (size: Bytes) => Packed,
): Packed {
  const text = Buffer.from(JSON.stringify({ lengths: parts.map((part) => part.byteLength), header }));
  const size = parts.reduce((sum, part) => sum + part.byteLength, 4 + text.length);
  const packed = allocate(size);
  new DataView(packed.buffer).setUint32(0, text.length);
  packed.set(text, 4);
  let at = 4 + text.length;
  for (const part of parts) {
    packed.set(part, at);
    at += part.byteLength;
  }
  return packed;
}

/** What `pack` packed; the parts are views of the same buffer. Throws for bytes that were cut off or added to. */
export function unpack<Header>(packed: Uint8Array): { header: Header; parts: Uint8Array[] } {
  const length = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getUint32(0);
  const text = Buffer.from(packed.buffer, packed.byteOffset + 4, length).toString('utf8');
  const { lengths, header } = JSON.parse(text) as { lengths: number[]; header: Header };
  let at = 4 + length;
  const parts = lengths.map((size) => {
    at += size;
    return packed.subarray(at - size, at);
  });
  if (at !== packed.byteLength) throw new RangeError(`expected an envelope of ${at} bytes; got ${packed.byteLength}`);
  return { header, parts };
}
