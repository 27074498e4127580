/** What the golden store does not show: names of amounts, prices, savings, latencies, and damaged lines. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryLine } from '../support/arbitrary-record.ts';
import { mutations } from '../support/mutations.ts';
import { seededRandom } from '../support/random.ts';
import { oraclePrices } from './prices.ts';
import { type OracleRecord, readTranscript } from './records.ts';

const RATES = { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 };
const TIERS = [
  { ...RATES, input: 4, range: [100, -1] },
  { ...RATES, input: 1, range: [0, 50] },
];
const PRICES = oraclePrices(
  {
    models: {
      providers: {
        acme: {
          models: [
            { id: 'flat', cost: RATES },
            { id: 'tiered', cost: { tieredPricing: TIERS } },
            { id: 'half', cost: { input: 1 } },
            { id: 'both', cost: RATES },
          ],
        },
      },
    },
  },
  { providers: { ' ACME ': { models: [{ id: 'both', cost: { ...RATES, input: 9 } }] } } },
);

function read(...records: unknown[]): OracleRecord[] {
  return readTranscript(Buffer.from(records.map((record) => JSON.stringify(record)).join('\n')), PRICES).records;
}

function withUsage(usage: unknown, model = 'flat'): OracleRecord {
  const [record] = read({ message: { role: 'assistant', provider: 'Acme', model, usage } });
  return record as OracleRecord;
}

describe('usage', () => {
  test.each([
    [{ input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }, [1, 2, 3, 4, 10]],
    [{ inputTokens: 1, outputTokens: 2, cache_read: 3, cache_write: 4, totalTokens: 99 }, [1, 2, 3, 4, 99]],
    [
      { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 },
      [5, 2, 3, 4, 14],
    ],
    [{ prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } }, [5, 2, 4, 0, 11]],
    [{ promptTokens: 9, completionTokens: 2, input_tokens_details: { cached_tokens: 40 } }, [0, 2, 40, 0, 42]],
    [{ input: 9, cached_tokens: 4, cacheRead: 2 }, [7, 0, 2, 0, 9]],
    [{ timings: { prompt_n: 7, predicted_n: 8 } }, [7, 8, 0, 0, 15]],
    [{ prompt_n: 1.9, predicted_n: -3, total: 0 }, [1, 0, 0, 0, 0]],
    [{ input: '12', input_tokens: 12, output: 1 }, [0, 1, 0, 0, 1]],
    [{ reasoningTokens: 5 }, [0, 0, 0, 0, 0]],
    [{ input: 3e12 }, [1e12, 0, 0, 0, 1e12]],
  ])('%j', (usage, expected) => {
    const { input, output, cacheRead, cacheWrite, totalTokens } = withUsage(usage).usage ?? {};
    expect([input, output, cacheRead, cacheWrite, totalTokens]).toEqual(expected);
  });

  test.each([[{}], [{ input: '12' }], [true], ['text'], [null], [{ cost: { total: 1 } }]])('none in %j', (usage) => {
    expect(withUsage(usage)).toMatchObject({ usage: null, cost: null, saved: null });
  });
});

describe('cost in nano-dollars', () => {
  const usage = { input: 10, output: 20, cacheRead: 100, cacheWrite: 40 };
  const recorded = { total: 0.1, input: 0.02, output: 0.03, cacheRead: 0.04, cacheWrite: 0.01 };

  test('is as recorded, with a list price for what caching saved', () => {
    const record = withUsage({ ...usage, cost: recorded });
    expect(record.cost).toEqual({
      source: 'recorded',
      total: 1e8,
      input: 2e7,
      output: 3e7,
      cacheRead: 4e7,
      cacheWrite: 1e7,
    });
    expect(record.saved).toBe(1000 * (100 * 1.5 - 40 * 0.5));
  });

  test('is estimated by component where nothing is recorded', () => {
    const cost = {
      source: 'estimated',
      total: 330_000,
      input: 20_000,
      output: 160_000,
      cacheRead: 50_000,
      cacheWrite: 100_000,
    };
    expect(withUsage(usage).cost).toEqual(cost);
    expect(withUsage({ ...usage, cost: { total: -1 } }).cost).toEqual(cost);
  });

  test('is missing without a usable price; savings then follow from what is recorded', () => {
    for (const model of ['half', 'unknown']) {
      expect(withUsage(usage, model)).toMatchObject({ cost: { source: 'missing', total: 0 }, saved: null });
      expect(withUsage({ ...usage, cost: recorded }, model).saved).toBe(140 * 2e6 - 4e7 - 1e7);
      expect(withUsage({ ...usage, cost: { total: 1, input: 1 } }, model).saved).toBeNull();
    }
  });

  test.each([
    [0, 1],
    [49, 1],
    [50, 1],
    [99, 1],
    [100, 4],
    [1e9, 4],
  ])('follows the tier of %d input tokens whatever is recorded', (input, rate) => {
    const { cost } = withUsage({ input, cost: recorded }, 'tiered');
    expect(cost).toMatchObject({ source: 'estimated', input: input * rate * 1000 });
  });

  test('takes models.json before openclaw.json', () => {
    expect(withUsage({ input: 1 }, 'both').cost?.input).toBe(9000);
  });

  test('stays within what a record can plausibly hold', () => {
    expect(withUsage({ input: 1, cost: { total: 1e300, input: -1e300 } }).cost).toMatchObject({
      total: 1e13,
      input: -1e13,
    });
  });
});

describe('time and latency', () => {
  const user = (timestamp: unknown, ofMessage?: unknown) => ({
    timestamp,
    message: { role: 'user', timestamp: ofMessage },
  });
  const assistant = (timestamp: unknown, durationMs?: unknown) => ({
    timestamp,
    message: { role: 'assistant', durationMs },
  });

  test('a string time of the record, else a number of the message, else none', () => {
    const times = read(user('2026-11-22', 5), user('nonsense', 5.9), user(7, '8'), user(null, 9e15)).map(
      ({ ts }) => ts,
    );
    expect(times).toEqual([Date.parse('2026-11-22T00:00:00Z'), 5, null, null]);
  });

  test('is the duration, else the time since the last dated user message, at most twelve hours', () => {
    const records = read(
      assistant('2026-11-22T00:00:00Z'),
      user('2026-11-22T00:00:10Z'),
      user(null),
      assistant('2026-11-22T00:00:12Z'),
      assistant('2026-11-22T00:00:01Z'),
      assistant('2026-11-22T00:00:12Z', 1.5),
      assistant('2026-11-22T00:00:12Z', '900'),
      assistant('2026-11-22T00:00:12Z', -1),
      assistant('2026-11-22T12:00:10.001Z'),
      assistant(null, 5),
    );
    const latencies = records.filter(({ role }) => role === 'assistant').map(({ latency }) => latency);
    expect(latencies).toEqual([null, 2000, 0, 2, 2000, null, null, null]);
  });

  test('is kept exact up to 2,048 in a transcript, then all are those of their buckets', () => {
    const take = (count: number) => read(...Array.from({ length: count }, (_, at) => assistant('2026-11-22', at)));
    expect(take(2048).every(({ latency, latencyKept }) => latency === latencyKept)).toBe(true);
    const records = take(2049);
    expect(records.map(({ latency }) => latency)).toEqual(Array.from({ length: 2049 }, (_, at) => at));
    expect(records.slice(0, 100).map(({ latencyKept }) => latencyKept)).toEqual(
      Array.from({ length: 100 }, (_, at) => at),
    );
    // [100, 102), [102, 104)
    expect(records.slice(100, 104).map(({ latencyKept }) => latencyKept)).toEqual([100, 100, 102, 102]);
    expect(
      records.every(({ latency, latencyKept }) => Math.abs((latency ?? 0) - (latencyKept ?? 0)) <= 0.01 * 2048),
    ).toBe(true);
  });
});

test('lines: blank ones do not count, no JSON and scalars are malformed, others are skipped', () => {
  const text =
    '\uFEFF{"message":{"role":"user"}}\r\n\n \t\r\nnull\n42\n"x"\n[1]\n{}\n{"message":{"role":"tool"}}\n{"message"';
  expect(readTranscript(Buffer.from(text), PRICES)).toMatchObject({
    lines: 8,
    malformed: 4,
    records: [{ role: 'user' }],
  });
});

describe('mutations', () => {
  const around = (line: Uint8Array) =>
    Buffer.concat([Buffer.from('{"message":{"role":"user"}}\n'), line, Buffer.from('\n{"message":{"role":"user"}}')]);
  const recordsOf = (line: Uint8Array) => readTranscript(around(line), PRICES).records;

  test.each(mutations.map((mutation) => [mutation.name, mutation] as const))('%s', (_, mutation) => {
    fc.assert(
      fc.property(arbitraryLine, fc.integer(), (line, seed) => {
        const mutated = mutation.apply(line, seededRandom(seed));
        expect(mutation.apply(line, seededRandom(seed)).equals(mutated)).toBe(true);
        const records = recordsOf(mutated);
        if (mutation.sameReading) expect(records).toEqual(recordsOf(Buffer.from(line)));
      }),
      { numRuns: 15 },
    );
  });
});
