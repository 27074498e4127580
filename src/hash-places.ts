/**
 * Finds numbers by the hashes of texts that stand elsewhere: 8 bytes a place outside the heap, where a Map from strings
 * takes fifty and the strings inside it. An open table, of whose places at most three quarters are taken.
 */
/** Places at first; always a power of two. */
const LEAST = 16;
const FREE = 0;
const LEFT = -1;

export class HashPlaces {
  /** One more than the number, FREE, or LEFT where one was. */
  #places = new Int32Array(LEAST);
  #hashes = new Int32Array(LEAST);
  /** Places that are not FREE. */
  #taken = 0;
  #size = 0;

  /** The number under a hash that is the one looked for; -1 without any. */
  find(hash: number, isIt: (number: number) => boolean): number {
    const mask = this.#places.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const place = this.#places[at] as number;
      if (place === FREE) return -1;
      if (place !== LEFT && this.#hashes[at] === hash && isIt(place - 1)) return place - 1;
    }
  }

  /** @param number from 0 to 2^31 - 2, and not under this hash yet */
  enter(hash: number, number: number): void {
    if ((this.#taken + 1) * 4 > this.#places.length * 3) this.#rehash();
    this.#put(hash, number + 1);
    this.#size++;
  }

  /** Puts another number in the place of one that is there. */
  change(hash: number, from: number, to: number): void {
    this.#places[this.#placeOf(hash, from)] = to + 1;
  }

  /** Takes out a number that is there. */
  leave(hash: number, number: number): void {
    this.#places[this.#placeOf(hash, number)] = LEFT;
    this.#size--;
  }

  #placeOf(hash: number, number: number): number {
    const mask = this.#places.length - 1;
    let at = hash & mask;
    while (this.#hashes[at] !== hash || this.#places[at] !== number + 1) at = (at + 1) & mask;
    return at;
  }

  #put(hash: number, place: number): void {
    const mask = this.#places.length - 1;
    let at = hash & mask;
    while (this.#places[at] !== FREE) at = (at + 1) & mask;
    this.#places[at] = place;
    this.#hashes[at] = hash;
    this.#taken++;
  }

  /** Into places of which the numbers that there are take half at most. */
  #rehash(): void {
    const [places, hashes] = [this.#places, this.#hashes];
    let length = LEAST;
    while (length < (this.#size + 1) * 2) length *= 2;
    this.#places = new Int32Array(length);
    this.#hashes = new Int32Array(length);
    this.#taken = 0;
    for (const [at, place] of places.entries()) {
      if (place !== FREE && place !== LEFT) this.#put(hashes[at] as number, place);
    }
  }
}
