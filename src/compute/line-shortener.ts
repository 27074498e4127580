/**
 * A JSON line that is too long to be parsed, made short: of each long string only the beginning is kept, which is all that
 * is shown of a text, and a few bytes of an image. What is left is JSON again, if the line was.
 */
import { type Bytes, KIB } from '../units.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Of a string; every escape and every character of it is shorter by far. */
const KEPT: Bytes = 32 * KIB;
/** An escape is no longer. */
const ESCAPE: Bytes = 6;
/** Of what is left. */
const MOST: Bytes = 512 * KIB;

export class LineShortener {
  #parts: Buffer[] = [];
  #bytes: Bytes = 0;
  #inString = false;
  /** Of the string at hand, and whether more of it came than is kept. */
  #kept: Buffer[] = [];
  #keptBytes: Bytes = 0;
  #cut = false;
  /** The bytes so far end in an odd number of backslashes: the next one is escaped. */
  #escaping = false;

  /** Takes the next bytes of the line; they may change afterwards. */
  push(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const end = this.#inString ? this.#endOfString(piece, at) : piece.indexOf(QUOTE, at);
      const stop = end === -1 ? piece.length : end;
      if (this.#inString) this.#keep(piece.subarray(at, stop));
      else this.#put(piece.subarray(at, stop));
      if (end === -1) return;
      this.#closeOrOpen(piece.subarray(end, end + 1));
      at = end + 1;
    }
  }

  /** What is left; null when that is too much all the same. */
  text(): string | null {
    if (this.#bytes + this.#keptBytes > MOST) return null;
    return Buffer.concat([...this.#parts, ...this.#kept]).toString('utf8');
  }

  /** The quote that ends the string; -1 when it is not in this piece. */
  #endOfString(piece: Buffer, from: number): number {
    for (let start = from; ; ) {
      const end = piece.indexOf(QUOTE, start);
      const stop = end === -1 ? piece.length : end;
      let backslashes = 0;
      while (stop - backslashes > start && piece[stop - backslashes - 1] === BACKSLASH) backslashes++;
      const reachesBack = stop - backslashes === start && this.#escaping;
      const escaped = (backslashes + (reachesBack ? 1 : 0)) % 2 === 1;
      this.#escaping = end === -1 && escaped;
      if (end === -1 || !escaped) return end;
      start = end + 1;
    }
  }

  #keep(content: Buffer): void {
    const room = KEPT - this.#keptBytes;
    this.#cut ||= content.length > room;
    if (room > 0 && content.length > 0) {
      this.#kept.push(Buffer.from(content.subarray(0, room)));
      this.#keptBytes += Math.min(room, content.length);
    }
  }

  #closeOrOpen(quote: Buffer): void {
    if (this.#inString) {
      const content = Buffer.concat(this.#kept);
      this.#put(this.#cut ? withoutBrokenEscape(content) : content);
    }
    this.#put(quote);
    this.#inString = !this.#inString;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#cut = false;
    this.#escaping = false;
  }

  #put(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= MOST) this.#parts.push(Buffer.from(bytes));
  }
}

/** A line as text, a long one made short; null for one that is too long even so. */
export function textOfLine(line: Uint8Array): string | null {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.length);
  if (bytes.length <= MOST) return bytes.toString('utf8');
  const short = new LineShortener();
  short.push(bytes);
  return short.text();
}

/** Without its last escape, where that may have been cut through. */
function withoutBrokenEscape(content: Buffer): Buffer {
  const last = content.lastIndexOf(BACKSLASH);
  if (last === -1 || last < content.length - ESCAPE) return content;
  let first = last;
  while (first > 0 && content[first - 1] === BACKSLASH) first--;
  // Two backslashes are one that is escaped.
  return (last - first) % 2 === 0 ? content.subarray(0, last) : content;
}
