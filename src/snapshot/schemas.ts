/**
 * The shapes of the answers (shapes.ts) as JSON Schema: what the keeper renders with, and what /openapi.json shows.
 * A value that may be null says so in its `type`, which the renderer tells apart without validating.
 */

export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const tokens: Schema = { type: 'integer', minimum: 0, description: 'Tokens.' };
const usd: Schema = { type: 'number', description: 'US dollars at list prices, at most nine decimals.' };
const amount: Schema = { type: 'number', minimum: 0, description: 'US dollars or tokens, as `unit` says.' };
const moment: Schema = { type: 'integer', description: 'Milliseconds since the Unix epoch.' };
const duration: Schema = { type: 'number', minimum: 0, description: 'Milliseconds.' };
const textOrNull: Schema = { type: ['string', 'null'] };

const window = object({
  range: textOrNull,
  startDate: { type: 'string', format: 'date' },
  endDate: { type: 'string', format: 'date', description: 'Inclusive.' },
  timeZone: text,
  start: moment,
  end: { ...moment, description: 'Milliseconds since the Unix epoch, exclusive.' },
  granularity: { type: 'string', enum: ['day', 'hour', 'quarter'] },
});

const totals = object({
  input: tokens,
  output: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  totalTokens: tokens,
  cost: usd,
  costNano: { type: 'string', pattern: '^-?[0-9]+$', description: 'The same in nano-dollars, exactly.' },
  inputCost: usd,
  outputCost: usd,
  cacheReadCost: usd,
  cacheWriteCost: usd,
  records: { ...count, description: 'Usage records behind these figures.' },
  estimated: { ...count, description: 'Records that this service priced.' },
  missing: { ...count, description: 'Records without any price: not in cost.' },
  retained: object({ records: count, cost: usd }),
});

const latency = object({
  count,
  avgMs: duration,
  p50Ms: duration,
  p95Ms: duration,
  p99Ms: duration,
  minMs: duration,
  maxMs: duration,
});

const tools = object({ calls: count, unique: count, tools: list(object({ name: text, count })) });

const readSession = object({ agent: text, key: textOrNull, family: text, sessionIds: list(text) });

const pointFigures = {
  records: count,
  estimated: count,
  missing: count,
  input: tokens,
  output: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  totalTokens: tokens,
  cost: usd,
};

const group = (names: Readonly<Record<string, Schema>>): Schema => list(object({ ...names, totals: ref('Totals') }));

/** The named shapes, each an entry of the description's components. */
export const shapes: Readonly<Record<string, Schema>> = {
  Snapshot: object({
    id: text,
    builtAt: { ...moment, description: 'When the inventory began whose result this shows.' },
    verifiedAt: { ...moment, description: 'When a refresh last ended well.' },
    staleAt: moment,
    state: { type: 'string', enum: ['warming', 'fresh', 'stale', 'degraded'] },
    refreshing: { type: 'boolean' },
    coverage: object({ transcripts: count, pending: count, failed: count, retained: count, bytes: count }),
  }),
  Totals: totals,
  Messages: object({
    total: count,
    user: { type: ['integer', 'null'], minimum: 0, description: 'Null under a provider or model filter.' },
    assistant: count,
    toolCalls: count,
    toolResults: count,
    errors: count,
  }),
  Latency: latency,
  Window: window,
  Filters: object({
    agent: list(text),
    channel: list(text),
    kind: list(text),
    provider: list(text),
    model: list(text),
  }),
  SeriesStep: object({ start: moment, date: text, totals: ref('Totals'), messages: ref('Messages') }),
  UsageAnswer: object({
    snapshot: ref('Snapshot'),
    window: ref('Window'),
    filters: ref('Filters'),
    totals: ref('Totals'),
    previous: nullable(totals),
    series: list(ref('SeriesStep')),
    split: nullable(
      object({ by: text, rows: list(object({ name: textOrNull, cost: list(usd), totalTokens: list(tokens) })) }),
    ),
    undated: nullable(totals),
    future: count,
    byModel: group({ provider: textOrNull, model: textOrNull }),
    byProvider: group({ provider: textOrNull }),
    byAgent: group({ agent: text }),
    byChannel: group({ channel: text }),
    byKind: group({ kind: text }),
    tools,
    messages: ref('Messages'),
    latency: nullable(latency),
    caching: object({ share: { type: ['number', 'null'] }, saved: { ...usd, type: ['number', 'null'] } }),
    prices: object({
      missing: list(object({ provider: textOrNull, model: textOrNull, records: count, tokens })),
    }),
    sessionCount: count,
  }),
  SessionRow: object({
    key: { ...textOrNull, description: 'Null for an orphan.' },
    agent: text,
    sessionId: text,
    label: textOrNull,
    channel: text,
    kind: text,
    family: text,
    instances: count,
    retained: { type: 'boolean' },
    model: textOrNull,
    provider: textOrNull,
    firstActivity: { ...moment, type: ['integer', 'null'] },
    lastActivity: { ...moment, type: ['integer', 'null'] },
    updatedAt: moment,
    totals: ref('Totals'),
    messages: ref('Messages'),
  }),
  SessionsAnswer: object({
    snapshot: ref('Snapshot'),
    window: ref('Window'),
    totals: { ...ref('Totals'), description: 'Over all matches, whatever the page.' },
    matches: count,
    sessions: list(ref('SessionRow')),
    next: { ...textOrNull, description: 'The cursor of the next page.' },
  }),
  SessionAnswer: object({
    snapshot: ref('Snapshot'),
    window: ref('Window'),
    session: ref('SessionRow'),
    instances: list(ref('SessionRow')),
    series: list(ref('SeriesStep')),
    undated: nullable(totals),
    byModel: group({ provider: textOrNull, model: textOrNull }),
    tools,
    latency: nullable(latency),
    unreadable: object({ malformed: count, cut: count, capped: count }),
  }),
  BudgetsAnswer: object({
    snapshot: ref('Snapshot'),
    budgets: list(ref('BudgetRow')),
  }),
  BudgetRow: object({
    name: text,
    filters: ref('Filters'),
    per: { type: 'string', enum: ['day', 'week', 'month'] },
    period: object({
      startDate: { type: 'string', format: 'date' },
      endDate: { type: 'string', format: 'date', description: 'Inclusive.' },
      timeZone: text,
      start: moment,
      end: { ...moment, description: 'Milliseconds since the Unix epoch, exclusive.' },
    }),
    unit: { type: 'string', enum: ['usd', 'tokens'] },
    limit: amount,
    spent: amount,
    share: { type: 'number', description: 'Of the limit; above 1 when it is exceeded.' },
    thresholds: list({ type: 'integer', description: 'Percent.' }),
    crossed: { type: ['integer', 'null'], description: 'The largest threshold that is reached.' },
    missing: { ...count, description: 'Records without any price: not in what is spent.' },
    forecast: nullable(
      object({
        spent: { ...amount, description: 'Expected at the end of the period.' },
        share: { type: 'number' },
        limitAt: {
          ...moment,
          type: ['integer', 'null'],
          description: 'When the limit is expected to be reached; null where it is not, or already was.',
        },
      }),
    ),
  }),
  TimeseriesAnswer: object({
    snapshot: ref('Snapshot'),
    session: readSession,
    points: list(
      object({
        start: { ...moment, description: 'Of the first record of the point.' },
        end: { ...moment, description: 'Of its last record.' },
        ...pointFigures,
        cumulativeTokens: tokens,
        cumulativeCost: usd,
      }),
    ),
    undated: nullable(object(pointFigures)),
    partial: { type: 'boolean', description: 'There was no time to read all.' },
    reading: object({
      transcripts: { ...count, description: 'Those that there are.' },
      read: { ...count, description: 'Of them, those read to their end.' },
      share: { type: 'number', minimum: 0, maximum: 1, description: 'What part of them was read.' },
      retained: { ...count, description: 'Transcripts that no longer exist.' },
    }),
  }),
  LogsAnswer: object({
    snapshot: ref('Snapshot'),
    session: readSession,
    entries: list(
      object({
        sessionId: text,
        time: { ...moment, type: ['integer', 'null'] },
        role: { type: 'string', enum: ['user', 'assistant', 'tool'] },
        text,
        cut: { type: 'boolean', description: 'The text is longer.' },
        provider: textOrNull,
        model: textOrNull,
        tokens: { ...tokens, type: ['integer', 'null'] },
        cost: { ...usd, type: ['number', 'null'] },
      }),
    ),
    next: { ...textOrNull, description: 'The cursor of the page of earlier entries.' },
    partial: { type: 'boolean', description: 'There was no time to fill the page; the next one goes on.' },
  }),
  PendingAnswer: {
    type: 'object',
    description: 'The members of the whole answer, every figure null; ask again after Retry-After.',
    required: ['snapshot'],
    properties: { snapshot: { type: ['object', 'null'] }, window: { type: 'object' } },
    additionalProperties: true,
  },
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: { type: text, title: text, status: count, detail: text, code: text, instance: text },
    additionalProperties: false,
  },
};

/** A reference to one of the shapes. */
export function ref(name: string): Schema {
  return { $ref: `${name}#` };
}

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: Object.keys(properties), properties, additionalProperties: false };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** Of a schema with one type of its own, not a reference. */
function nullable(schema: Schema): Schema {
  return { ...schema, type: [schema.type, 'null'] };
}
