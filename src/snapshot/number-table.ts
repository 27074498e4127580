/**
 * A hash table from numbers to numbers in two typed arrays: 16 bytes a slot, where a Map needs 50 to 60.
 * Open addressing with linear probing; entries whose value came back to 0 are dropped when the table next grows.
 */
import type { Bytes } from '../units.ts';

const EMPTY = Number.NaN;

export class NumberTable {
  #keys: Float64Array;
  #values: Float64Array;
  #used = 0;
  #mask: number;

  constructor(capacity = 64) {
    this.#keys = new Float64Array(capacity).fill(EMPTY);
    this.#values = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  /** Bytes of the arrays. */
  get bytes(): Bytes {
    return this.#keys.byteLength + this.#values.byteLength;
  }

  /** Keys that slots are used for, those whose value came back to 0 included. */
  get size(): number {
    return this.#used;
  }

  /** Forgets all keys, and keeps the arrays for the next ones. */
  clear(): void {
    this.#keys.fill(EMPTY);
    this.#values.fill(0);
    this.#used = 0;
  }

  /** The value of a key, undefined when it was never set. Keys are integers below 2^53 in magnitude. */
  get(key: number): number | undefined {
    const slot = this.#slot(key);
    return this.#keys[slot] === key ? this.#values[slot] : undefined;
  }

  set(key: number, value: number): void {
    let slot = this.#slot(key);
    if (this.#keys[slot] !== key) {
      if (this.#used * 4 >= this.#keys.length * 3) {
        this.#rehash();
        slot = this.#slot(key);
      }
      this.#keys[slot] = key;
      this.#used++;
    }
    this.#values[slot] = value;
  }

  /** Adds to the value of a key, which starts at 0. */
  add(key: number, by: number): void {
    const slot = this.#slot(key);
    if (this.#keys[slot] === key) this.#values[slot] = (this.#values[slot] as number) + by;
    else this.set(key, by);
  }

  /** Calls back for every key whose value is not 0, in no order. */
  forEach(callback: (key: number, value: number) => void): void {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const value = this.#values[slot] as number;
      if (value !== 0) callback(this.#keys[slot] as number, value);
    }
  }

  /** The slot that holds a key, or the empty one where it belongs. */
  #slot(key: number): number {
    const low = key >>> 0;
    const high = Math.floor(key / 4294967296) >>> 0;
    let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & this.#mask;
    for (;;) {
      const found = this.#keys[slot] as number;
      if (found === key || Number.isNaN(found)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #rehash(): void {
    const keys = this.#keys;
    const values = this.#values;
    let live = 0;
    for (const value of values) if (value !== 0) live++;
    const capacity = live * 2 >= keys.length ? keys.length * 2 : keys.length;
    this.#keys = new Float64Array(capacity).fill(EMPTY);
    this.#values = new Float64Array(capacity);
    this.#mask = capacity - 1;
    this.#used = 0;
    for (let slot = 0; slot < keys.length; slot++) {
      const value = values[slot] as number;
      if (value === 0) continue;
      const target = this.#slot(keys[slot] as number);
      this.#keys[target] = keys[slot] as number;
      this.#values[target] = value;
      this.#used++;
    }
  }
}
