import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceBook, type PriceBookData, selectTier, type Tier } from '../../src/compute/price-book.ts';
import { readOwnPrices, readProviderPrices } from '../../src/compute/price-list.ts';

const units = (input: number) => ({ input, output: 2, cacheRead: 0, cacheWrite: 0 });
const provider = (id: string, model: string, cost: unknown) => ({ [id]: { models: [{ id: model, cost }] } });

function book(lists: {
  catalog?: unknown;
  configured?: unknown;
  own?: Record<string, Record<string, never>>;
}): PriceBook {
  const data: PriceBookData = {
    catalog: readProviderPrices(lists.catalog),
    configured: readProviderPrices(lists.configured),
    own: readOwnPrices(lists.own ?? {}),
  };
  return new PriceBook(JSON.parse(JSON.stringify(data)) as PriceBookData);
}
const own = (id: string, model: string, cost: unknown) => ({ [id]: { [model]: cost as never } });

describe('the price of a model', () => {
  it('comes from models.json, then openclaw.json, then our own prices', () => {
    const all = book({
      catalog: provider('acme', 'a', units(1)),
      configured: {
        acme: {
          models: [
            { id: 'a', cost: units(2) },
            { id: 'b', cost: units(3) },
          ],
        },
      },
      own: { acme: { a: units(4), b: units(5), c: units(6) } as never },
    });
    expect(all.find('acme', 'a')?.units?.input).toBe(1);
    expect(all.find('acme', 'b')?.units?.input).toBe(3);
    expect(all.find('acme', 'c')?.units?.input).toBe(6);
    expect(all.find('acme', 'd')).toBeNull();
  });

  it('needs a provider and a model', () => {
    const prices = book({ configured: provider('acme', 'a', units(1)) });
    expect(prices.find(null, 'a')).toBeNull();
    expect(prices.find('acme', null)).toBeNull();
    expect(prices.find(' ', 'a')).toBeNull();
    expect(prices.find('acme', '')).toBeNull();
  });

  it.each([
    ['ACME ', 'acme'],
    ['z.ai', 'zai'],
    ['bedrock', 'Amazon-Bedrock'],
    ['kimi-code', 'kimi-coding'],
  ])('of provider %j is found under %j', (asked, listed) => {
    expect(book({ configured: provider(listed, 'm', units(7)) }).find(asked, ' m ')?.units?.input).toBe(7);
  });

  it('has a case-sensitive model id', () => {
    expect(book({ configured: provider('acme', 'Big', units(1)) }).find('acme', 'big')).toBeNull();
  });

  it('is found with and without the provider before the model id', () => {
    const prices = book({ configured: provider('openrouter', 'openrouter/auto', units(7)) });
    expect(prices.find('openrouter', 'auto')?.units?.input).toBe(7);
  });

  it('is found under an alias of the model in openclaw.json, whatever the provider', () => {
    expect(
      book({ configured: provider('xai', 'grok-4-fast', units(7)) }).find('xai', 'grok-4-fast-reasoning'),
    ).not.toBeNull();
    expect(
      book({ configured: provider('google', 'gemini-3-flash', units(7)) }).find('google', 'gemini-3.1-flash'),
    ).not.toBeNull();
    expect(book({ configured: provider('google', 'x', units(7)) }).find('google', 'google/x')).not.toBeNull();
    expect(
      book({ configured: provider('google', 'gemini-3-flash-preview', units(7)) }).find(
        'google',
        'google/gemini-3-flash',
      ),
    ).not.toBeNull();
    expect(
      book({ configured: provider('vercel-ai-gateway', 'anthropic/claude-opus-4-6', units(7)) }).find(
        'vercel-ai-gateway',
        'Opus-4.6',
      ),
    ).not.toBeNull();
  });

  it('is found under an alias of the model in models.json only for the providers for which OpenClaw tries it', () => {
    expect(
      book({ catalog: provider('anthropic', 'claude-opus-4-6', units(7)) }).find('anthropic', 'opus-4.6'),
    ).not.toBeNull();
    expect(book({ catalog: provider('xai', 'grok-4-fast', units(7)) }).find('xai', 'grok-4-fast-reasoning')).toBeNull();
  });

  it('that OpenClaw lists without four numbers hides its later lists, and is filled by our own', () => {
    const cost = { ...units(1), output: '2' };
    const lists = { catalog: provider('acme', 'a', cost), configured: provider('acme', 'a', units(2)) };
    expect(book(lists).find('acme', 'a')).toBeNull();
    expect(book({ ...lists, own: own('acme', 'a', units(3)) }).find('acme', 'a')?.units?.input).toBe(3);
  });

  it.each([
    undefined,
    null,
    [],
    5,
    {},
    { ...units(1), cacheRead: null },
    { ...units(1), input: Number.NaN },
    { ...units(1), input: Infinity },
  ])('that reads %j is none', (cost) =>
    expect(book({ configured: provider('acme', 'a', cost) }).find('acme', 'a')).toBeNull(),
  );

  it('may be zero', () => {
    expect(book({ configured: provider('acme', 'a', { ...units(0), output: 0 }) }).find('acme', 'a')).not.toBeNull();
  });

  it('of two entries with one key is the last', () => {
    const configured = {
      'z.ai': { models: [{ id: 'a', cost: units(1) }] },
      zai: { models: [{ id: 'a', cost: units(2) }] },
    };
    expect(book({ configured }).find('zai', 'a')?.units?.input).toBe(2);
  });

  it('has tiers sorted by start, the unusable ones left out, and may have tiers alone', () => {
    const tieredPricing = [
      { ...units(3), range: [100, -1] },
      { ...units(9), range: ['5', 6] },
      { ...units(9) },
      null,
      { input: 1, range: [0] },
      { ...units(1), range: [0, 100] },
    ];
    expect(book({ configured: provider('acme', 'a', { tieredPricing }) }).find('acme', 'a')).toEqual({
      units: null,
      tiers: [
        { start: 0, end: 100, ...units(1) },
        { start: 100, end: null, ...units(3) },
      ],
    });
    expect(
      book({ configured: provider('acme', 'a', { ...units(1), tieredPricing: [] }) }).find('acme', 'a')?.tiers,
    ).toBeNull();
  });

  it('is the same object each time, also after more names were asked than are remembered', () => {
    const prices = book({ configured: provider('acme', 'a', units(1)) });
    const price = prices.find('acme', 'a');
    for (let i = 0; i < 10_001; i++) expect(prices.find('acme', `x${i}`)).toBeNull();
    expect(prices.find('acme', 'a')).toBe(price);
  });

  it.each(['__proto__', 'constructor', 'toString'])('of the model %j is none unless it is listed', (name) => {
    expect(book({}).find('anthropic', name)).toBeNull();
    expect(book({ configured: provider('acme', name, units(1)) }).find('acme', name)).not.toBeNull();
  });
});

describe('a list of prices of another shape', () => {
  it.each([
    undefined,
    null,
    'x',
    [],
    [{ models: [] }],
    { a: null },
    { a: { models: {} } },
    { a: { models: [null, 1, { id: 5 }, { id: ' ' }] } },
  ])('%j is empty', (providers) => expect(readProviderPrices(providers)).toEqual([]));
});

describe('selecting a tier', () => {
  const tiers: Tier[] = [
    { start: 10, end: 32, ...units(1) },
    { start: 32, end: 128, ...units(2) },
    { start: 200, end: null, ...units(3) },
  ];
  it.each([
    [-1, 1],
    [0, 1],
    [5, 1],
    [10, 1],
    [31, 1],
    [32, 2],
    [127, 2],
    [128, 2],
    [199, 2],
    [200, 3],
    [1e12, 3],
  ])('for %d input tokens gives the tier of price %d', (input, price) => {
    expect(selectTier(tiers, input).input).toBe(price);
  });

  it('agrees with the three rules one after the other', () => {
    const tier = fc.record({
      start: fc.integer({ min: 0, max: 50 }),
      end: fc.option(fc.integer({ min: 0, max: 60 }), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(tier, { minLength: 1, maxLength: 5 }), fc.integer({ min: -5, max: 70 }), (raw, input) => {
        const sorted = raw
          .map((t, id) => ({ start: t.start, end: t.end !== null && t.end > t.start ? t.end : null, ...units(id) }))
          .sort((a, b) => a.start - b.start);
        const rules = [
          input <= 0 ? sorted[0] : undefined,
          sorted.find((t) => input >= t.start && (t.end === null || input < t.end)),
          sorted.findLast((t) => input >= t.start),
          sorted[0],
        ];
        expect(selectTier(sorted, input)).toBe(rules.find((t) => t !== undefined));
      }),
    );
  });
});
