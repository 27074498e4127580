/** One transcript to be read because somebody asked: its lines from the first on, or from the last back. */
import path from 'node:path';
import { type Bytes, KIB } from '../units.ts';
import { isDatabase } from './agent-database.ts';
import { openInDatabase } from './database-transcript.ts';
import { MISSING } from './file-stamp.ts';
import { jsonlSource } from './jsonl-source.ts';
import type { LineScanner } from './line-scanner.ts';
import { LineShortener } from './line-shortener.ts';
import type { ReadingWatch } from './reading-watch.ts';
import { isMissing } from './small-file.ts';
import { type TranscriptReader, UNKNOWN_SIZE } from './transcript-source.ts';

/** A place between two lines: in a file, bytes from its start; in a database, events. */
export type Position = number;

/** Takes a line, a long one with its strings cut, and null for one that is too long even so; true for no more. */
export type TakeLine = (text: string | null, start: Position) => boolean;

export interface ReadableTranscript {
  readonly stamp: string;
  /** The position behind the last line. */
  readonly size: Position;
  /** Scans all lines, or as many as there is time for; gives how far it got. */
  scan(scanner: LineScanner, watch: ReadingWatch): Position;
  /**
   * Hands out lines from the one that ends at a position back to the first, until no more are wanted or the time or
   * `most` bytes are over. Gives where the line handed out last begins; null when no line ends at the position.
   */
  backwards(end: Position, most: Bytes, watch: ReadingWatch, take: TakeLine): Position | null;
  close(): void;
}

/** What a transcript is read with. */
export interface ReadingMeans {
  /** Scratch. */
  readonly buffer: Buffer;
  readonly watch: ReadingWatch;
}

const NEWLINE = 0x0a;
/** Of a compressed file's measuring. */
const PIECE: Bytes = 64 * KIB;

/** What identifies a transcript's content now; the stamp of what is not there when it is gone. */
export function stampOfTranscript(directory: string, name: string): string {
  const transcript = openTranscript(directory, name);
  if (transcript === null) return MISSING;
  transcript.close();
  return transcript.stamp;
}

/**
 * Opens a transcript; null when it is gone.
 * @param means of finding out the size of one that is compressed or in cold storage, and of reading a file back; null
 *   where only its stamp is wanted
 * @throws the file system's or the driver's error
 */
export function openTranscript(
  directory: string,
  name: string,
  means: ReadingMeans | null = null,
): ReadableTranscript | null {
  const transcript = path.join(directory, name);
  if (isDatabase(path.dirname(transcript))) return openInDatabase(transcript, means?.watch ?? null);
  try {
    return new FileTranscript(jsonlSource.open({ directory }, { name }), means);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

class FileTranscript implements ReadableTranscript {
  readonly stamp: string;
  /** Null before that of a compressed one was found out. */
  #size: Bytes | null;
  readonly #reader: TranscriptReader;
  readonly #buffer: Buffer;
  readonly #watch: ReadingWatch | null;

  constructor(reader: TranscriptReader, means: ReadingMeans | null) {
    this.#reader = reader;
    this.#buffer = means?.buffer ?? Buffer.alloc(0);
    this.#watch = means?.watch ?? null;
    const { size, stamp } = reader.state();
    this.#size = size === UNKNOWN_SIZE ? null : size;
    this.stamp = stamp;
  }

  get size(): Bytes {
    this.#size ??= this.#measure();
    return this.#size;
  }

  scan(scanner: LineScanner, watch: ReadingWatch): Bytes {
    let reached = 0;
    // A line that is cut off by the end of the time is no JSON, and counts for nothing.
    scanner.scan(
      (buffer, start, end, position) => {
        if (watch.isOver()) return 0;
        const got = this.#reader.read(buffer, start, end, position);
        reached = position + got;
        return got;
      },
      0,
      this.size,
    );
    return reached;
  }

  backwards(end: Bytes, most: Bytes, watch: ReadingWatch, take: TakeLine): Bytes | null {
    if (end > this.size || (end > 0 && end < this.size && this.#byteAt(end - 1) !== NEWLINE)) return null;
    let at = end;
    while (at > 0 && end - at < most && !watch.isOver()) {
      const from = Math.max(0, at - this.#buffer.length);
      const length = this.#reader.read(this.#buffer, 0, at - from, from);
      // It shrank: what is left of it is another transcript.
      if (length < at - from) return at;
      const block = this.#buffer.subarray(0, length);
      const first = from === 0 ? 0 : block.indexOf(NEWLINE) + 1;
      if (from > 0 && (first === 0 || first === length)) {
        // The line that ends at `at` begins before what was read.
        const start = this.#startBefore(from, watch);
        if (start === null) return at;
        if (take(at - start > most ? null : this.#shortened(start, at), start)) return start;
        at = start;
        continue;
      }
      for (let stop = length; stop > first; stop = at - from) {
        const newline = stop < 2 ? -1 : block.lastIndexOf(NEWLINE, stop - 2);
        at = from + Math.max(newline + 1, first);
        if (take(block.toString('utf8', at - from, stop), at)) return at;
      }
    }
    return at;
  }

  close(): void {
    this.#reader.close();
  }

  /** As far as there is time. */
  #measure(): Bytes {
    const piece = Buffer.alloc(PIECE);
    let at = 0;
    while (this.#watch?.isOver() !== true) {
      const read = this.#reader.read(piece, 0, PIECE, at);
      at += read;
      if (read < PIECE) break;
    }
    return at;
  }

  #byteAt(position: Bytes): number {
    const byte = Buffer.alloc(1);
    this.#reader.read(byte, 0, 1, position);
    return byte[0] as number;
  }

  /** Where the line begins that goes on at a position; null when the time is over first. */
  #startBefore(position: Bytes, watch: ReadingWatch): Bytes | null {
    for (let at = position; at > 0; ) {
      if (watch.isOver()) return null;
      const from = Math.max(0, at - this.#buffer.length);
      const length = this.#reader.read(this.#buffer, 0, at - from, from);
      const newline = this.#buffer.subarray(0, length).lastIndexOf(NEWLINE);
      if (newline !== -1) return from + newline + 1;
      at = from;
    }
    return 0;
  }

  #shortened(start: Bytes, end: Bytes): string | null {
    const line = new LineShortener();
    for (let at = start; at < end; ) {
      const length = this.#reader.read(this.#buffer, 0, Math.min(this.#buffer.length, end - at), at);
      if (length === 0) break;
      line.push(this.#buffer.subarray(0, length));
      at += length;
    }
    return line.text();
  }
}
