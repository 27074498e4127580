/**
 * Bytes that cross threads: a small JSON header with byte parts behind it, in one buffer: copied whole, never an object graph.
 *
 *   header length (4, big endian) | header: {"lengths": [...], "header": ...} | parts
 */

/** Packs a header and parts into one buffer of their exact size. */
export function pack(header: unknown, parts: readonly Uint8Array[] = []): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(JSON.stringify({ lengths: parts.map((part) => part.byteLength), header }));
  const size = parts.reduce((sum, part) => sum + part.byteLength, 4 + text.length);
  const packed = new Uint8Array(size);
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
