/**
 * Finds numbers by texts that stand in bytes: about 20 bytes a text outside the heap, where a Map of strings takes more
 * than a hundred inside it. An open table with at least half of its places free; nothing is ever taken out.
 */
import { hashOf } from '../text-hash.ts';
import { textAt } from './varint.ts';

/** Places at first; always a power of two. */
const LEAST = 16;

export class TextTable {
  #hashes = new Int32Array(LEAST);
  /** Where each text stands. */
  #texts = new Uint32Array(LEAST);
  /** One more than the number; 0 where the place is free. */
  #numbers = new Uint32Array(LEAST);
  #size = 0;

  /**
   * The number of a text; -1 without any.
   * @param bytes those that the texts stand in, written by ByteWriter.text
   */
  get(bytes: Buffer, text: string): number {
    return (this.#numbers[this.#placeOf(bytes, text, hashOf(text))] as number) - 1;
  }

  /** Gives the text at `at` a number from 0 to 2^32 - 2, in place of the one that an equal text had. */
  set(bytes: Buffer, text: string, at: number, number: number): void {
    if (this.#size * 2 >= this.#numbers.length) this.#grow();
    const hash = hashOf(text);
    const place = this.#placeOf(bytes, text, hash);
    if (this.#numbers[place] === 0) this.#size++;
    this.#hashes[place] = hash;
    this.#texts[place] = at;
    this.#numbers[place] = number + 1;
  }

  #placeOf(bytes: Buffer, text: string, hash: number): number {
    const mask = this.#numbers.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      if (this.#numbers[place] === 0) return place;
      if (this.#hashes[place] === hash && textAt(bytes, this.#texts[place] as number) === text) return place;
    }
  }

  #grow(): void {
    const [hashes, texts, numbers] = [this.#hashes, this.#texts, this.#numbers];
    const length = numbers.length * 2;
    this.#hashes = new Int32Array(length);
    this.#texts = new Uint32Array(length);
    this.#numbers = new Uint32Array(length);
    for (let from = 0; from < numbers.length; from++) {
      if (numbers[from] === 0) continue;
      let to = (hashes[from] as number) & (length - 1);
      while (this.#numbers[to] !== 0) to = (to + 1) & (length - 1);
      this.#hashes[to] = hashes[from] as number;
      this.#texts[to] = texts[from] as number;
      this.#numbers[to] = numbers[from] as number;
    }
  }
}
