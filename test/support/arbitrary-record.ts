/** fast-check arbitraries for transcript records as they could plausibly be met: all aliases, costs, times, tools and stops. */
import fc from 'fast-check';

export type TranscriptRecord = Record<string, unknown>;

/** Where most of the dated records lie, in epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

const DEFAULT_SPAN: Span = { from: Date.parse('2026-08-01T00:00:00Z'), to: Date.parse('2026-12-01T00:00:00Z') };

/** Models that records name; `acme/*` and `tiny/*` are for prices that a test sets. */
export const MODELS: ReadonlyArray<{ provider: string; model: string }> = [
  { provider: 'anthropic', model: 'claude-sonnet-4-6' },
  { provider: 'acme', model: 'acme-large' },
  { provider: 'acme', model: 'acme-tiered' },
  { provider: 'Acme', model: 'acme-large' },
  { provider: 'openrouter', model: 'moonshotai/kimi-k2.6' },
  { provider: 'tiny', model: 'tiny/half-price' },
  { provider: 'openclaw', model: 'delivery-mirror' },
  { provider: 'mystery', model: 'unpriced-1' },
];

const tokens = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 200_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, -5, 0.9, 12.7, 1e12, 1e12 + 1, 9e15, 1e300, 4_294_967_296) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>('12', null, true, {}, []) },
);

/** Some of these members, each with such a value. */
function someOf(names: string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<TranscriptRecord> {
  return fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
}

const INPUT = ['input', 'inputTokens', 'input_tokens', 'promptTokens', 'prompt_tokens', 'prompt_n'];
const OUTPUT = ['output', 'outputTokens', 'output_tokens', 'completionTokens', 'completion_tokens', 'predicted_n'];
const CACHE_READ = ['cacheRead', 'cache_read', 'cache_read_input_tokens', 'cached_tokens'];
const CACHE_WRITE = ['cacheWrite', 'cache_write', 'cache_creation_input_tokens'];
const TOTAL = ['total', 'totalTokens', 'total_tokens'];
const REASONING = ['reasoningTokens', 'reasoning_tokens'];

const dollars = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 5, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(0, -0.5, 1e-10, 5e-10, 1.5e-9, 2e6, 1e300, '0.1', null, {}) },
);

const cost: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ input: dollars, output: dollars, cacheRead: dollars, cacheWrite: dollars, total: dollars }),
  },
  { weight: 2, arbitrary: fc.record({ total: dollars }) },
  { weight: 2, arbitrary: someOf(['input', 'output', 'cacheRead', 'cacheWrite', 'total'], dollars) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, 3, 'x', [], {}) },
);

/** As pi writes it. */
const plainUsage = fc
  .record({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite: tokens })
  .chain((usage) =>
    fc.record({ totalTokens: tokens, cost }, { requiredKeys: [] }).map((rest) => ({ ...usage, ...rest })),
  );

/** Any of the names that some provider uses, also several for one amount. */
const aliasedUsage = fc
  .tuple(
    someOf([...INPUT, ...OUTPUT, ...CACHE_READ, ...CACHE_WRITE, ...TOTAL, ...REASONING], tokens).map((all) =>
      Object.fromEntries(Object.entries(all).filter((_, at) => at % 3 === 0)),
    ),
    fc.record(
      {
        timings: someOf(['prompt_n', 'predicted_n'], tokens),
        input_tokens_details: someOf(['cached_tokens'], tokens),
        prompt_tokens_details: someOf(['cached_tokens'], tokens),
        completion_tokens_details: someOf(['reasoning_tokens'], tokens),
        output_tokens_details: someOf(['reasoning_tokens'], tokens),
        cost,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([amounts, nested]) => ({ ...amounts, ...nested }));

export const arbitraryUsage: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: plainUsage },
  { weight: 4, arbitrary: aliasedUsage },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, 'usage', 0, [], {}, { cost: { total: 1 } }) },
);

const name = fc.constantFrom('exec', 'read', 'write', ' exec ', '', 'web_search', 'naïve', 'y'.repeat(201));

const block: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('text'), text: fc.string({ unit: 'grapheme' }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('toolCall', 'tool_use', 'toolcall', 'tool_call', ' TOOL_USE', 'toolUse'),
      name,
      arguments: fc.record({ path: fc.string(), usage: fc.constant({ input: 1 }) }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('tool_result', 'tool_result_error', 'Tool_Result', 'toolResult'),
      is_error: fc.constantFrom<unknown>(true, false, 'true', undefined),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'tool_use', 3, [], {}, { type: 'tool_use' }) },
);

const content = fc.oneof(
  { weight: 4, arbitrary: fc.array(block, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, {}, 7) },
);

const duration = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 600_000 }) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(0.5, 1.49, -1, 43_200_000, 43_200_001, '900', null, true) },
);

const stopReason = fc.constantFrom<unknown>(
  'stop',
  'toolUse',
  'length',
  'error',
  'aborted',
  'timeout',
  'Error',
  5,
  null,
);

/** A moment in the ways records tell it: `timestamp` of the record, and of its message. */
function times(span: Span): fc.Arbitrary<{ ofRecord: unknown; ofMessage: unknown }> {
  return fc.integer({ min: span.from, max: span.to }).chain((ms) => {
    const iso = new Date(ms).toISOString();
    const strings = [
      iso.slice(0, 10),
      new Date(ms).toUTCString(),
      iso.replace('Z', '+05:45'),
      iso.slice(0, 16),
      `${iso} `,
    ];
    const ofRecord = fc.oneof(
      { weight: 12, arbitrary: fc.constant<unknown>(iso) },
      { weight: 3, arbitrary: fc.constantFrom<unknown>(...strings) },
      { weight: 3, arbitrary: fc.constantFrom<unknown>('not a date', '', undefined, null, ms, '12 bananas') },
    );
    const ofMessage = fc.oneof(
      { weight: 6, arbitrary: fc.constant<unknown>(ms) },
      { weight: 2, arbitrary: fc.constantFrom<unknown>(undefined, ms + 0.75, String(ms), null, 9e15, iso) },
    );
    return fc.record({ ofRecord, ofMessage });
  });
}

/** Provider and model, of the message or of the record, or none. */
const named: fc.Arbitrary<TranscriptRecord> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...MODELS).map((model) => ({ ...model })) },
  { weight: 1, arbitrary: fc.constantFrom<TranscriptRecord>({}, { provider: 'acme' }, { model: 'acme-large' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<TranscriptRecord>({ provider: 5, model: '' }, { provider: '', model: 'm'.repeat(220) }),
  },
);

/** Records of users and assistants, now and then of something else. Undefined members are left out of the JSON. */
export function recordArbitrary(span: Span = DEFAULT_SPAN): fc.Arbitrary<TranscriptRecord> {
  const role = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom<unknown>('user', 'assistant', 'assistant') },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('toolResult', 'system', 'User', null) },
  );
  const message = fc.record(
    { content, stopReason, usage: arbitraryUsage, durationMs: duration, toolName: name, tool_name: name },
    { requiredKeys: ['content'] },
  );
  const outer = fc.record({ usage: arbitraryUsage, durationMs: duration, names: named }, { requiredKeys: [] });
  return fc
    .tuple(role, message, outer, named, times(span), fc.nat(9))
    .map(([who, inner, { names, ...rest }, ownNames, { ofRecord, ofMessage }, dice]) => ({
      type: 'message',
      id: '0a1b2c3d',
      timestamp: ofRecord,
      ...(dice === 0 ? { ...rest, ...names } : {}),
      message: { role: who, ...(dice < 8 ? ownNames : {}), ...inner, timestamp: ofMessage },
    }));
}

export const arbitraryRecord: fc.Arbitrary<TranscriptRecord> = recordArbitrary();

/** One record as a line, without its newline. */
export const arbitraryLine: fc.Arbitrary<string> = arbitraryRecord.map((record) => JSON.stringify(record));

/** Usage under the names that came with 2026.9. */
const laterUsage = fc
  .tuple(
    plainUsage,
    someOf(
      ['cached_input_tokens', 'cached', 'cache_write_input_tokens', 'cacheWrite1h', 'input_tokens', 'cache_write'],
      tokens,
    ),
    fc.record(
      {
        input_tokens_details: someOf(['cached_tokens', 'cache_write_tokens'], tokens),
        prompt_tokens_details: someOf(['cached_tokens', 'cache_write_tokens', 'cache_creation_input_tokens'], tokens),
        output_tokens_details: someOf(['thinking_tokens'], tokens),
        contextUsage: fc.constantFrom<unknown>(
          { state: 'unavailable' },
          { state: 'available', promptTokens: 5, totalTokens: 7 },
          { state: 'available', promptTokens: 5 },
          'available',
        ),
        cost: fc.record(
          { total: fc.constantFrom<unknown>(0, 0.25, -1), input: dollars, totalOrigin: fc.constant('provider-billed') },
          { requiredKeys: ['total'] },
        ),
      },
      { requiredKeys: [] },
    ),
    fc.nat(3),
  )
  .map(([plain, later, nested, dice]) => (dice === 0 ? { ...later, ...nested } : { ...plain, ...later, ...nested }));

/** Records as 2026.9 could meet them: those of arbitraryRecord, tool results, and the later names of amounts. */
export const laterRecord: fc.Arbitrary<TranscriptRecord> = fc
  .tuple(
    arbitraryRecord,
    fc.constantFrom<unknown>(undefined, undefined, 'toolResult', 'tool'),
    fc.option(laterUsage, { nil: undefined }),
    fc.record({ isError: fc.constantFrom<unknown>(true, false, 1), is_error: fc.boolean() }, { requiredKeys: [] }),
  )
  .map(([record, role, usage, errors]) => ({
    ...record,
    message: {
      ...(record.message as TranscriptRecord),
      ...errors,
      ...(role === undefined ? {} : { role }),
      ...(usage === undefined ? {} : { usage }),
    },
  }));
