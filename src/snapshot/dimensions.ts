/** What the rollup's figures are told apart by, each different combination under one small number. */

export interface Combination {
  readonly agent: string;
  readonly channel: string;
  readonly kind: string;
  readonly role: 'user' | 'assistant';
  readonly provider: string | null;
  readonly model: string | null;
}

/** Numbers things in the order in which they first came. */
export class Interner<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #keyOf: (item: T) => string;

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  numberOf(item: T): number {
    const key = this.#keyOf(item);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.items.push(item) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}

export function combinations(): Interner<Combination> {
  return new Interner(({ agent, channel, kind, role, provider, model }) =>
    JSON.stringify([agent, channel, kind, role, provider, model]),
  );
}

export function names(): Interner<string> {
  return new Interner((name) => name);
}
