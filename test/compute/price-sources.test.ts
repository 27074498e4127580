import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../src/compute/price-book.ts';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import { epochOf, ownPricesOnly, withPricesOf } from '../../src/compute/price-sources.ts';

const cost = (input: number) => ({ input, output: 2, cacheRead: 3, cacheWrite: 4 });
const listed = (...models: { id: string; cost: unknown }[]) => readProviderPrices({ acme: { models } });
const [a, b] = [
  { id: 'a', cost: cost(1) },
  { id: 'b', cost: cost(2) },
];

describe('the prices in force', () => {
  it('are those of all three sources', () => {
    const own = ownPricesOnly({ acme: { c: cost(3) } });
    const prices = new PriceBook(withPricesOf({ configured: listed(a), catalog: listed(b) }, own));
    expect(['a', 'b', 'c'].map((model) => prices.find('acme', model)?.units?.input)).toEqual([1, 2, 3]);
  });

  it('stay those of a file that cannot be read now, and of no other', () => {
    const before = withPricesOf({ configured: listed(a), catalog: listed(b) }, ownPricesOnly({}));
    const after = withPricesOf({ configured: null, catalog: listed({ id: 'b', cost: cost(5) }) }, before);
    expect(after.configured).toEqual(before.configured);
    expect(new PriceBook(after).find('acme', 'b')?.units?.input).toBe(5);
  });
});

describe('the price epoch', () => {
  const epoch = (configured: ReturnType<typeof listed>, own = {}) =>
    epochOf(withPricesOf({ configured, catalog: [] }, ownPricesOnly(own)));

  it('stays when only the writing changes', () => {
    const first = epoch(listed(a, b));
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(epoch(listed(b, { ...a, cost: { ...cost(1), note: 'x' } }))).toBe(first);
  });

  it('changes with a price, a model and a source', () => {
    const epochs = [listed(a), listed(a, b), listed({ ...a, cost: cost(2) }), []].map((prices) => epoch(prices));
    epochs.push(epoch([], { acme: { a: cost(1) } }));
    expect(new Set(epochs).size).toBe(epochs.length);
  });
});
