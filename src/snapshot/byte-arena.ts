/**
 * Small pieces of bytes outside the heap, each under a number: a hundred thousand of them as buffers or strings would
 * cost more than they hold. Pieces take room in steps of 16 bytes, and freed room serves the next one of its size.
 */
import type { Bytes } from '../units.ts';

const STEP: Bytes = 16;
const CHUNK_STEPS = 4096;
/** One byte before each piece says how many steps it takes. */
const MAX_STEPS = 255;

export class ByteArena {
  readonly #chunks: Buffer[] = [];
  /** First step never used. */
  #end = 0;
  /** Freed pieces by how many steps they take. */
  readonly #free: number[][] = [];

  /** Keeps a copy; throws a RangeError for more than 4,079 bytes. */
  put(bytes: Uint8Array): number {
    const steps = stepsOf(bytes);
    if (steps > MAX_STEPS) throw new RangeError(`expected at most ${MAX_STEPS * STEP - 1} bytes, got ${bytes.length}`);
    const number = this.#free[steps]?.pop() ?? this.#append(steps);
    this.#write(number, steps, bytes);
    return number;
  }

  /** Keeps a copy in place of a piece; gives the number that it has now. */
  replace(number: number, bytes: Uint8Array): number {
    const steps = stepsOf(bytes);
    if (this.#stepsAt(number) !== steps) {
      this.drop(number);
      return this.put(bytes);
    }
    this.#write(number, steps, bytes);
    return number;
  }

  /** A copy of a piece, with some bytes of no meaning behind it. */
  get(number: number): Buffer {
    const at = (number % CHUNK_STEPS) * STEP;
    return Buffer.from(this.#chunkOf(number).subarray(at + 1, at + this.#stepsAt(number) * STEP));
  }

  /** The first byte of a piece. */
  firstByte(number: number): number {
    return this.#chunkOf(number)[(number % CHUNK_STEPS) * STEP + 1] as number;
  }

  drop(number: number): void {
    const steps = this.#stepsAt(number);
    const free = this.#free[steps];
    if (free === undefined) this.#free[steps] = [number];
    else free.push(number);
  }

  /** Bytes that it takes. */
  get bytes(): Bytes {
    return this.#chunks.length * CHUNK_STEPS * STEP;
  }

  #append(steps: number): number {
    const left = CHUNK_STEPS - (this.#end % CHUNK_STEPS);
    // No piece lies in two chunks.
    if (left < steps) this.#end += left;
    if (this.#end === this.#chunks.length * CHUNK_STEPS) this.#chunks.push(Buffer.allocUnsafeSlow(CHUNK_STEPS * STEP));
    const number = this.#end;
    this.#end += steps;
    return number;
  }

  #write(number: number, steps: number, bytes: Uint8Array): void {
    const chunk = this.#chunkOf(number);
    const at = (number % CHUNK_STEPS) * STEP;
    chunk[at] = steps;
    chunk.set(bytes, at + 1);
  }

  #stepsAt(number: number): number {
    return this.#chunkOf(number)[(number % CHUNK_STEPS) * STEP] as number;
  }

  #chunkOf(number: number): Buffer {
    return this.#chunks[Math.floor(number / CHUNK_STEPS)] as Buffer;
  }
}

function stepsOf(bytes: Uint8Array): number {
  return Math.ceil((bytes.length + 1) / STEP);
}
