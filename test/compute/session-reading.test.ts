/** What is read of a session when somebody asks, against a plain reading of the same lines and the real gateway's answers. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ERAS } from '../../src/compute/era.ts';
import type { PriceBookData } from '../../src/compute/price-book.ts';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import type { ReadItem, ReadView } from '../../src/compute/session-read.ts';
import { logsOf } from '../oracle/logs.ts';
import { oraclePrices } from '../oracle/prices.ts';
import { readTranscript } from '../oracle/records.ts';
import { readLaterTranscript } from '../oracle/records-2026-9.ts';
import { timeseriesOf } from '../oracle/timeseries.ts';
import { arbitraryLine } from '../support/arbitrary-record.ts';
import { laterFixture } from '../support/golden-2026-9.ts';
import type { GoldenLogsAnswer, GoldenTimeseriesAnswer } from '../support/golden-shapes.ts';
import { goldenFixture } from '../support/golden-store.ts';
import { pricesIn } from '../support/prices-in.ts';
import { CONFIG } from '../support/random-store.ts';
import { type Asked, askSession, type Json } from '../support/session-reads.ts';
import { temporaryStateDir } from '../support/stores.ts';

const directory = temporaryStateDir();
const configured = readProviderPrices(CONFIG.models.providers);
const prices: PriceBookData = { catalog: [], configured, own: [] };
const oracle = oraclePrices(CONFIG, { providers: {} });

function item(name: string): ReadItem {
  return { sessionId: name.replace(/\.jsonl.*/, ''), directory, name };
}

function written(name: string, lines: readonly string[]): ReadItem {
  writeFileSync(join(directory, name), lines.map((line) => `${line}\n`).join(''));
  return item(name);
}

const series = (points: number): ReadView => ({ view: 'timeseries', form: 'v1', points });
const page = (limit: number, cursor: string | null = null): ReadView => ({ view: 'logs', form: 'v1', limit, cursor });
const gatewaySeries: ReadView = { view: 'timeseries', form: '2026.5', points: 200 };
const gatewayLogs = (limit: number): ReadView => ({ view: 'logs', form: '2026.5', limit, cursor: null });

const ask = (items: readonly ReadItem[], view: ReadView, more: Asked = {}): Json =>
  askSession(items, view, { prices, ...more }).body;

const arbitraryLines = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: arbitraryLine },
    { weight: 1, arbitrary: fc.constantFrom('', '{"x', '[]', '7', 'null') },
  ),
  { maxLength: 30 },
);

const arbitraryCount = fc.integer({ min: 1, max: 40 });
const arbitraryEra = fc.constantFrom(...ERAS);

/** A message of one of the roles, with a text and some seconds of November 2026. */
function said(role: string, text: unknown, second = 0, more: object = {}): string {
  const timestamp = new Date(Date.UTC(2026, 10, 1) + second * 1000).toISOString();
  return JSON.stringify({ type: 'message', timestamp, message: { role, content: text, ...more } });
}

const usage = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, cost: { total: 0.25 } };

describe('the points of a session', () => {
  it('are those of a plain reading, for any records and any number of points', () => {
    fc.assert(
      fc.property(arbitraryLines, arbitraryCount, arbitraryEra, fc.boolean(), (lines, most, era, ofGateway) => {
        const items = [written('any.jsonl', lines)];
        const bytes = readFileSync(join(directory, 'any.jsonl'));
        const later = era === '2026.9';
        const records = later ? readLaterTranscript(bytes, oracle) : readTranscript(bytes, oracle).records;
        const expected = timeseriesOf(records, most);
        const view: ReadView = { view: 'timeseries', form: ofGateway ? era : 'v1', points: most };
        const { points } = ask(items, view, { era });
        expect(points).toHaveLength(expected.length);
        let [tokens, nano] = [0, 0];
        for (const [at, { timestamp, records: count, cost, ...amounts }] of expected.entries()) {
          tokens += amounts.totalTokens;
          nano += cost;
          expect(points[at]).toMatchObject({
            ...amounts,
            ...(ofGateway ? { timestamp } : { end: timestamp, records: count }),
            cumulativeTokens: tokens,
          });
          expect(points[at].cost * 1e9).toBeCloseTo(cost, 2);
          expect(points[at].cumulativeCost * 1e9).toBeCloseTo(nano, 2);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('run through all transcripts in the order of their time, and add up, with what has no time, to all records', () => {
    const early = written('early.jsonl', [said('assistant', 'a', 5, { usage }), said('assistant', 'b', 1, { usage })]);
    const late = written('late.jsonl', [
      said('assistant', 'c', 3, { usage }),
      JSON.stringify({ message: { role: 'assistant', content: '', usage } }),
    ]);
    const body = ask([early, late], series(200));
    expect(body.points.map(({ start, end, records }: Json) => [start === end, (end / 1000) % 60, records])).toEqual([
      [true, 1, 1],
      [true, 3, 1],
      [true, 5, 1],
    ]);
    expect(body.undated).toEqual({
      ...body.undated,
      records: 1,
      totalTokens: 15,
      cost: 0.25,
      estimated: 0,
      missing: 0,
    });
    expect(body).toMatchObject({
      session: { agent: 'main', key: 'agent:main:main', sessionIds: ['early', 'late'] },
      partial: false,
      reading: { transcripts: 2, read: 2, share: 1, retained: 0 },
    });
  });

  it('say how far they got when there is no time for all', () => {
    const first = written('first.jsonl', [said('assistant', 'a', 5, { usage })]);
    const body = ask([first], series(200), { within: 0 });
    expect(body).toMatchObject({ points: [], undated: null, partial: true });
    expect(body.reading).toEqual({ transcripts: 1, read: 0, share: 0, retained: 0 });
  });
});

describe('the log of a session', () => {
  it('is that of a plain reading as the gateway gives it, for any records', () => {
    fc.assert(
      fc.property(arbitraryLines, arbitraryCount, arbitraryEra, (lines, limit, era) => {
        const items = [written('any.jsonl', lines)];
        const expected = logsOf(lines.join('\n'), limit, oracle, era === '2026.9');
        const { logs } = ask(items, { view: 'logs', form: era, limit, cursor: null }, { era });
        expect(logs.map(({ cost: _, ...log }: Json) => log)).toEqual(expected.map(({ cost: _, ...log }) => log));
        expect(logs.map(({ cost }: Json) => cost === undefined)).toEqual(
          expected.map(({ cost }) => cost === undefined),
        );
        for (const [at, { cost }] of expected.entries())
          if (cost !== undefined) expect(logs[at].cost * 1e9).toBeCloseTo(cost, 1);
      }),
      { numRuns: 300 },
    );
  });

  it('comes in pages that together are all of it, each message once, across all transcripts', () => {
    const items = ['a', 'b', 'c'].map((name) =>
      written(
        `${name}.jsonl`,
        Array.from({ length: 7 }, (_, at) => said(at % 2 === 0 ? 'user' : 'assistant', `${name}${at}`)),
      ),
    );
    const all = ask(items, page(1000));
    expect(all.next).toBeNull();
    expect(all.entries.map(({ sessionId, text }: Json) => `${sessionId} ${text}`)).toEqual(
      ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 7 }, (_, at) => `${name} ${name}${at}`)),
    );
    for (const limit of [1, 3, 7, 20]) {
      const pages: Json[][] = [];
      let cursor: string | null = null;
      do {
        const { entries, next, partial } = ask(items, page(limit, cursor));
        expect(partial).toBe(false);
        pages.unshift(entries);
        cursor = next;
      } while (cursor !== null);
      expect(pages.flat(), `by ${limit}`).toEqual(all.entries);
    }
  });

  it('goes on where the page before ended while the transcript grows', () => {
    const grows = written('grows.jsonl', [said('user', 'one'), said('user', 'two')]);
    const { next } = ask([grows], page(1));
    appendFileSync(join(directory, grows.name), `${said('user', 'three')}\n`);
    expect(ask([grows], page(9, next)).entries.map(({ text }: Json) => text)).toEqual(['one']);
  });

  it('refuses a cursor that is none, or whose place is gone', () => {
    const items = [written('cursor.jsonl', [said('user', 'one'), said('user', 'two')])];
    const codeOf = (cursor: string) => askSession(items, page(1, cursor)).header;
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const cursor of ['', 'x', made(null), made(['cursor.jsonl']), made([1, 2]), made(['cursor.jsonl', -1])]) {
      expect(codeOf(cursor), cursor).toMatchObject({ kind: 'error', code: 'invalid_cursor' });
    }
    for (const cursor of [made(['other.jsonl', 0]), made(['cursor.jsonl', 3]), made(['cursor.jsonl', 1e9])]) {
      expect(codeOf(cursor), cursor).toMatchObject({ kind: 'error', code: 'cursor_expired' });
    }
  });

  it('cuts long texts, and says so', () => {
    const items = [written('cut.jsonl', [said('user', `${'x'.repeat(1999)}🙂 and more`), said('user', 'short')])];
    expect(ask(items, page(9)).entries).toMatchObject([
      { text: 'x'.repeat(1999), cut: true },
      { text: 'short', cut: false },
    ]);
  });

  it('shows calls of tools and their results, and neither thinking nor images', () => {
    const content = [
      { type: 'thinking', thinking: 'secret' },
      { type: 'text', text: 'I look.' },
      { type: 'toolCall', id: '1', name: 'exec', arguments: { command: 'ls' } },
      { type: 'image', data: 'AAAA' },
    ];
    const lines = [
      said('assistant', content),
      said('toolResult', [{ type: 'text', text: 'a b' }], 1, { toolName: 'exec' }),
    ];
    const items = [written('tools.jsonl', lines)];
    expect(ask(items, page(9)).entries.map(({ role, text }: Json) => [role, text])).toEqual([
      ['assistant', 'I look.\n[Tool: exec]'],
      ['tool', '[Tool: exec]\n[Tool Result]\na b'],
    ]);
    expect(ask(items, gatewayLogs(9)).logs.map(({ content: text }: Json) => text)).toEqual([
      'I look.',
      '[Tool: exec]\n[Tool Result]\na b',
    ]);
  });
});

describe('what the real gateway of 2026.5.22 answered', () => {
  let golden: ReadItem[];
  let goldenPrices: PriceBookData;
  beforeAll(() => {
    const state = temporaryStateDir();
    goldenFixture.write(state);
    const { sessionId } = goldenFixture.timeseries();
    golden = [{ sessionId, directory: join(state, 'agents', 'main', 'sessions'), name: `${sessionId}.jsonl` }];
    goldenPrices = pricesIn(state);
  });

  it('about the points of a session is what we answer', () => {
    expect(ask(golden, gatewaySeries, { prices: goldenPrices })).toEqual(goldenFixture.timeseries());
  });

  it('about its log is what we answer', () => {
    expect(ask(golden, gatewayLogs(1000), { prices: goldenPrices })).toEqual(goldenFixture.logs());
    const { logs } = goldenFixture.logs();
    expect(ask(golden, gatewayLogs(7), { prices: goldenPrices }).logs).toEqual(logs.slice(-7));
  });
});

describe('what the real gateway of 2026.9.6 answered', () => {
  let golden: ReadItem[];
  let goldenPrices: PriceBookData;
  const answers = (name: string) => laterFixture.answer(`sessions.usage.${name}`) as Json;
  beforeAll(() => {
    const state = temporaryStateDir();
    laterFixture.write(state);
    const { sessionId } = answers('timeseries') as GoldenTimeseriesAnswer;
    const sessions = join(state, 'agents', 'main', 'sessions');
    golden = [{ sessionId, directory: sessions, name: `../agent/openclaw-agent.sqlite/${sessionId}.jsonl` }];
    goldenPrices = pricesIn(state);
  });

  it('about the points of a session is what we answer', () => {
    const view: ReadView = { view: 'timeseries', form: '2026.9', points: 200 };
    expect(ask(golden, view, { prices: goldenPrices, era: '2026.9' })).toEqual(answers('timeseries'));
  });

  it('about its log is what we answer', () => {
    const { logs } = answers('logs') as GoldenLogsAnswer;
    for (const limit of [1000, 7]) {
      const view: ReadView = { view: 'logs', form: '2026.9', limit, cursor: null };
      expect(ask(golden, view, { prices: goldenPrices, era: '2026.9' })).toEqual({ logs: logs.slice(-limit) });
    }
  });
});

describe('a question that was answered before', () => {
  it('reads nothing while the transcripts are the same ones, and all of them when one is not', () => {
    const items = [written('same.jsonl', [said('user', 'one')]), item('never.jsonl')];
    const { header } = askSession(items, page(9));
    const stamps = header.kind === 'read' ? header.stamps : [];
    expect(askSession(items, page(9), { known: stamps }).header).toEqual({ kind: 'unchanged' });
    appendFileSync(join(directory, 'same.jsonl'), `${said('user', 'two')}\n`);
    expect(askSession(items, page(9), { known: stamps }).header.kind).toBe('read');
    rmSync(join(directory, 'same.jsonl'));
    expect(askSession(items, page(9), { known: stamps }).body.entries).toEqual([]);
  });
});

it('is given up when nobody waits any more', () => {
  const items = [written('left.jsonl', [said('user', 'one')])];
  for (const view of [series(9), page(9)]) {
    expect(askSession(items, view, { stop: new Int32Array([1]) }).header).toEqual({ kind: 'stopped' });
  }
});

it('tells of a transcript that cannot be read, without its path', () => {
  const { header } = askSession(
    [{ sessionId: 's', directory: join(directory, 'left.jsonl'), name: 'x.jsonl' }],
    page(9),
  );
  expect(header).toEqual({ kind: 'error', code: 'transcript_unreadable', detail: 'ENOTDIR' });
});
