/**
 * A view's bytes with a head before them, without rendering or compressing anything:
 * plain bytes are put together, and in gzip the head is a stored block before the ready deflate stream.
 */
import { crc32 } from 'node:zlib';
import type { RenderedView, SnapshotHead } from './service.ts';

/** RFC 1952: magic, deflate, no flags, no time, no hint, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const MAX_STORED_BLOCK = 0xffff;
const BLOCK_HEADER_SIZE = 5;
const GZIP_TRAILER_SIZE = 8;

const prefixes = new WeakMap<SnapshotHead, Buffer>();

/** `{"snapshot":{…},`, made once for each head. */
export function headPrefix(head: SnapshotHead): Buffer {
  let prefix = prefixes.get(head);
  if (prefix === undefined) {
    prefix = Buffer.from(`{"snapshot":${JSON.stringify(head)},`);
    prefixes.set(head, prefix);
  }
  return prefix;
}

/** The whole body as it is. */
export function joinIdentity(head: SnapshotHead, view: RenderedView): Buffer {
  return Buffer.concat([headPrefix(head), view.rest]);
}

/** The whole body as one gzip member. */
export function joinGzip(head: SnapshotHead, view: RenderedView): Buffer {
  const prefix = headPrefix(head);
  const trailer = Buffer.alloc(GZIP_TRAILER_SIZE);
  trailer.writeUInt32LE(crc32(view.rest, crc32(prefix)), 0);
  trailer.writeUInt32LE((prefix.length + view.rest.length) % 2 ** 32, 4);
  return Buffer.concat([GZIP_HEADER, ...storedBlocks(prefix), view.restDeflated, trailer]);
}

/** RFC 1951, 3.2.4: blocks that are not final and not compressed; they end on whole bytes, as the next needs. */
function storedBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += MAX_STORED_BLOCK) {
    const part = bytes.subarray(start, start + MAX_STORED_BLOCK);
    const header = Buffer.alloc(BLOCK_HEADER_SIZE);
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(part.length ^ 0xffff, 3);
    blocks.push(header, part);
  }
  return blocks;
}
