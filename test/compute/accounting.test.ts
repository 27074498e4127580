import { describe, expect, it } from 'vitest';
import { Accounting, latencyOf, Message } from '../../src/compute/accounting.ts';
import { RULES } from '../../src/compute/eras.ts';
import * as columns from '../../src/compute/figures.ts';
import { factsOf, MessageFacts } from '../../src/compute/message-facts.ts';
import { PriceBook } from '../../src/compute/price-book.ts';
import { readOwnPrices, readProviderPrices } from '../../src/compute/price-list.ts';

const RATES = { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 };
const TIERS = [
  { ...RATES, input: 1, range: [0, 100] },
  { ...RATES, input: 4, cacheRead: 1, range: [100] },
];
const accounting = new Accounting(
  new PriceBook({
    catalog: [],
    configured: readProviderPrices({
      acme: {
        models: [
          { id: 'flat', cost: RATES },
          { id: 'tiered', cost: { ...RATES, tieredPricing: TIERS } },
          { id: 'free', cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } },
          { id: 'small', cost: { input: 0.0006, output: 0.0005, cacheRead: 0.0004, cacheWrite: 0.0004 } },
          { id: 'incomplete', cost: { input: 2, output: 8 } },
        ],
      },
    }),
    own: readOwnPrices({ ours: { m: RATES } }),
  }),
  RULES['2026.5'],
);

/** Counts a record; one object for all, as in the fold. */
const reused = new Message();
function count(record: unknown): Message {
  const facts = new MessageFacts();
  factsOf(JSON.parse(JSON.stringify(record)), facts);
  expect(facts.role).not.toBeNull();
  accounting.apply(facts, reused);
  return reused;
}

type Column = Exclude<keyof typeof columns, `MAX_${string}` | `${string}COLUMNS` | 'addFigures' | 'noFigures'>;

/** The figures that are not zero, by name. */
function figuresOf(message: Message): Partial<Record<Column, number>> {
  const named = (Object.entries(columns) as [Column, unknown][])
    .filter(([name, at]) => typeof at === 'number' && !/^MAX_|COLUMNS$/.test(name))
    .map(([name, at]) => [name, message.figures[at as number]!] as const);
  expect(named.map(([, value]) => value).filter((value) => Object.is(value, -0))).toEqual([]);
  return Object.fromEntries(named.filter(([, value]) => value !== 0));
}

/** An assistant's message with a usage. */
function used(usage: unknown, model = 'flat', provider = 'acme'): Message {
  return count({ message: { role: 'assistant', provider, model, usage } });
}

describe('the role and the time of a message (format.md 2.2, 2.3)', () => {
  it.each(['user', 'assistant'])('%s', (role) => expect(count({ message: { role } }).role).toBe(role));

  it.each([
    ['an ISO time of the record', '2026-11-22T10:00:00.123Z', 5, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
    ['a time with an offset', '2026-11-22T10:00:00+05:45', 5, Date.UTC(2026, 10, 22, 4, 15)],
    ['any other date string', 'Sun, 22 Nov 2026 10:00:00 GMT', 5, Date.UTC(2026, 10, 22, 10)],
    ['a date alone', '2026-11-22', 5, Date.UTC(2026, 10, 22)],
    ['the farthest that a Date holds', '+275760-09-13T00:00:00.000Z', 5, 8.64e15],
    ["the message's number where the string is no date", 'yesterday', 5, 5],
    ["the message's number where the record has none", undefined, 5, 5],
    ["the message's number where the record's is no string", 1_700_000_000_000, 5, 5],
    ['a number without its fraction', null, 1500.9, 1500],
    ['a negative number without its fraction', null, -1500.9, -1500],
    ['zero, not minus zero', null, -0.5, 0],
    ['the farthest that a number may be', null, -8.64e15, -8.64e15],
    ['nothing for numbers that no Date holds', null, 8.64e15 + 1, null],
    ['nothing for texts in the message', null, '1500', null],
    ['nothing where neither is a time', '', null, null],
  ])('is %s', (_, timestamp, ofMessage, expected) => {
    expect(Object.is(count({ timestamp, message: { role: 'user', timestamp: ofMessage } }).timestamp, expected)).toBe(
      true,
    );
  });
});

describe('provider and model', () => {
  it.each([
    ["are the message's", { provider: 'p', model: 'm' }, { provider: 'x', model: 'y' }, 'p', 'm'],
    ["are the record's where the message has none", {}, { provider: 'p', model: 'm' }, 'p', 'm'],
    [
      "are the record's where the message's are no texts",
      { provider: 5, model: null },
      { provider: 'p', model: 'm' },
      'p',
      'm',
    ],
    ['may come from both', { provider: 'p' }, { provider: 'x', model: 'm' }, 'p', 'm'],
    ['may be empty', { provider: '', model: '' }, { provider: 'p', model: 'm' }, '', ''],
    ['are null where there is no text', { provider: {}, model: true }, { provider: 1 }, null, null],
    [
      'are cut to 200 UTF-16 units',
      { provider: 'p'.repeat(200), model: 'm'.repeat(201) },
      {},
      'p'.repeat(200),
      'm'.repeat(200),
    ],
    [
      'have U+FFFD for half a surrogate pair',
      { provider: '\ud83d\u{1F680}', model: `${'m'.repeat(199)}\u{1F680}` },
      {},
      '\ufffd\u{1F680}',
      `${'m'.repeat(199)}\ufffd`,
    ],
  ])('%s', (_, ofMessage, ofRecord, provider, model) => {
    expect(count({ ...ofRecord, message: { role: 'assistant', ...ofMessage } })).toMatchObject({ provider, model });
  });
});

describe('tokens (format.md 2.4)', () => {
  it.each([
    ['input', ['input', 'inputTokens', 'input_tokens', 'promptTokens', 'prompt_tokens', 'prompt_n']],
    ['output', ['output', 'outputTokens', 'output_tokens', 'completionTokens', 'completion_tokens', 'predicted_n']],
    ['cache read', ['cacheRead', 'cache_read', 'cache_read_input_tokens', 'cached_tokens']],
    ['cache write', ['cacheWrite', 'cache_write', 'cache_creation_input_tokens']],
    ['total', ['total', 'totalTokens', 'total_tokens']],
  ])('%s is the first of its names that is neither absent nor null', (amount, names) => {
    const column = {
      input: 'INPUT',
      output: 'OUTPUT',
      'cache read': 'CACHE_READ',
      'cache write': 'CACHE_WRITE',
      total: 'TOTAL_TOKENS',
    }[amount] as Column;
    names.forEach((name, at) => {
      expect(figuresOf(used({ [name]: 7 }))[column]).toBe(7);
      expect(
        figuresOf(used({ ...Object.fromEntries(names.slice(0, at).map((before) => [before, null])), [name]: 7 }))[
          column
        ],
      ).toBe(7);
      const after = Object.fromEntries(names.slice(at + 1).map((later) => [later, 9]));
      expect(figuresOf(used({ ...after, [name]: 7 }))[column]).toBe(7);
      expect(figuresOf(used({ ...after, [name]: '7', output: 1, cacheWrite: 1 }))[column] ?? 0).not.toBe(9);
    });
  });

  it.each([
    ['input and output of timings, last of all', { timings: { prompt_n: 3, predicted_n: 4 } }, [3, 4, 0, 0, 7]],
    [
      'nothing of timings beside their own names',
      { prompt_n: 1, predicted_n: 2, timings: { prompt_n: 3, predicted_n: 4 } },
      [1, 2, 0, 0, 3],
    ],
    ['input less the cached_tokens that it includes', { input: 10, cached_tokens: 4 }, [6, 0, 4, 0, 10]],
    [
      'input less what input_tokens_details has cached',
      { input_tokens: 10, input_tokens_details: { cached_tokens: 4 } },
      [6, 0, 4, 0, 10],
    ],
    [
      'input less what prompt_tokens_details has cached',
      { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 4 } },
      [6, 0, 4, 0, 10],
    ],
    [
      'input less the cache reads that count, where cached_tokens are stated too',
      { input: 10, cacheRead: 3, cached_tokens: 4 },
      [7, 0, 3, 0, 10],
    ],
    ['input whole where cache reads stand beside it', { input: 10, cacheRead: 3 }, [10, 0, 3, 0, 13]],
    ['input whole where the cached tokens are no number', { input: 10, cached_tokens: '4' }, [10, 0, 0, 0, 10]],
    [
      'the cached tokens of the input before those of the prompt',
      { input: 9, input_tokens_details: { cached_tokens: 2 }, prompt_tokens_details: { cached_tokens: 5 } },
      [7, 0, 2, 0, 9],
    ],
    ['never less than zero', { input: 1, cached_tokens: 4, output: -5, cacheWrite: -0.5 }, [0, 0, 4, 0, 4]],
    ['whole numbers, rounded down', { input: 1.9, output: 2.1, total: 5.999 }, [1, 2, 0, 0, 5]],
    ['the fraction of the input less the cached tokens', { input: 10.9, cached_tokens: 4.9 }, [6, 0, 4, 0, 10]],
    ['the sum as total where none is stated', { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }, [1, 2, 3, 4, 10]],
    ['the total that is stated, whatever the sum is', { input: 1, output: 2, total: 99 }, [1, 2, 0, 0, 99]],
    ['a stated total of zero', { input: 1, output: 2, total: 0 }, [1, 2, 0, 0, 0]],
    ['the sum where the total is no number', { input: 1, output: 2, total: '99' }, [1, 2, 0, 0, 3]],
    ['nothing for a text, whatever stands behind it', { input: '10', input_tokens: 10, output: 2 }, [0, 2, 0, 0, 2]],
    [
      'nothing for true, arrays and objects',
      { input: true, output: [2], cacheRead: {}, cacheWrite: 4 },
      [0, 0, 0, 4, 4],
    ],
    [
      'nothing of details that are no objects',
      { input: 10, input_tokens_details: 5, prompt_tokens_details: 'x', timings: true },
      [10, 0, 0, 0, 10],
    ],
    ['at most 1e12 each', { input: 1e12 + 1, output: 1e12, cacheRead: 1e300 }, [1e12, 1e12, 1e12, 0, 1e12]],
  ])('are %s', (_, usage, expected) => {
    const {
      INPUT = 0,
      OUTPUT = 0,
      CACHE_READ = 0,
      CACHE_WRITE = 0,
      TOTAL_TOKENS = 0,
      RECORDS,
    } = figuresOf(used(usage));
    expect([INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, TOTAL_TOKENS]).toEqual(expected);
    expect(RECORDS).toBe(1);
  });

  it.each([
    ['of all zeros', { input: 0, output: 0 }],
    ['with one name alone', { total: 0 }],
    ['of reasoning tokens only', { reasoningTokens: 5 }],
    ['of reasoning_tokens only', { reasoning_tokens: 5 }],
    ['of the reasoning tokens of the completion only', { completion_tokens_details: { reasoning_tokens: 5 } }],
    ['of the reasoning tokens of the output only', { output_tokens_details: { reasoning_tokens: 5 } }],
  ])('make a usage record %s', (_, usage) =>
    expect(figuresOf(used(usage))).toEqual({ RECORDS: 1, MESSAGES: 1, ESTIMATED: 1 }),
  );

  it.each([
    ['without one', undefined],
    ['of null', null],
    ['that is empty', {}],
    ['that has a cost only', { cost: { total: 5 } }],
    ['of texts', { input: '5', reasoning_tokens: '7' }],
    ['that is true', true],
    ['that is a text', 'input'],
    ['that is a list', [1, 2]],
    ['that is zero', 0],
  ])('make no usage record of a usage %s', (_, usage) => expect(figuresOf(used(usage))).toEqual({ MESSAGES: 1 }));

  it("are the record's where the message has no usage, of a user's message too", () => {
    const message = { role: 'user' };
    expect(figuresOf(count({ usage: { input: 5 }, message }))).toMatchObject({ RECORDS: 1, INPUT: 5 });
    expect(figuresOf(count({ usage: { input: 5 }, message: { ...message, usage: null } }))).toMatchObject({ INPUT: 5 });
    expect(figuresOf(count({ usage: { input: 5 }, message: { ...message, usage: { output: 1 } } }))).not.toHaveProperty(
      'INPUT',
    );
    expect(figuresOf(count({ usage: { input: 5 }, message: { ...message, usage: false } }))).toEqual({ MESSAGES: 1 });
  });
});

describe('cost in nano-dollars (format.md 2.5)', () => {
  const tokens = { input: 100, output: 10, cacheRead: 1000, cacheWrite: 40 };
  const tokenFigures = {
    MESSAGES: 1,
    RECORDS: 1,
    INPUT: 100,
    OUTPUT: 10,
    CACHE_READ: 1000,
    CACHE_WRITE: 40,
    TOTAL_TOKENS: 1150,
  };
  const saved = { SAVED: 1000 * (1000 * 1.5 - 40 * 0.5), SAVED_RECORDS: 1 };
  const estimate = {
    ESTIMATED: 1,
    COST: 880_000,
    INPUT_COST: 200_000,
    OUTPUT_COST: 80_000,
    CACHE_READ_COST: 500_000,
    CACHE_WRITE_COST: 100_000,
    ESTIMATED_INPUT_COST: 200_000,
    ESTIMATED_OUTPUT_COST: 80_000,
    ESTIMATED_CACHE_READ_COST: 500_000,
    ESTIMATED_CACHE_WRITE_COST: 100_000,
  };

  it('is recorded where the total is a number of at least 0, with its parts', () => {
    const cost = { total: 0.5, input: 0.1, output: 0.2, cacheRead: 0.15, cacheWrite: 0.05 };
    const recorded = { COST: 5e8, INPUT_COST: 1e8, OUTPUT_COST: 2e8, CACHE_READ_COST: 1.5e8, CACHE_WRITE_COST: 5e7 };
    expect(figuresOf(used({ ...tokens, cost }))).toEqual({ ...tokenFigures, ...recorded, ...saved });
  });

  it('has the parts that are numbers, whatever they sum up to', () => {
    const cost = { total: 1, input: '0.1', output: null, cacheRead: -0.25 };
    expect(figuresOf(used({ ...tokens, cost }))).toEqual({
      ...tokenFigures,
      COST: 1e9,
      CACHE_READ_COST: -2.5e8,
      ...saved,
    });
  });

  it('is rounded once per amount, halves up', () => {
    const cost = { total: 1.5e-9, input: 0.49e-9, output: 2.5e-9, cacheRead: -0.5e-9, cacheWrite: 1e-10 };
    expect(figuresOf(used({ ...tokens, cost }))).toEqual({ ...tokenFigures, COST: 2, OUTPUT_COST: 3, ...saved });
  });

  it('is the sum of its parts, each rounded, where it is estimated', () => {
    const one = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
    expect(figuresOf(used(one, 'small'))).toMatchObject({ INPUT_COST: 1, OUTPUT_COST: 1, COST: 2 });
  });

  it('of zero is recorded, and not missing', () => {
    expect(figuresOf(used({ ...tokens, cost: { total: 0 } }, 'unknown'))).toEqual(tokenFigures);
    expect(figuresOf(used({ ...tokens, cost: { total: -0 } }, 'unknown'))).toEqual(tokenFigures);
  });

  it.each([
    ['there is none', undefined],
    ['it is null', null],
    ['it is a number', 5],
    ['it is a text', 'free'],
    ['it has no total', { input: 1 }],
    ['its total is negative', { total: -0.1, input: 1 }],
    ['its total is a text', { total: '0.1' }],
  ])('is estimated by list price where %s', (_, cost) => {
    expect(figuresOf(used({ ...tokens, cost }))).toEqual({ ...tokenFigures, ...estimate, ...saved });
  });

  it("is estimated with our own prices where OpenClaw's files have none", () => {
    expect(figuresOf(used(tokens, 'm', 'ours'))).toEqual({ ...tokenFigures, ...estimate, ...saved });
  });

  it('is estimated for a price of zero, too', () => {
    const free = { ESTIMATED: 1, SAVED_RECORDS: 1 };
    expect(figuresOf(used(tokens, 'free'))).toEqual({ ...tokenFigures, ...free });
  });

  it.each([
    ['of a model that no list has', 'unknown', 'acme'],
    ['of a model whose price is not complete', 'incomplete', 'acme'],
    ['of a provider that no list has', 'flat', 'other'],
  ])('is missing without a price: %s', (_, model, provider) => {
    const missing = { MISSING: 1, MISSING_TOKENS: 1150 };
    expect(figuresOf(used(tokens, model, provider))).toEqual({ ...tokenFigures, ...missing });
    expect(figuresOf(used({ input: 0 }, model, provider))).toEqual({ MESSAGES: 1, RECORDS: 1, MISSING: 1 });
    expect(figuresOf(used({ ...tokens, total: 9 }, model, provider))).toMatchObject({ MISSING_TOKENS: 9 });
  });

  it.each([
    [0, 1],
    [99, 1],
    [100, 4],
    [1e9, 4],
  ])('of %d input tokens is that of their tier, whatever is recorded', (input, rate) => {
    const figures = figuresOf(used({ input, cacheRead: 500, cost: { total: 9, input: 9 } }, 'tiered'));
    const cost = input * rate * 1000 + 500 * (rate === 4 ? 1 : 0.5) * 1000;
    expect(figures).toMatchObject({ ESTIMATED: 1, COST: cost, SAVED: 1000 * 500 * (rate === 4 ? 3 : 0.5) });
  });

  it('is at most 10,000 dollars an amount, either way', () => {
    const cost = { total: 10_000.1, input: -10_001, output: 1e300, cacheRead: 10_000, cacheWrite: 0 };
    const capped = { COST: 1e13, INPUT_COST: -1e13, OUTPUT_COST: 1e13, CACHE_READ_COST: 1e13 };
    expect(figuresOf(used({ ...tokens, cost }))).toEqual({ ...tokenFigures, ...capped, ...saved });
    expect(figuresOf(used({ input: 1e12, output: 1e12 }))).toMatchObject({
      INPUT_COST: 1e13,
      OUTPUT_COST: 1e13,
      COST: 1e13,
    });
  });
});

describe('what caching saved', () => {
  const cost = { total: 1, input: 0.2, cacheRead: 0.1, cacheWrite: 0.3 };

  it.each([
    ['less for reads, by list price', { cacheRead: 10 }, 'flat', 15_000],
    ['less more for writes, by list price', { cacheWrite: 10 }, 'flat', -5_000],
    ['a list price before the recorded cost', { input: 100, cacheRead: 10, cost }, 'flat', 15_000],
    [
      'by what uncached input was recorded to cost',
      { input: 100, cacheRead: 10, cacheWrite: 40, cost },
      'unknown',
      50 * 2e6 - 1e8 - 3e8,
    ],
    [
      'of reads alone, the writes need no cost',
      { input: 100, cacheRead: 10, cost: { ...cost, cacheWrite: null } },
      'unknown',
      10 * 2e6 - 1e8,
    ],
    ['of reads alone, the writes have no cost', { input: 100, cacheRead: 10, cost }, 'unknown', 10 * 2e6 - 1e8],
    ['of writes alone, the reads have no cost', { input: 100, cacheWrite: 10, cost }, 'unknown', 10 * 2e6 - 3e8],
    ['of recorded input of zero dollars', { input: 100, cacheRead: 10, cost: { ...cost, input: 0 } }, 'unknown', -1e8],
  ])('is %s', (_, usage, model, expected) => {
    expect(figuresOf(used(usage, model))).toMatchObject({ SAVED: expected, SAVED_RECORDS: 1 });
  });

  it.each([
    ['there was no caching', { input: 5 }, 'flat'],
    ['there was no caching, and no list price', { input: 5, cost }, 'unknown'],
    ['nothing is recorded, and there is no list price', { input: 5, cacheRead: 10 }, 'unknown'],
    ['no cost of input is recorded', { input: 5, cacheRead: 10, cost: { total: 1, cacheRead: 1 } }, 'unknown'],
    ['no input was uncached', { input: 0, cacheRead: 10, cost }, 'unknown'],
    [
      'no cost of reads is recorded',
      { input: 5, cacheRead: 10, cost: { total: 1, input: 1, cacheWrite: 1 } },
      'unknown',
    ],
    [
      'no cost of writes is recorded',
      { input: 5, cacheWrite: 10, cost: { total: 1, input: 1, cacheRead: 1 } },
      'unknown',
    ],
  ])('is unknown where %s', (_, usage, model) => {
    const figures = figuresOf(used(usage, model));
    expect(figures).not.toHaveProperty('SAVED');
    expect(figures).not.toHaveProperty('SAVED_RECORDS');
  });

  it('is at most 10,000 dollars, either way', () => {
    expect(figuresOf(used({ cacheRead: 1e12 }))).toMatchObject({ SAVED: 1e13 });
    expect(
      figuresOf(used({ input: 1, cacheRead: 1e12, cost: { total: 1, input: -1, cacheRead: 0 } }, 'unknown')),
    ).toMatchObject({ SAVED: -1e13 });
  });
});

describe('an amount that was cut to its limit', () => {
  it.each([
    [{ input: 1e12 + 1 }, true],
    [{ total: 1e13, input: 1 }, true],
    [{ input: 7e11, output: 7e11 }, true],
    [{ input: 1, cost: { total: 1e5 } }, true],
    [{ input: 1e12, output: 0 }, false],
    [{ input: 1, cost: { total: 10_000 } }, false],
    [{ input: 1e9, output: 5 }, false],
  ])('in %j: %s', (usage, capped) => expect(used(usage, 'free').capped).toBe(capped));
});

describe('tools and errors (format.md 2.6)', () => {
  function content(...blocks: unknown[]): Message {
    return count({ message: { role: 'assistant', content: blocks } });
  }
  const call = (name: unknown, type: unknown = 'toolCall') => ({ type, name });

  it.each(['tool_use', 'toolcall', 'tool_call', 'toolCall', 'TOOL_USE', ' Tool_Call\n'])(
    'a block of type %j is a call',
    (type) => {
      expect(content(call('exec', type)).tools).toEqual(['exec']);
    },
  );

  it.each(['toolUse', 'tooluse', 'tool', 'text', 'tool_result', '', 5, null, ['tool_use']])(
    'a block of type %j is none',
    (type) => {
      expect(content(call('exec', type)).tools).toEqual([]);
    },
  );

  it('each name counts once a message', () => {
    const message = content(call('exec'), call('read'), call(' exec '), call('Exec'));
    expect(message.tools).toEqual(['exec', 'read', 'Exec']);
    expect(figuresOf(message)).toEqual({ MESSAGES: 1, TOOL_CALLS: 3 });
  });

  it.each([[''], ['  '], [null], [5], [{}], [undefined]])('a call of %j has no name and does not count', (name) => {
    expect(content(call(name)).tools).toEqual([]);
  });

  it.each([
    ["a message's own toolName", { toolName: 'exec' }, ['exec']],
    ["a message's own tool_name", { tool_name: ' exec ' }, ['exec']],
    ['toolName before tool_name', { toolName: 'exec', tool_name: 'read' }, ['exec']],
    ['toolName though it is no text', { toolName: 5, tool_name: 'read' }, []],
    ['tool_name where toolName is null', { toolName: null, tool_name: 'read' }, ['read']],
    [
      'its own name and those of the blocks',
      { toolName: 'exec', content: [call('read'), call('exec')] },
      ['exec', 'read'],
    ],
    ['blocks that are none', { content: [null, 'tool_use', 5, [call('exec')], call('read')] }, ['read']],
    ['content that is no list', { content: call('exec') }, []],
    [
      'names cut to 200 units, and equal then',
      { content: [call('x'.repeat(201)), call('x'.repeat(250))] },
      ['x'.repeat(200)],
    ],
    ['half a surrogate pair', { content: [call('\ud83d'), call('\ude80')] }, ['\ufffd']],
  ])('count with %s', (_, members, tools) => {
    const message = count({ message: { role: 'user', ...members } });
    expect(message.tools).toEqual(tools);
    expect(message.figures[columns.TOOL_CALLS]).toBe(tools.length);
  });

  it('results are blocks of a user or assistant, and errors where they say so with true', () => {
    const result = (type: string, isError?: unknown) => ({ type, is_error: isError });
    const message = content(
      result('tool_result'),
      result('TOOL_RESULT ', true),
      result('tool_result_error', true),
      result('tool_result_error'),
      result('tool_result', 'true'),
      result('tool_result', 1),
      result('toolResult', true),
      result('text', true),
    );
    expect(figuresOf(message)).toEqual({ MESSAGES: 1, TOOL_RESULTS: 6, ERRORS: 2 });
  });

  it.each([
    ['error', 1],
    ['aborted', 1],
    ['timeout', 1],
    ['stop', 0],
    ['toolUse', 0],
    ['Error', 0],
    [5, 0],
    [null, 0],
  ])('a message that stopped with %j has %d errors', (stopReason, errors) => {
    expect(figuresOf(count({ message: { role: 'assistant', stopReason } })).ERRORS ?? 0).toBe(errors);
  });

  it('errors of results and of the stop add up', () => {
    const blocks = [
      { type: 'tool_result', is_error: true },
      { type: 'tool_result', is_error: true },
    ];
    expect(count({ message: { role: 'user', stopReason: 'error', content: blocks } }).figures[columns.ERRORS]).toBe(3);
  });
});

describe('latency in milliseconds (format.md 2.7)', () => {
  const noon = Date.UTC(2026, 10, 22, 12);
  const hours12 = 43_200_000;

  function latency(members: object, lastUser: number | null, outer: object = {}): number | null {
    const message = { role: 'assistant', timestamp: noon, ...members };
    return latencyOf(count({ ...outer, message }), lastUser);
  }

  it.each([
    ["is the message's durationMs", { durationMs: 7 }, noon - 50, {}, 7],
    ["is the record's durationMs where the message has none", {}, noon - 50, { durationMs: 7 }, 7],
    ["is the message's before the record's", { durationMs: 7 }, null, { durationMs: 8 }, 7],
    [
      'is the time since the last user message where both have none',
      { durationMs: null },
      noon - 50,
      { durationMs: null },
      50,
    ],
    [
      'is the time since the last user message where the duration is no number',
      { durationMs: '7' },
      noon - 50,
      { durationMs: 8 },
      50,
    ],
    ['is zero where the user message is later', {}, noon + 50, {}, 0],
    ['is rounded', { durationMs: 1.5 }, null, {}, 2],
    ['is rounded down below a half', { durationMs: 1.49 }, null, {}, 1],
    ['may be twelve hours', { durationMs: hours12 }, null, {}, hours12],
    ['may be twelve hours since the user message', {}, noon - hours12, {}, hours12],
    ['is none beyond twelve hours', { durationMs: hours12 + 0.1 }, null, {}, null],
    ['is none beyond twelve hours since the user message', {}, noon - hours12 - 1, {}, null],
    ['is none where the duration is negative, whatever the user message', { durationMs: -1 }, noon - 50, {}, null],
    ['is none without a user message before', {}, null, {}, null],
    ["is none for a user's message", { role: 'user', durationMs: 7 }, noon - 50, {}, null],
    ['is none without a time', { timestamp: null, durationMs: 7 }, noon - 50, {}, null],
  ])('%s', (_, members, lastUser, outer, expected) => expect(latency(members, lastUser, outer)).toBe(expected));
});

it('nothing of one message is left in the next', () => {
  count({
    timestamp: '2026-11-22',
    durationMs: 5,
    message: {
      role: 'assistant',
      provider: 'acme',
      model: 'flat',
      stopReason: 'error',
      content: [
        { type: 'tool_use', name: 'exec' },
        { type: 'tool_result', is_error: true },
      ],
      usage: { input: 1e13, cacheRead: 5, cost: { total: 1 } },
    },
  });
  const message = count({ message: { role: 'user' } });
  expect(figuresOf(message)).toEqual({ MESSAGES: 1 });
  expect(message).toMatchObject({
    role: 'user',
    timestamp: null,
    provider: null,
    model: null,
    tools: [],
    capped: false,
  });
  expect(message.duration).toBeUndefined();
});
