import { constants, inflateRawSync } from 'node:zlib';
import fastJson from 'fast-json-stringify';
import { describe, expect, test } from 'vitest';
import { renderMarkup } from '../../src/rendering.ts';
import { sessionQuery, sessionsQuery, usageQuery, type ViewQuery } from '../../src/snapshot/query.ts';
import { type Rendering, render } from '../../src/snapshot/renderer.ts';
import { type Schema, shapes } from '../../src/snapshot/schemas.ts';
import { Views } from '../../src/snapshot/views.ts';
import { keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { randomStore } from '../support/random-store.ts';

const directory = randomStore(3);
const { keeper } = keptStore(directory);
const views = new Views(keeper, 'test');
const [row] = keeper.catalog.rows.values();

const UTC = { timeZone: 'UTC' };
const ALL = { ...UTC, range: 'all' } as const;
const { agent, sessionId } = row ?? { agent: '', sessionId: '' };
const QUERIES: readonly [string, ViewQuery][] = [
  ['usage', usageQuery(UTC)],
  ['usage of all with a split', usageQuery(ALL, {}, 'model')],
  ['usage without any', usageQuery(UTC, { agent: ['nobody'], model: ['x'] }, 'kind')],
  ['sessions', sessionsQuery(ALL, {}, { limit: 5 })],
  ['no sessions', sessionsQuery(UTC, { agent: ['nobody'] })],
  ['a session', sessionQuery(ALL, { groupBy: 'instance', agent, sessionId })],
];

const rendered = (query: ViewQuery): Rendering => render(views.build(query, REFRESHED_AT));
const textOf = ({ rest }: Rendering) => Buffer.from(rest).toString();

describe('a rendering', () => {
  test.each(QUERIES)('of %s is the figures as JSON, without the brace that belongs to the head', (_, query) => {
    const text = textOf(rendered(query));
    expect(text.startsWith('"window":{')).toBe(true);
    expect(JSON.parse(`{${text}`)).toEqual(views.build(query, REFRESHED_AT));
  });

  test.each(QUERIES)('of %s has the members of its schema, in their order, and no others', (_, query) => {
    expect(`{${textOf(rendered(query))}`).toBe(writerOf(query.view)(views.build(query, REFRESHED_AT)));
  });

  test.each(QUERIES)('of %s inflates to the same bytes, with an end that more can follow', (_, query) => {
    const { rest, restDeflated } = rendered(query);
    expect(inflateRawSync(restDeflated, { finishFlush: constants.Z_SYNC_FLUSH }).equals(rest)).toBe(true);
    expect([...restDeflated.subarray(-4)]).toEqual([0, 0, 0xff, 0xff]);
  });

  test('has a weak entity tag that changes with the figures, and only with them', () => {
    const query = usageQuery(ALL);
    const first = rendered(query);
    expect(first.etag).toMatch(/^W\/"[\w-]{22}"$/);
    expect(rendered(query).etag).toBe(first.etag);
    expect(rendered(usageQuery(ALL, { agent: ['ops'] })).etag).not.toBe(first.etag);
  });

  test('of markup is the markup', () => {
    const { rest, etag } = renderMarkup('<p>é</p>');
    expect(Buffer.from(rest).toString()).toBe('<p>é</p>');
    expect(etag).toBe(renderMarkup('<p>é</p>').etag);
  });

  test('escapes whatever a name may hold', () => {
    const name = '"\\ \u0000 \u2028 \ud800 </script> naïve 😀';
    const figures = views.build(usageQuery(ALL), REFRESHED_AT) as Record<string, unknown>;
    const tools = { calls: 1, unique: 1, tools: [{ name, count: 1 }] };
    const { rest } = render({ ...figures, tools });
    const text = Buffer.from(rest).toString();
    expect(JSON.parse(`{${text}`).tools).toEqual(tools);
    // It would end the script element of a page that the text stands in.
    expect(text).not.toContain('<');
  });
});

/** Writes exactly what the schema of an answer describes, without the head. */
function writerOf(view: ViewQuery['view']): (figures: object) => string {
  const name = { usage: 'UsageAnswer', sessions: 'SessionsAnswer', session: 'SessionAnswer', budgets: 'BudgetsAnswer' }[
    view
  ];
  const { snapshot: _head, ...properties } = (shapes[name] as Schema).properties as Record<string, unknown>;
  return fastJson({ type: 'object', properties, required: Object.keys(properties) } as fastJson.Schema, {
    schema: shapes as unknown as Record<string, fastJson.Schema>,
  });
}
