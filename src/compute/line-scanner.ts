/**
 * Walks a transcript's bytes once, finds its lines and tells apart those that can count from those that cannot,
 * at the speed of memory search. Lines that can count are cut out by MessageReader, and parsed whole only when
 * their shape is not the one that the gateway writes.
 *
 * Why a line can be rejected unread. A line counts only if its JSON has the key `role` in `message` with the value
 * "user" or "assistant". In JSON a quote inside a string is escaped, so the six bytes `"role"` can be missing from
 * a line that has such a key only when the key is written with an escape for a letter: `\u006.` or `\u007.`.
 * So a line is rejected when it has neither those bytes nor such an escape, or when it has the bytes once, followed by
 * `:"toolResult"`: whatever that key belongs to, there is no other. (format.md 2.2) Where tool results count, no line
 * is rejected unread.
 */
import type { Bytes } from '../units.ts';
import { factsOf, MessageFacts } from './message-facts.ts';
import { MESSAGE, UNEXPECTED } from './message-line.ts';
import { MessageReader } from './message-reader.ts';
import type { ScanKernel } from './scan-kernel.ts';

const NEWLINE = 0x0a;

/** What the lines of a scan came to. */
export interface LineCounts {
  /** Lines with at least one byte. */
  lines: number;
  /** Of them: rejected unread, or cut out without being parsed whole. */
  fast: number;
  /** Of them: parsed whole, because their shape was not the expected one. */
  parsed: number;
  /** Of them: too long for the buffer, cut through without being held. */
  streamed: number;
}

export interface LineSink {
  /** A line that counts; the facts are valid only during the call. */
  message(facts: MessageFacts): void;
  /** A line that was examined and is no JSON object or array. */
  malformed(): void;
  /** A line too long to hold of which a member was dropped. */
  cut(): void;
  /** What follows stands behind the last newline: it counts for now, and will be read again. May come twice. */
  tail(): void;
}

/** Fills buffer[start, end) from a position on; gives the bytes read, fewer only at the end of the transcript. */
export type ReadAt = (buffer: Buffer, start: number, end: number, position: Bytes) => Bytes;

/** Whether a line ends in the bytes [from, to) of a transcript. Uses `buffer` as scratch. Throws what `read` throws. */
export function hasNewline(read: ReadAt, from: Bytes, to: Bytes, buffer: Buffer): boolean {
  for (let at = from; at < to; ) {
    const filled = read(buffer, 0, Math.min(buffer.length, to - at), at);
    if (filled === 0) return false;
    if (buffer.subarray(0, filled).includes(NEWLINE)) return true;
    at += filled;
  }
  return false;
}

export class LineScanner {
  readonly counts: LineCounts = { lines: 0, fast: 0, parsed: 0, streamed: 0 };
  readonly #kernel: ScanKernel;
  readonly #sink: LineSink;
  readonly #reader: MessageReader;
  readonly #parsedFacts = new MessageFacts();
  readonly #toolResults: boolean;

  /**
   * The kernel's buffer is the only memory that content is held in; lines longer than it are cut through.
   * @param toolResults whether messages that are tool results count
   */
  constructor(kernel: ScanKernel, sink: LineSink, toolResults = false) {
    this.#kernel = kernel;
    this.#sink = sink;
    this.#toolResults = toolResults;
    this.#reader = new MessageReader(kernel);
  }

  /**
   * Scans the bytes [from, to) of a transcript; `from` must be the start of a line.
   * Gives the offset behind the last newline. Throws what `read` throws.
   */
  scan(read: ReadAt, from: Bytes, to: Bytes): Bytes {
    const { buffer } = this.#kernel;
    let position = from;
    let next = from;
    let held = 0;
    /** The line at hand outgrew the buffer and is cut through; `held` is 0 then. */
    let streaming = false;
    while (position < to) {
      const got = read(buffer, held, Math.min(buffer.length, held + to - position), position);
      if (got === 0) break;
      position += got;
      const filled = held + got;
      const view = buffer.subarray(0, filled);
      let start = 0;
      if (streaming) {
        const end = view.indexOf(NEWLINE);
        this.#reader.push(view, 0, end === -1 ? filled : end);
        held = 0;
        if (end === -1) continue;
        streaming = false;
        this.#endStream(false);
        start = end + 1;
      }
      start = this.#wholeLines(start, filled);
      next = position - filled + start;
      held = filled - start;
      if (held === buffer.length) {
        streaming = true;
        this.#beginStream(view);
        held = 0;
      } else if (start > 0) {
        buffer.copyWithin(0, start, filled);
      }
    }
    if (streaming) this.#endStream(true);
    else if (held > 0) this.#tail(held);
    return next;
  }

  /** Handles every line of the buffer's [from, to) that ends in a newline; returns the offset behind the last one. */
  #wholeLines(from: number, to: number): number {
    const { buffer, messages } = this.#kernel;
    for (let start = from; ; ) {
      const found = this.#kernel.linesToRead(start, to, this.#toolResults, (lineStart, lineEnd) => {
        const line = messages.read(lineStart, lineEnd);
        if (line === UNEXPECTED) {
          if (!isBlank(buffer, lineStart, lineEnd)) this.#examine(buffer, lineStart, lineEnd, false);
          return;
        }
        this.counts.fast++;
        if (line === MESSAGE) this.#deliver(messages.facts, false);
      });
      this.counts.lines += found.lines;
      this.counts.fast += found.lines - found.read;
      start = found.next;
      if (!found.more) return start;
    }
  }

  #tail(length: number): void {
    this.counts.lines++;
    this.#examine(this.#kernel.buffer, 0, length, true);
  }

  /** A line that is held whole. */
  #examine(view: Buffer, start: number, end: number, tail: boolean): void {
    const reader = this.#reader;
    reader.begin();
    reader.push(view, start, end);
    const complete = reader.finish();
    if (complete && reader.unusual) {
      this.counts.parsed++;
      factsOf(JSON.parse(view.toString('utf8', start, end).trim()), this.#parsedFacts);
      this.#deliver(this.#parsedFacts, tail);
    } else {
      this.counts.fast++;
      this.#deliver(complete ? reader.facts : null, tail);
    }
  }

  /** The view is full of one line without an end. */
  #beginStream(view: Buffer): void {
    this.#reader.begin();
    this.#reader.push(view, 0, view.length);
  }

  #endStream(tail: boolean): void {
    this.counts.lines++;
    this.counts.streamed++;
    const complete = this.#reader.finish();
    if (complete && this.#reader.cut) {
      if (tail) this.#sink.tail();
      this.#sink.cut();
    }
    this.#deliver(complete ? this.#reader.facts : null, tail);
  }

  /** Null facts mean that the line is no JSON; at the tail that is a line still being written. */
  #deliver(facts: MessageFacts | null, tail: boolean): void {
    if (facts === null) {
      if (!tail) this.#sink.malformed();
    } else if (facts.role !== null && (facts.role !== 'tool' || this.#toolResults)) {
      if (tail) this.#sink.tail();
      this.#sink.message(facts);
    }
  }
}

const SPACE = 0x20;

/** Whether a line consists of white space that JSON ignores. */
function isBlank(view: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((view[at] as number) > SPACE) return false;
  return true;
}
