/**
 * Bytes for what may be megabytes: from some size on in memory mapped for them alone, which goes back to the system as
 * soon as nobody has them. What the C library's allocator frees in large pieces it keeps for good, up to twice the
 * largest of them in each thread: tens of megabytes after one large session index. Threads share such bytes uncopied.
 */
import { type Bytes, KIB } from './units.ts';

const LARGE: Bytes = 256 * KIB;

/** All of them 0. */
export function mappedBytes(size: Bytes): Buffer {
  // Only what could grow is mapped by itself.
  return Buffer.from(size < LARGE ? new ArrayBuffer(size) : new SharedArrayBuffer(size, { maxByteLength: size }));
}
