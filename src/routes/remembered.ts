/**
 * What was found out lately, bounded. Two generations of a plain map: when the younger is full, the older is forgotten,
 * so what is asked for again stays. Less exact than an LRU, but asked on every request, and loaded before the first.
 */
interface Entry<Value> {
  readonly value: Value;
  readonly size: number;
}

export class Remembered<Key, Value> {
  readonly #capacity: number;
  #young = new Map<Key, Entry<Value>>();
  #old = new Map<Key, Entry<Value>>();
  /** Of the younger generation. */
  #size = 0;

  /** @param capacity how much each of the generations holds, in the unit of the sizes */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.set(key, old.value, old.size);
    return old.value;
  }

  /** Remembers a value in place of any other of that key; not at all if it is larger than a generation. */
  set(key: Key, value: Value, size = 1): void {
    this.#old.delete(key);
    this.#size -= this.#young.get(key)?.size ?? 0;
    this.#young.delete(key);
    if (size > this.#capacity) return;
    if (this.#size + size > this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    this.#young.set(key, { value, size });
    this.#size += size;
  }
}
