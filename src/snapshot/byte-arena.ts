/**
 * Small pieces of bytes outside the heap, each under a number: a hundred thousand of them as buffers or strings would
 * cost more than they hold. Pieces take room in steps of 8 bytes, and freed room serves the next one of its size.
 */
import { ByteReader } from '../compute/varint.ts';
import type { Bytes } from '../units.ts';

const STEP: Bytes = 8;
const CHUNK_STEPS = 8192;
/** Two bytes before each piece say how many steps it takes. */
const HEAD: Bytes = 2;
const MAX_STEPS = 0xffff;

export class ByteArena {
  /** A piece that is larger than a chunk has one of its own, that stands here in place of as many as it takes. */
  readonly #chunks: Buffer[] = [];
  /** First step never used. */
  #end = 0;
  /** Freed pieces by how many steps they take. */
  readonly #free = new Map<number, number[]>();

  /** Keeps a copy; throws a RangeError for more than half a megabyte. */
  put(bytes: Uint8Array): number {
    const steps = stepsOf(bytes);
    if (steps > MAX_STEPS)
      throw new RangeError(`expected at most ${MAX_STEPS * STEP - HEAD} bytes, got ${bytes.length}`);
    const number = this.#free.get(steps)?.pop() ?? this.#append(steps);
    this.#write(number, steps, bytes);
    return number;
  }

  /** Keeps a copy in place of a piece; gives the number that it has now. */
  replace(number: number, bytes: Uint8Array): number {
    const steps = stepsOf(bytes);
    if (this.#stepsAt(number) !== steps) {
      const moved = this.put(bytes);
      this.drop(number);
      return moved;
    }
    this.#write(number, steps, bytes);
    return number;
  }

  /** A copy of a piece, with some bytes of no meaning behind it. */
  get(number: number): Buffer {
    const at = (number % CHUNK_STEPS) * STEP;
    return Buffer.from(this.#chunkOf(number).subarray(at + HEAD, at + this.#stepsAt(number) * STEP));
  }

  /** A reader of a piece itself: to be used before anything is put or dropped. */
  read(number: number): ByteReader {
    return new ByteReader(this.#chunkOf(number), (number % CHUNK_STEPS) * STEP + HEAD);
  }

  /** The first byte of a piece. */
  firstByte(number: number): number {
    return this.#chunkOf(number)[(number % CHUNK_STEPS) * STEP + HEAD] as number;
  }

  drop(number: number): void {
    const steps = this.#stepsAt(number);
    const free = this.#free.get(steps);
    if (free === undefined) this.#free.set(steps, [number]);
    else free.push(number);
  }

  /** Bytes that it takes. */
  get bytes(): Bytes {
    return this.#chunks.length * CHUNK_STEPS * STEP;
  }

  #append(steps: number): number {
    const left = this.#chunks.length * CHUNK_STEPS - this.#end;
    if (left < steps) {
      // What is left of the last chunk stays unused: no piece lies in two.
      this.#end += left;
      const chunks = Math.ceil(steps / CHUNK_STEPS);
      const chunk = Buffer.allocUnsafeSlow(chunks * CHUNK_STEPS * STEP);
      for (let at = 0; at < chunks; at++) this.#chunks.push(chunk);
    }
    const number = this.#end;
    this.#end += steps;
    return number;
  }

  #write(number: number, steps: number, bytes: Uint8Array): void {
    const chunk = this.#chunkOf(number);
    const at = (number % CHUNK_STEPS) * STEP;
    chunk.writeUInt16LE(steps, at);
    chunk.set(bytes, at + HEAD);
  }

  #stepsAt(number: number): number {
    return this.#chunkOf(number).readUInt16LE((number % CHUNK_STEPS) * STEP);
  }

  #chunkOf(number: number): Buffer {
    return this.#chunks[Math.floor(number / CHUNK_STEPS)] as Buffer;
  }
}

function stepsOf(bytes: Uint8Array): number {
  return Math.ceil((bytes.length + HEAD) / STEP);
}
