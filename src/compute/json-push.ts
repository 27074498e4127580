/**
 * A push tokenizer for JSON text that arrives in pieces of any size and is never held: it walks the bytes once,
 * accepts exactly the objects and arrays that JSON.parse accepts of the decoded and trimmed text, whatever the pieces,
 * and hands out only the values that its handler asks for.
 * It serves both the session index (one object of tens of megabytes) and transcript lines too long to hold.
 */
import type { Bytes } from '../units.ts';
import { readName } from './name-cache.ts';
import type { ScanKernel } from './scan-kernel.ts';

/** What a handler wants of a value: nothing, its parts, or its raw text. */
export const SKIP = 0;
export const DESCEND = 1;
export const CAPTURE = 2;

export interface JsonHandler {
  /** A member's key was read; depth = open containers (the root object's members have 1). Says what to do with its value. */
  key(depth: number, key: string): number;
  /** An element is about to start in an array that was descended into. */
  element(depth: number): number;
  /** The raw JSON text of a captured value, at the depth of its key() or element(). A DESCEND into a scalar ends here too. */
  value(depth: number, buf: Buffer, start: number, end: number): void;
  /** A container that is descended into opened (kind 0x7b or 0x5b); its members have this depth. */
  open(depth: number, kind: number): void;
  close(depth: number): void;
  /** A captured value grew past the limit and is dropped. */
  tooLong(depth: number): void;
}

/** Containers open at once; deeper text counts as invalid. */
const MAX_DEPTH = 1 << 20;
/** Bytes of a member's key; the value of a longer one is skipped. */
const MAX_KEY = 4096 * 6;

const VALUE = 0;
const OBJECT_FIRST = 1;
const OBJECT_NEXT = 2;
const COLON = 3;
const ARRAY_FIRST = 4;
const AFTER = 5;
const STRING = 6;
const ESCAPE = 7;
const HEX = 8;
const MINUS = 9;
const ZERO = 10;
const INTEGER = 11;
const DOT = 12;
const FRACTION = 13;
const EXPONENT = 14;
const EXPONENT_SIGN = 15;
const EXPONENT_DIGITS = 16;
const LITERAL = 17;
const END = 18;
const FAILED = 19;
const START = 20;

const OBJECT = 0x7b;
const ARRAY = 0x5b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 for bytes that may stand in a string without meaning anything. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

const LITERALS: Record<number, Buffer> = {
  116: Buffer.from('true'),
  102: Buffer.from('false'),
  110: Buffer.from('null'),
};

/** The UTF-8 of what String.trim removes beside the blanks of JSON, each as one number, and their beginnings. */
const TRIMMED = new Set<number>();
const TRIMMED_BEGIN = new Set<number>();
for (const char of '\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff') {
  let number = 0;
  for (const byte of Buffer.from(char)) {
    number = number * 256 + byte;
    TRIMMED_BEGIN.add(number);
  }
  TRIMMED.add(number);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
}

export class JsonPush {
  readonly #handler: JsonHandler;
  readonly #captureLimit: Bytes;
  #state = START;
  #depth = 0;
  #kinds = new Uint8Array(64);
  /** Depth at which a skipped or captured container stands; 0 outside of one. No callbacks while it is set. */
  #quiet = 0;
  #action = DESCEND;
  #inKey = false;
  #escaped = false;
  #hexLeft = 0;
  #literal: Buffer = LITERALS[0x6e] as Buffer;
  #literalAt = 0;
  #capturing = false;
  /** Where the capture goes on in the buffer at hand. */
  #captureStart = 0;
  /** What earlier buffers held of the capture. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #consumed = 0;
  #failedAt = -1;
  /** The bytes so far of a white space character around the root value; 0 between characters. */
  #blank = 0;
  #keyEscaped = false;
  /** Skips over strings and whole values in its own buffer faster than the walk here does in any other. */
  readonly #kernel: ScanKernel | null;

  constructor(handler: JsonHandler, captureLimit: Bytes, kernel: ScanKernel | null = null) {
    this.#handler = handler;
    this.#captureLimit = captureLimit;
    this.#kernel = kernel;
  }

  /** Forgets everything and expects the first byte of a new text. */
  begin(): void {
    this.#state = START;
    this.#depth = 0;
    this.#quiet = 0;
    this.#action = DESCEND;
    this.#inKey = false;
    this.#escaped = false;
    this.#capturing = false;
    this.#dropHeld();
    this.#consumed = 0;
    this.#failedAt = -1;
    this.#blank = 0;
  }

  /** Byte offset since begin() at which the text stopped being JSON; -1 while it is. */
  get failedAt(): number {
    return this.#failedAt;
  }

  /** Whether the key handed to key() was written with escapes. */
  get keyEscaped(): boolean {
    return this.#keyEscaped;
  }

  /** True when the text so far is one complete object or array, with nothing but white space after it. */
  finish(): boolean {
    return this.#state === END && this.#blank === 0;
  }

  /** Takes the next bytes buf[start, end). */
  push(buf: Buffer, start: number, end: number): void {
    if (this.#state === FAILED) return;
    if (this.#capturing) this.#captureStart = start;
    const stop = this.#walk(buf, start, end);
    if (stop < end) {
      this.#state = FAILED;
      this.#failedAt = this.#consumed + stop - start;
    } else if (this.#capturing) {
      this.#hold(buf, this.#captureStart, end);
    }
    this.#consumed += end - start;
  }

  /** Walks as far as the text is JSON; a result below `end` is the offset of the first wrong byte. */
  #walk(buf: Buffer, start: number, end: number): number {
    const kernel = this.#kernel?.owns(buf) === true ? this.#kernel : null;
    let i = start;
    let state = this.#state;
    while (i < end) {
      const c = buf[i] as number;
      switch (state) {
        case STRING: {
          // In a key every escape is looked at here; in a value the kernel walks over legal ones too.
          if (kernel !== null && !this.#inKey) i = kernel.skipString(i, end);
          else while (i < end && PLAIN[buf[i] as number] === 1) i++;
          if (i === end) break;
          const special = buf[i] as number;
          i++;
          if (special === QUOTE) {
            state = this.#inKey ? this.#keyRead(buf, i - 1) : this.#scalarRead(buf, i);
          } else if (special === BACKSLASH) {
            this.#escaped = true;
            state = ESCAPE;
          } else {
            return i - 1;
          }
          break;
        }
        case ESCAPE:
          if (c === 0x75) {
            this.#hexLeft = 4;
            state = HEX;
          } else if (
            c === QUOTE ||
            c === BACKSLASH ||
            c === 0x2f ||
            c === 0x62 ||
            c === 0x66 ||
            c === 0x6e ||
            c === 0x72 ||
            c === 0x74
          ) {
            state = STRING;
          } else {
            return i;
          }
          i++;
          break;
        case HEX:
          if (!isHex(c)) return i;
          this.#hexLeft--;
          if (this.#hexLeft === 0) state = STRING;
          i++;
          break;
        case ARRAY_FIRST:
        case VALUE: {
          if (isBlank(c)) {
            i++;
            break;
          }
          if (c === 0x5d && state === ARRAY_FIRST) {
            i++;
            state = this.#closed(buf, i);
            break;
          }
          if (this.#quiet === 0 && this.#kinds[this.#depth] === ARRAY) {
            this.#action = this.#handler.element(this.#depth);
          }
          if (kernel !== null && this.#quiet === 0 && this.#action === SKIP) {
            const behind = this.#skipped(i, end);
            if (behind !== 0) {
              i = behind;
              state = AFTER;
              break;
            }
          }
          const next = this.#valueStarts(c, i);
          if (next < 0) return i;
          state = next;
          i++;
          break;
        }
        case OBJECT_FIRST:
        case OBJECT_NEXT:
          if (isBlank(c)) {
            i++;
          } else if (c === QUOTE) {
            i++;
            this.#inKey = true;
            this.#escaped = false;
            if (this.#quiet === 0) {
              this.#capturing = true;
              this.#captureStart = i;
            }
            state = STRING;
          } else if (c === 0x7d && state === OBJECT_FIRST) {
            i++;
            state = this.#closed(buf, i);
          } else {
            return i;
          }
          break;
        case COLON:
          if (c === 0x3a) state = VALUE;
          else if (!isBlank(c)) return i;
          i++;
          break;
        case AFTER: {
          if (isBlank(c)) {
            i++;
            break;
          }
          const kind = this.#kinds[this.#depth];
          if (c === 0x2c) state = kind === OBJECT ? OBJECT_NEXT : VALUE;
          else if (c === (kind === OBJECT ? 0x7d : 0x5d)) state = this.#closed(buf, i + 1);
          else return i;
          i++;
          break;
        }
        case LITERAL:
          if (c !== this.#literal[this.#literalAt]) return i;
          this.#literalAt++;
          i++;
          if (this.#literalAt === this.#literal.length) state = this.#scalarRead(buf, i);
          break;
        case START:
        case END:
          if (state === START && this.#blank === 0 && (c === OBJECT || c === ARRAY)) {
            state = VALUE;
          } else {
            if (!this.#isTrimmed(c)) return i;
            i++;
          }
          break;
        default: {
          const next = numberState(state, c);
          if (next === FAILED) return i;
          if (next === AFTER) {
            state = this.#scalarRead(buf, i);
          } else {
            state = next;
            i++;
          }
        }
      }
    }
    this.#state = state;
    return i;
  }

  /** The offset behind a value that nobody wants, if the kernel finds that it ends before `end`; else 0. */
  #skipped(at: number, end: number): number {
    const behind = (this.#kernel as ScanKernel).skipValue(at, end);
    // A number that ends with the piece may go on in the next one.
    return behind < end ? behind : 0;
  }

  /** The first byte of a value: the state that follows it, or -1 when no value starts so. */
  #valueStarts(c: number, at: number): number {
    if (c === OBJECT || c === ARRAY) {
      if (this.#depth + 1 >= MAX_DEPTH) return -1;
      if (this.#quiet === 0 && this.#action !== DESCEND) {
        if (this.#action === CAPTURE) this.#capture(at);
        this.#quiet = this.#depth;
      }
      this.#depth++;
      if (this.#depth === this.#kinds.length) this.#growKinds();
      this.#kinds[this.#depth] = c;
      if (this.#quiet === 0) this.#handler.open(this.#depth, c);
      return c === OBJECT ? OBJECT_FIRST : ARRAY_FIRST;
    }
    if (this.#quiet === 0 && this.#action !== SKIP) this.#capture(at);
    if (c === QUOTE) {
      this.#inKey = false;
      return STRING;
    }
    if (c === 0x2d) return MINUS;
    if (c === 0x30) return ZERO;
    if (isDigit(c)) return INTEGER;
    const literal = LITERALS[c];
    if (literal === undefined) return -1;
    this.#literal = literal;
    this.#literalAt = 1;
    return LITERAL;
  }

  /** Takes the next byte of the white space around the root value; false when it is none. */
  #isTrimmed(c: number): boolean {
    if (this.#blank === 0 && isBlank(c)) return true;
    const number = this.#blank * 256 + c;
    this.#blank = TRIMMED.has(number) ? 0 : number;
    return TRIMMED_BEGIN.has(number);
  }

  #capture(at: number): void {
    this.#capturing = true;
    this.#captureStart = at;
  }

  /** A member's key ended just before buf[end]; its quotes are not part of it. */
  #keyRead(buf: Buffer, end: number): number {
    if (this.#quiet !== 0) {
      this.#inKey = false;
      return COLON;
    }
    this.#capturing = false;
    const whole = this.#heldBytes > 0;
    if (this.#heldBytes < 0 || this.#heldBytes + end - this.#captureStart > MAX_KEY) {
      this.#action = SKIP;
    } else {
      if (whole) this.#hold(buf, this.#captureStart, end);
      const text = whole ? Buffer.concat(this.#held).toString('utf8') : readName(buf, this.#captureStart, end);
      this.#keyEscaped = this.#escaped;
      this.#action = this.#handler.key(this.#depth, this.#escaped ? (JSON.parse(`"${text}"`) as string) : text);
    }
    this.#dropHeld();
    this.#inKey = false;
    return COLON;
  }

  /** A string, number or literal ended just before buf[end]. */
  #scalarRead(buf: Buffer, end: number): number {
    if (this.#quiet === 0 && this.#capturing) this.#captured(buf, end);
    return AFTER;
  }

  /** The innermost container ended just before buf[end]. */
  #closed(buf: Buffer, end: number): number {
    if (this.#quiet === 0) this.#handler.close(this.#depth);
    this.#depth--;
    if (this.#quiet !== 0 && this.#depth === this.#quiet) {
      this.#quiet = 0;
      if (this.#capturing) this.#captured(buf, end);
    }
    return this.#depth === 0 ? END : AFTER;
  }

  #captured(buf: Buffer, end: number): void {
    this.#capturing = false;
    const tooLong = this.#heldBytes < 0 || this.#heldBytes + end - this.#captureStart > this.#captureLimit;
    if (tooLong) {
      this.#handler.tooLong(this.#depth);
    } else if (this.#heldBytes > 0) {
      this.#hold(buf, this.#captureStart, end);
      const whole = Buffer.concat(this.#held);
      this.#handler.value(this.#depth, whole, 0, whole.length);
    } else {
      this.#handler.value(this.#depth, buf, this.#captureStart, end);
    }
    this.#dropHeld();
  }

  /** Copies a part of the capture that the caller's buffer will not keep; a capture past its limit is marked by -1. */
  #hold(buf: Buffer, start: number, end: number): void {
    if (this.#heldBytes < 0) return;
    const limit = this.#inKey && this.#quiet === 0 ? MAX_KEY : this.#captureLimit;
    if (this.#heldBytes + end - start > limit) {
      this.#held = [];
      this.#heldBytes = -1;
      return;
    }
    if (end > start) this.#held.push(Buffer.from(buf.subarray(start, end)));
    this.#heldBytes += end - start;
  }

  #dropHeld(): void {
    if (this.#heldBytes !== 0) {
      this.#held = [];
      this.#heldBytes = 0;
    }
  }

  #growKinds(): void {
    const grown = new Uint8Array(this.#kinds.length * 2);
    grown.set(this.#kinds);
    this.#kinds = grown;
  }
}

/** The grammar of numbers: the next state, AFTER when the number ended before `c`, FAILED when it may not go on so. */
function numberState(state: number, c: number): number {
  const digit = isDigit(c);
  switch (state) {
    case MINUS:
      return c === 0x30 ? ZERO : digit ? INTEGER : FAILED;
    case ZERO:
    case INTEGER:
      if (digit && state === INTEGER) return INTEGER;
      if (c === 0x2e) return DOT;
      if (c === 0x65 || c === 0x45) return EXPONENT;
      return digit ? FAILED : AFTER;
    case DOT:
      return digit ? FRACTION : FAILED;
    case FRACTION:
      if (digit) return FRACTION;
      return c === 0x65 || c === 0x45 ? EXPONENT : AFTER;
    case EXPONENT:
      if (c === 0x2b || c === 0x2d) return EXPONENT_SIGN;
      return digit ? EXPONENT_DIGITS : FAILED;
    case EXPONENT_SIGN:
      return digit ? EXPONENT_DIGITS : FAILED;
    default:
      return digit ? EXPONENT_DIGITS : AFTER;
  }
}
