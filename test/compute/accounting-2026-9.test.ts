/** What 2026.9 counts otherwise than 2026.5 (format.md 3), against the oracle's own telling of the rules. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Accounting, Message } from '../../src/compute/accounting.ts';
import { decodeDigest, decodeFigures } from '../../src/compute/digest-codec.ts';
import type { Era } from '../../src/compute/era.ts';
import { RULES } from '../../src/compute/eras.ts';
import * as columns from '../../src/compute/figures.ts';
import { foldTranscript } from '../../src/compute/fold.ts';
import { factsOf, MessageFacts } from '../../src/compute/message-facts.ts';
import { PriceBook } from '../../src/compute/price-book.ts';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { oraclePrices } from '../oracle/prices.ts';
import { readLaterTranscript } from '../oracle/records-2026-9.ts';
import { laterRecord } from '../support/arbitrary-record.ts';
import { contentsOf, contentsOfRecords } from '../support/digest-contents.ts';
import { readFrom } from '../support/pieces.ts';

const RATES = { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 };
const TIERS = [
  { ...RATES, range: [0, 100] },
  { ...RATES, input: 4, range: [100] },
];
const PROVIDERS = {
  acme: {
    models: [
      { id: 'acme-large', cost: RATES },
      { id: 'acme-tiered', cost: { ...RATES, tieredPricing: TIERS } },
    ],
  },
};
const book = new PriceBook({ catalog: [], configured: readProviderPrices(PROVIDERS), own: [] });
const accounting = new Accounting(book, RULES['2026.9']);
const prices = oraclePrices({ models: { providers: PROVIDERS } }, null);
const kernels = [1 << 20, 256].map((size) => new ScanKernel(size));
const [kernel] = kernels as [ScanKernel];

function count(record: unknown): Message {
  const facts = new MessageFacts();
  factsOf(record, facts);
  const message = new Message();
  accounting.apply(facts, message);
  return message;
}

function used(usage: unknown, model = 'acme-large'): (column: number) => number {
  const { figures } = count({ message: { role: 'assistant', provider: 'acme', model, usage } });
  return (column) => figures[column] as number;
}

function fold(bytes: Buffer, rules = RULES['2026.9'], previous: Uint8Array | null = null, buffer = kernel): Buffer {
  return foldTranscript(readFrom(bytes), bytes.length, new Accounting(book, rules), buffer, previous).digest;
}

const linesOf = (records: readonly unknown[]) =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));

it('any records add up to what the oracle says', () => {
  fc.assert(
    fc.property(fc.array(laterRecord, { maxLength: 20 }), (records) => {
      const bytes = linesOf(records);
      const expected = contentsOfRecords(readLaterTranscript(bytes, prices));
      for (const buffer of kernels) {
        expect(contentsOf(decodeFigures(fold(bytes, RULES['2026.9'], null, buffer)))).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});

describe('the time of a message', () => {
  it.each([
    ["is the message's number", 5, 5],
    ["is the record's where the message has no number", '5', Date.UTC(2026, 10, 22)],
    ["is the record's where no Date can hold the number", 9e15, Date.UTC(2026, 10, 22)],
  ])('%s', (_, timestamp, expected) => {
    expect(count({ timestamp: '2026-11-22', message: { role: 'user', timestamp } }).timestamp).toBe(expected);
  });
});

describe('tools', () => {
  const call = (name: string, type = 'toolCall') => ({ type, name });
  const toolsIn = (content: unknown[], toolName?: string) =>
    count({ message: { role: 'assistant', content, toolName } }).tools;

  it('count as often as they are called, by blocks of all four kinds', () => {
    expect(
      toolsIn([call('a'), call('a'), call('b', 'tool_use'), call('c', 'toolUse'), call('d', 'tool_call')]),
    ).toEqual(['a', 'a', 'b', 'd', 'c']);
  });

  it('count once when the message repeats the name of a block', () => {
    expect(toolsIn([call('a'), call('a')], ' a ')).toEqual(['a', 'a']);
    expect(toolsIn([call('a')], 'b')).toEqual(['b', 'a']);
  });

  it.each(['toolResult', 'tool'])('have results in messages of their own, with the role %s', (role) => {
    const { figures, tools } = count({ message: { role, toolName: 'a', isError: true } });
    expect(tools).toEqual([]);
    expect([columns.MESSAGES, columns.TOOL_RESULTS, columns.ERRORS].map((at) => figures[at])).toEqual([0, 1, 1]);
  });
});

describe('a usage without tokens', () => {
  const context = (state: string, promptTokens?: number, totalTokens?: number) => ({
    contextUsage: { state, promptTokens, totalTokens },
  });
  it.each([
    ['that has only a cost', { cost: { total: 0.1 } }, 1],
    ['that has only thinking tokens', { output_tokens_details: { thinking_tokens: 5 } }, 1],
    ['that says that nothing is known of the context', context('unavailable'), 1],
    ['that says how full the context is', context('available', 5, 5), 1],
    ['whose context holds more than its total', context('available', 6, 5), 0],
    ['whose context has another state', context('full', 5, 5), 0],
    ['that says nothing', {}, 0],
  ])('%s: %o makes %d records', (_, usage, records) => {
    expect(used(usage)(columns.RECORDS)).toBe(records);
  });
});

describe('costs', () => {
  const TOKENS = { input: 1000, output: 100 };
  const nano = (usd: number) => Math.round(usd * 1e9);

  it('are those recorded, also for a model with tiers', () => {
    expect(used({ ...TOKENS, cost: { total: 0.5 } }, 'acme-tiered')(columns.COST)).toBe(nano(0.5));
  });

  it('are at list price where a zero is recorded that nobody billed', () => {
    expect(used({ ...TOKENS, cost: { total: 0 } })(columns.COST)).toBe(nano(0.0028));
    expect(used({ ...TOKENS, cost: { total: 0, totalOrigin: 'estimated' } })(columns.COST)).toBe(nano(0.0028));
    expect(used({ ...TOKENS, cost: { total: 0, totalOrigin: 'provider-billed' } })(columns.COST)).toBe(0);
    expect(used({ ...TOKENS, cost: { total: 0 } }, 'unpriced')(columns.MISSING)).toBe(1);
    expect(used({ input: 0, cost: { total: 0 } }, 'unpriced')(columns.MISSING)).toBe(0);
  });

  it('are those of the tier of all that was read, cached or not', () => {
    expect(used({ input: 50, cacheRead: 60 }, 'acme-tiered')(columns.INPUT_COST)).toBe(nano(50 * 4e-6));
  });

  it('are twice those of input for what the cache keeps an hour', () => {
    expect(used({ input: 0, cacheWrite: 100, cacheWrite1h: 40 })(columns.COST)).toBe(nano((60 * 2.5 + 40 * 4) / 1e6));
  });
});

it('messages that are results of tools count by these rules alone', () => {
  const user = { message: { role: 'user', timestamp: 5 } };
  const both = linesOf([user, { message: { role: 'toolResult', timestamp: 6 } }]);
  const counted = (bytes: Buffer, era: Era) => contentsOf(decodeFigures(fold(bytes, RULES[era])));
  expect(counted(both, '2026.5')).toEqual(counted(linesOf([user]), '2026.5'));
  expect(counted(both, '2026.9')).not.toEqual(counted(linesOf([user]), '2026.9'));
});

it('a digest of another era is not gone on from', () => {
  const records = [{ message: { role: 'user', timestamp: 5 } }, { message: { role: 'toolResult', timestamp: 6 } }];
  const earlier = fold(linesOf(records), RULES['2026.5']);
  const later = fold(linesOf(records), RULES['2026.9'], earlier);
  expect(later).toEqual(fold(linesOf(records)));
  expect([earlier, later].map((bytes) => decodeDigest(bytes).cursor.era)).toEqual(['2026.5', '2026.9']);
});
