/** Decompression of zstd frames: by Node where it can, else by a library in JavaScript. */
import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import type { Bytes } from '../units.ts';

type Decompress = (frame: Uint8Array) => Uint8Array;

let decompress: Decompress | null = null;

/** Decompresses one frame. Throws when it does not give as many bytes as it should. */
export function unzstd(frame: Uint8Array, size: Bytes): Uint8Array {
  decompress ??= load();
  const bytes = decompress(frame);
  if (bytes.length !== size) throw new Error(`expected ${size} bytes of a compressed event; got ${bytes.length}`);
  return bytes;
}

/** Node has it from 22.15 and 23.8 on. */
function load(): Decompress {
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Decompress };
  if (zstdDecompressSync !== undefined) return zstdDecompressSync;
  const require = createRequire(import.meta.url);
  return (require('fzstd') as { decompress: Decompress }).decompress;
}
