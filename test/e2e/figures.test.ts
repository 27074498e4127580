/** The whole way, from transcripts on disk to figures over HTTP: equal to what the oracle works out of the same files. */
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { shapes } from '../../src/snapshot/schemas.ts';
import type { OracleQuery } from '../oracle/answer.ts';
import { readStateDir, type StoredSession } from '../oracle/sessions.ts';
import { sessionRows } from '../oracle/sessions-answer.ts';
import type { SessionsAnswer } from '../oracle/v1-shapes.ts';
import { smallStore } from '../support/stores.ts';
import { expectUsage } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { type Answer, type Service, serve } from './service.ts';

/** Keys that somebody could use against whoever prints, splits or decodes them. */
const ODD_KEYS = [
  `agent:main:telegram:direct:"quoted" and 'quoted'`,
  'agent:main:slack:group:a/b/../c//',
  'agent:main:discord:direct:👩‍👩‍👧 \u202e 日本',
  'agent:main:web:direct:<script>alert(1)</script>',
  'agent:main:web:direct:100%25 \\ ?query=1&b#hash +49 171 5550100',
  '__proto__',
  `agent:main:web:direct:${'long '.repeat(500)}`,
];

let service: Service;
let sessions: StoredSession[];

beforeAll(async () => {
  const { directory } = smallStore(7, { now: Date.now() });
  addOddSessions(join(directory, 'agents', 'main', 'sessions'));
  roundTimes(directory);
  sessions = readStateDir(directory);
  service = await (await serve(directory)).ready();
});

describe('/v1/usage', () => {
  it.each<[string, OracleQuery]>([
    ['range=all', { range: 'all', timeZone: 'UTC' }],
    ['', { timeZone: 'UTC' }],
    ['range=today&timeZone=Pacific/Chatham', { range: 'today', timeZone: 'Pacific/Chatham' }],
    ['range=90d&timeZone=America/New_York&split=model', { range: '90d', timeZone: 'America/New_York', split: 'model' }],
    ['range=7d&granularity=hour&split=agent', { range: '7d', timeZone: 'UTC', granularity: 'hour', split: 'agent' }],
    ['range=7d&granularity=quarter', { range: '7d', timeZone: 'UTC', granularity: 'quarter' }],
    ['range=1y&agent=main&agent=ops', { range: '1y', timeZone: 'UTC', filters: { agent: ['main', 'ops'] } }],
    ['range=all&channel=telegram', { range: 'all', timeZone: 'UTC', filters: { channel: ['telegram'] } }],
    ['range=all&kind=orphan&kind=topic', { range: 'all', timeZone: 'UTC', filters: { kind: ['orphan', 'topic'] } }],
    ['range=all&provider=anthropic', { range: 'all', timeZone: 'UTC', filters: { provider: ['anthropic'] } }],
  ])('?%s is what the oracle says', async (asked, query) => {
    await expectUsage(sessions, service, asked, query);
  });

  it('is the same in gzip, and 304 to whoever has it', async () => {
    const plain = await service.get('/v1/usage?range=all', { 'accept-encoding': 'identity' });
    const packed = await service.get('/v1/usage?range=all', { 'accept-encoding': 'gzip' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(figuresOf(packed)).toEqual(figuresOf(plain));
    const etag = plain.headers.get('etag') as string;
    const again = await service.get('/v1/usage?range=all', { 'if-none-match': etag });
    expect(again.status).toBe(304);
  });
});

describe('/v1/sessions', () => {
  it.each(['instance', 'family'] as const)('has a row for every %s that the oracle has one for', async (groupBy) => {
    await eventually(async () => {
      const query = { range: 'all', timeZone: 'UTC' } as const;
      const expected = sessionRows(sessions, query, Date.now(), groupBy);
      const rows: unknown[] = [];
      let first: SessionsAnswer | null = null;
      for (let cursor = ''; ; ) {
        const { status, body } = await service.get(`/v1/sessions?range=all&groupBy=${groupBy}&limit=10${cursor}`);
        expect(status).toBe(200);
        const page = body as SessionsAnswer;
        first ??= page;
        rows.push(...page.sessions);
        if (page.next === null) break;
        cursor = `&cursor=${encodeURIComponent(page.next)}`;
      }
      const { window, totals, matches } = first;
      expect({ window, totals, matches, sessions: rows }).toEqual(expected);
    });
  });

  it.each(ODD_KEYS.map((key) => [key.slice(0, 60), key]))('leads to the session %j', async (_start, key) => {
    const expected = sessions.find((session) => session.key === key) as StoredSession;
    const { status, body, headers } = await service.get(`/v1/sessions/${encodeURIComponent(key)}?range=all`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect((body as { session: object }).session).toMatchObject({ key, sessionId: expected.sessionId, agent: 'main' });
    const instance = await service.get(`/v1/sessions/main/${encodeURIComponent(expected.sessionId)}?range=all`);
    expect((instance.body as { session: object }).session).toMatchObject({ key, totals: { records: 1 } });
  });
});

describe('every route', () => {
  const key = encodeURIComponent(ODD_KEYS[3] as string);

  it.each([
    ['/v1/usage?range=all&split=model', 'UsageAnswer'],
    ['/v1/usage?range=today', 'UsageAnswer'],
    ['/v1/usage?model=no-such-model', 'UsageAnswer'],
    ['/v1/sessions?range=all', 'SessionsAnswer'],
    ['/v1/sessions?q=no-such-session', 'SessionsAnswer'],
    [`/v1/sessions/${key}?range=all`, 'SessionAnswer'],
  ])('%s answers in its shape, every member present', async (path, shape) => {
    const { status, body } = await eventually(async () => {
      const answer = await service.get(path);
      if (answer.status === 202) throw new Error('still pending');
      return answer;
    });
    expect(status).toBe(200);
    expect(violations(shape, body)).toEqual([]);
  });

  it.each([
    ['/v1/usage?range=eternity', 400, 'invalid_parameter'],
    ['/v1/usage?rnage=7d', 400, 'unknown_parameter'],
    ['/v1/usage?startDate=2026-01-01', 400, 'invalid_parameter'],
    ['/v1/sessions?cursor=nonsense', 400, 'invalid_cursor'],
    ['/v1/sessions/nobody', 404, 'session_not_found'],
    ['/v2/usage', 404, 'not_found'],
  ])('%s is refused with %i %s', async (path, status, code) => {
    const answer = await service.get(path);
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(violations('Problem', answer.body)).toEqual([]);
  });

  it('tells what it does and what it holds', async () => {
    const status = await service.status();
    expect(status).toMatchObject({ failures: 0, lastError: null, problems: [], setAside: [] });
    expect(status.digestStore).toMatchObject({ available: true, problem: null });
    expect(status.snapshot?.coverage).toMatchObject({ transcripts: sessions.length, pending: 0, failed: 0 });
    expect((await service.get('/v1/cache')).body).toMatchObject({
      digests: { entries: sessions.length },
      rollup: { rows: expect.any(Number) },
      threads: { keeper: 1 },
    });
    const { paths } = (await service.get('/openapi.json')).body as { paths: object };
    const { routes } = (await service.get('/')).body as { routes: string[] };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(routes.filter((route) => route !== '/')));
  });
});

describe('/v1/export', () => {
  const rows = async (query: string) => {
    const response = await fetch(`${service.url}/v1/export?format=ndjson&range=all&${query}`);
    const lines = (await response.text()).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as { totalTokens: number; cost: number; key?: string });
  };
  const sumOf = (all: { totalTokens: number; cost: number }[]) => ({
    tokens: all.reduce((sum, { totalTokens }) => sum + totalTokens, 0),
    nano: all.reduce((sum, { cost }) => sum + Math.round(cost * 1e9), 0),
  });

  it('adds up to the totals of /v1/usage, by step and by session', async () => {
    const { totals, sessionCount } = await service.usage();
    const whole = { tokens: totals.totalTokens, nano: Number(totals.costNano) };
    const [days, one] = [await rows(''), await rows('what=sessions')];
    expect(sumOf(days)).toEqual(whole);
    expect(sumOf(one)).toEqual(whole);
    expect(one.length).toBe(sessionCount);
    expect(one.map(({ key }) => key)).toEqual(expect.arrayContaining(ODD_KEYS));
  });
});

/** A transcript of one counted message for each odd key, entered in the index. */
function addOddSessions(directory: string): void {
  const index = JSON.parse(readFileSync(join(directory, 'sessions.json'), 'utf8')) as Record<string, unknown>;
  const entries = Object.entries(index);
  ODD_KEYS.forEach((key, at) => {
    const sessionId = `odd-${at}`;
    const timestamp = new Date(Date.now() - 60_000 * (at + 1)).toISOString();
    const usage = { input: 100 + at, output: 10, totalTokens: 110 + at };
    const record = { type: 'message', timestamp, message: { role: 'assistant', provider: 'p', model: 'm', usage } };
    writeFileSync(join(directory, `${sessionId}.jsonl`), `${JSON.stringify(record)}\n`);
    entries.push([key, { sessionId, updatedAt: Date.now() }]);
  });
  // Not JSON.stringify of an object: it has no own member __proto__ to write.
  const members = entries.map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`);
  writeFileSync(join(directory, 'sessions.json'), `{${members.join(',')}}`);
}

/** Sets the times of all transcripts to whole seconds: a double cannot tell the nanoseconds of today. */
function roundTimes(state: string): void {
  for (const entry of readdirSync(join(state, 'agents'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const seconds = Math.floor(statSync(path).mtimeMs / 1000);
    utimesSync(path, seconds, seconds);
  }
}

function figuresOf({ body }: Answer): object {
  const { snapshot: _head, ...figures } = body as { snapshot: object };
  return figures;
}

interface Validator {
  addSchema(schema: object, name: string): void;
  validate(name: string, value: unknown): boolean;
  readonly errors: readonly object[] | null;
}

/** What a body has that its shape does not allow, or lacks. The validator is the one that our JSON writer stands on. */
function violations(shape: string, body: unknown): readonly object[] {
  const here = createRequire(import.meta.url);
  const there = createRequire(here.resolve('fast-json-stringify'));
  const { Ajv } = there('ajv') as { Ajv: new (options: object) => Validator };
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  for (const [name, schema] of Object.entries(shapes)) ajv.addSchema({ ...schema, $id: name }, name);
  return ajv.validate(shape, body) ? [] : (ajv.errors ?? []);
}
