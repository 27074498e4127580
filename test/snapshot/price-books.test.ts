import { describe, expect, it } from 'vitest';
import { PriceBook, type PriceBookData } from '../../src/compute/price-book.ts';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import { PriceBooks } from '../../src/snapshot/price-books.ts';

const cost = (input: number) => ({ input, output: 2, cacheRead: 3, cacheWrite: 4 });
const listed = (id: string, input: number) => readProviderPrices({ acme: { models: [{ id, cost: cost(input) }] } });
const store = (key: string | null, agent = 'main') => ({
  agent,
  catalog: { file: null, era: '2026.9' as const, key },
});

function books() {
  const all = new PriceBooks({ acme: { c: cost(3) } });
  all.add({ one: listed('a', 1), two: listed('a', 2) });
  return all;
}

/** What a store pays for input of the models a, b and c. */
function prices(all: PriceBooks, key: string | null): (number | undefined)[] {
  const text = Buffer.from(all.of(store(key)).book).toString();
  const book = new PriceBook(JSON.parse(text) as PriceBookData);
  return ['a', 'b', 'c'].map((model) => book.find('acme', model)?.units?.input);
}

describe('the prices of a store', () => {
  it('are those of its catalog, of openclaw.json and of our own configuration', () => {
    const all = books();
    all.configure({ configured: listed('b', 7) });
    expect(prices(all, 'one')).toEqual([1, 7, 3]);
    expect(prices(all, 'two')).toEqual([2, 7, 3]);
    expect(prices(all, null)).toEqual([undefined, 7, 3]);
  });

  it('are those of the openclaw.json of its own state directory', () => {
    const all = books();
    all.configure({ configured: listed('b', 7) });
    all.configure({ configured: listed('b', 8) }, 'work');
    const [here, there] = [all.of(store('one')), all.of(store('one', 'main@work'))];
    expect(here.epoch).not.toBe(there.epoch);
    all.keepThoseOf([store('one'), store('one', 'main@work')]);
    expect([all.of(store('one')), all.of(store('one', 'main@work'))]).toEqual([here, there]);
    expect(all.of(store('one', 'main@lab')).epoch).not.toBe(here.epoch);
  });

  it('stay those of openclaw.json while it cannot be read', () => {
    const all = books();
    all.configure({ configured: listed('b', 7) });
    const { epoch } = all.of(store('one'));
    all.configure({ configured: null });
    expect(all.of(store('one')).epoch).toBe(epoch);
    all.configure({ configured: [] });
    expect(all.of(store('one')).epoch).not.toBe(epoch);
  });

  it('are one book for all stores whose catalogs are equal', () => {
    const all = books();
    expect(all.of(store('one'))).toBe(all.of(store('one')));
    expect(all.of(store('two')).epoch).not.toBe(all.of(store('one')).epoch);
  });

  it('are forgotten when no store has them any more', () => {
    const all = books();
    all.of(store('two'));
    all.keepThoseOf([store('one')]);
    expect(prices(all, 'one')[0]).toBe(1);
    expect(prices(all, 'two')[0]).toBeUndefined();
  });
});
