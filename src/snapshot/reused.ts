/** Values that are made once and used again for as long as something asks for them. */

export class Reused<Value> {
  readonly #values = new Map<string, Value>();
  /** Keys that were asked for since the last sweep. */
  #asked = new Set<string>();

  get(key: string): Value | undefined {
    this.#asked.add(key);
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
  }

  values(): Iterable<Value> {
    return this.#values.values();
  }

  clear(): void {
    this.#values.clear();
  }

  /** Drops what nothing asked for since the last sweep. */
  sweep(): void {
    for (const key of this.#values.keys()) if (!this.#asked.has(key)) this.#values.delete(key);
    this.#asked = new Set();
  }
}
