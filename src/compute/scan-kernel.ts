/**
 * The scan's read buffer and the loops that run over it as WebAssembly (kernel/*.wat): in JavaScript they took most of
 * the time of a scan. One kernel belongs to one thread.
 */
import { type Bytes, KIB } from '../units.ts';
import { type LineLoops, MessageLine } from './message-line.ts';
import { kernelCode } from './scan-kernel-code.ts';

/** Of a thread's buffer. Larger ones read faster by nothing measurable, smaller ones stream more lines through. */
const BUFFER: Bytes = 512 * KIB;
const PAGE: Bytes = 65_536;
/** The loops may read this far past the end of what they are given. */
const OVERREAD: Bytes = 128;
/** Lines handed out by one call. */
const MAX_LINES = 2_048;

interface Loops extends LineLoops {
  lines_to_read(start: number, end: number, out: number, max: number, all: number): number;
  skip_string(start: number, end: number): number;
  skip_value(start: number, end: number): number;
  readonly lines: { readonly value: number };
  readonly next: { readonly value: number };
}

/** The part of the global that is used here; Node's own types leave it out. */
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

interface WebAssemblyApi {
  readonly Memory: new (descriptor: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

let compiled: object | null = null;
let ofThread: ScanKernel | null = null;

/** The one kernel of this thread, made when first asked for. */
export function threadKernel(): ScanKernel {
  ofThread ??= new ScanKernel(BUFFER);
  return ofThread;
}

export class ScanKernel {
  /** The only memory that a scan holds content in. */
  readonly buffer: Buffer;
  /** (start, end) of the lines that the last linesToRead() found. */
  readonly #found: Int32Array;
  /** Reads lines of the buffer that are written as expected. */
  readonly messages: MessageLine;
  readonly #foundAt: number;
  readonly #loops: Loops;

  /** @param size of the buffer: lines longer than it are cut through without being held */
  constructor(size: Bytes) {
    this.#foundAt = Math.ceil((size + OVERREAD) / 8) * 8;
    const messagesAt = this.#foundAt + MAX_LINES * 8;
    const memory = new Memory({ initial: Math.ceil((messagesAt + MessageLine.bytes) / PAGE) });
    compiled ??= new Module(Buffer.from(kernelCode, 'base64'));
    this.#loops = { ...(new Instance(compiled, { scan: { memory } }).exports as Loops) };
    this.buffer = Buffer.from(memory.buffer, 0, size);
    this.#found = new Int32Array(memory.buffer, this.#foundAt, MAX_LINES * 2);
    this.messages = new MessageLine(this.#loops, memory.buffer, messagesAt);
  }

  /**
   * Finds lines of buffer[start, end) that have to be read: see line-scanner.ts. Calls back with (start, end) of each.
   * `lines` counts all that ended, `next` is the offset behind the last of them; with `more` there are others behind it.
   * @param all whether every line that is not empty has to be read
   */
  linesToRead(
    start: number,
    end: number,
    all: boolean,
    line: (start: number, end: number) => void,
  ): { lines: number; read: number; next: number; more: boolean } {
    const read = this.#loops.lines_to_read(start, end, this.#foundAt, MAX_LINES, all ? 1 : 0);
    const { value: lines } = this.#loops.lines;
    const { value: next } = this.#loops.next;
    const found = this.#found;
    for (let at = 0; at < read; at++) line(found[at * 2] as number, found[at * 2 + 1] as number);
    return { lines, read, next, more: read === MAX_LINES };
  }

  /** Whether a buffer is a view of this kernel's own, from its first byte on. */
  owns(buffer: Buffer): boolean {
    return buffer.buffer === this.buffer.buffer && buffer.byteOffset === 0;
  }

  /**
   * The first offset in buffer[start, end) that holds a quote, a control character, or a backslash that begins no
   * complete and legal JSON escape; `end` when there is none.
   */
  skipString(start: number, end: number): number {
    return this.#loops.skip_string(start, end);
  }

  /** The offset behind the JSON value that begins at `start`; 0 when it does not end in [start, end), or is too deep. */
  skipValue(start: number, end: number): number {
    return this.#loops.skip_value(start, end);
  }
}
