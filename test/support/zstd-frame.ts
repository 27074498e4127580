/** zstd frames without compression, which every decoder takes: Node 20 has no encoder. */

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** One segment, its size as eight bytes; no checksum. */
const DESCRIPTOR = 0xe0;
const MOST = 128 * 1024;

/** A frame that holds these bytes as they are. */
export function zstdFrame(bytes: Buffer): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  const parts: Uint8Array[] = [Buffer.from([...MAGIC, DESCRIPTOR]), size];
  for (let at = 0; at === 0 || at < bytes.length; at += MOST) {
    const block = bytes.subarray(at, at + MOST);
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | Number(at + MOST >= bytes.length), 0, 3);
    parts.push(header, block);
  }
  return Buffer.concat(parts);
}
