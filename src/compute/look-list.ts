/**
 * What is to be looked at in one directory, as bytes: names, and with each the stamp that is known of it, so that only
 * what differs has to be told.
 *
 *   for each: name | NO_NUMBERS, or NUMBERS and those of its stamp (stamp-numbers.ts)
 */
import type { Bytes } from '../units.ts';
import { NO_NUMBERS, NUMBERS, readStampNumbers, type StampNumbers, skipStampNumbers } from './stamp-numbers.ts';
import { ByteReader, ByteWriter } from './varint.ts';

const CAPACITY: Bytes = 4_096;

/** What knows its name and its stamp as a list has them. */
export interface Lookable {
  writeLook(writer: ByteWriter): void;
}

/** What there is: its stamp, null for nothing that counts, or the code of the error that kept it from being looked at. */
export type Found = { readonly stamp: string } | { readonly error: string } | null;

export class LookList {
  readonly #writer = new ByteWriter(CAPACITY);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(known: Lookable): void {
    known.writeLook(this.#writer);
    this.#count++;
  }

  /** Adds a name of which no stamp is known. */
  addName(name: string): void {
    this.#writer.text(name);
    this.#writer.byte(NO_NUMBERS);
    this.#count++;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** Goes through a list: what it gives is of the entry that `next` went to. */
export class LookReader {
  readonly #reader: ByteReader;
  readonly #numbers: number[] = [];
  #name = '';
  #isKnown = false;

  constructor(list: Uint8Array) {
    this.#reader = new ByteReader(list);
  }

  get name(): string {
    return this.#name;
  }

  /** Of its stamp; null where none is known. */
  get numbers(): StampNumbers | null {
    return this.#isKnown ? this.#numbers : null;
  }

  /** Goes to the next entry; false at the end. */
  next(): boolean {
    if (this.#reader.done) return false;
    this.#name = this.#reader.text();
    this.#isKnown = this.#reader.byte() === NUMBERS;
    if (this.#isKnown) readStampNumbers(this.#reader, this.#numbers);
    return true;
  }

  /** Passes an entry. */
  skip(): void {
    this.#reader.skipText();
    if (this.#reader.byte() === NUMBERS) skipStampNumbers(this.#reader);
  }
}

export function namesIn(list: Uint8Array): string[] {
  const names: string[] = [];
  for (const reader = new LookReader(list); reader.next(); ) names.push(reader.name);
  return names;
}

/**
 * The names of a list with what was found of them.
 * @param looked by place in the list, in its order: what is not as it was known
 * @param all gives the others too, with undefined
 */
export function* foundIn(
  list: Uint8Array,
  looked: Iterable<readonly [place: number, found: Found]>,
  all: boolean,
): Generator<readonly [name: string, found: Found | undefined], undefined> {
  const reader = new LookReader(list);
  let place = 0;
  for (const [next, found] of looked) {
    for (; place < next; place++) {
      if (!all) reader.skip();
      else if (reader.next()) yield [reader.name, undefined];
    }
    if (reader.next()) yield [reader.name, found];
    place++;
  }
  while (all && reader.next()) yield [reader.name, undefined];
}
