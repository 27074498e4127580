import { describe, expect, it } from 'vitest';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import { epochOf, ownPricesOnly } from '../../src/compute/price-sources.ts';

const cost = (input: number) => ({ input, output: 2, cacheRead: 3, cacheWrite: 4 });
const listed = (...models: { id: string; cost: unknown }[]) => readProviderPrices({ acme: { models } });
const [a, b] = [
  { id: 'a', cost: cost(1) },
  { id: 'b', cost: cost(2) },
];

describe('the price epoch', () => {
  const epoch = (configured: ReturnType<typeof listed>, own = {}) => epochOf({ ...ownPricesOnly(own), configured });

  it('stays when only the writing changes', () => {
    const first = epoch(listed(a, b));
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(epoch(listed(b, { ...a, cost: { ...cost(1), note: 'x' } }))).toBe(first);
  });

  it('changes with a price, a model and a source', () => {
    const epochs = [listed(a), listed(a, b), listed({ ...a, cost: cost(2) }), []].map((prices) => epoch(prices));
    epochs.push(epoch([], { acme: { a: cost(1) } }), epochOf({ ...ownPricesOnly({}), catalog: listed(a) }));
    expect(new Set(epochs).size).toBe(epochs.length);
  });
});
