/**
 * Ready bytes put together without rendering or compressing anything: a view's with a head before them, or a page's.
 * In gzip, ready deflate streams follow each other, and what is made for the moment is stored between them.
 */
import { crc32 } from 'node:zlib';
import type { RenderedView, SnapshotHead } from './service.ts';

/** RFC 1952: magic, deflate, no flags, no time, no hint, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** RFC 1951, 3.2.6: an empty last block, of fixed codes. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
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
  return gzipOf([{ plain: headPrefix(head), deflated: null }, pieceOf(view)]);
}

/** A part of a body. */
export interface Piece {
  readonly plain: Uint8Array;
  /** A raw deflate stream of it that has no last block and ends on a whole byte; null to store it as it is. */
  readonly deflated: Uint8Array | null;
}

/** The ready bytes of a view as a part of a body. */
export function pieceOf({ rest, restDeflated }: RenderedView): Piece {
  return { plain: rest, deflated: restDeflated };
}

/** Pieces after each other as one gzip member. */
export function gzipOf(all: readonly Piece[]): Buffer {
  // zlib starts anew where it is given nothing.
  const pieces = all.filter(({ plain }) => plain.length > 0);
  const trailer = Buffer.alloc(GZIP_TRAILER_SIZE);
  trailer.writeUInt32LE(
    pieces.reduce((sum, { plain }) => crc32(plain, sum), 0),
    0,
  );
  trailer.writeUInt32LE(pieces.reduce((sum, { plain }) => sum + plain.length, 0) % 2 ** 32, 4);
  const blocks = pieces.flatMap(({ plain, deflated }) => (deflated === null ? storedBlocks(plain) : [deflated]));
  return Buffer.concat([GZIP_HEADER, ...blocks, LAST_BLOCK, trailer]);
}

/** RFC 1951, 3.2.4: blocks that are not final and not compressed; they end on whole bytes, as the next needs. */
function storedBlocks(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += MAX_STORED_BLOCK) {
    const part = bytes.subarray(start, start + MAX_STORED_BLOCK);
    const header = Buffer.alloc(BLOCK_HEADER_SIZE);
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(part.length ^ 0xffff, 3);
    blocks.push(header, part);
  }
  return blocks;
}
