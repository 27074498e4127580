import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionQuery, sessionsQuery, usageQuery, viewKey } from '../../src/snapshot/query.ts';

const utc = { timeZone: 'UTC' };

describe('a question', () => {
  test('has the defaults filled in', () => {
    expect(usageQuery(utc)).toEqual({
      view: 'usage',
      range: '30d',
      startDate: null,
      endDate: null,
      timeZone: 'UTC',
      granularity: 'day',
      filters: { agent: [], channel: [], kind: [], provider: [], model: [] },
      split: null,
    });
    expect(sessionsQuery(utc)).toMatchObject({
      sort: 'updated',
      groupBy: 'instance',
      limit: 50,
      cursor: null,
      q: null,
    });
  });

  test('has no range where dates are given', () => {
    const query = usageQuery({ ...utc, startDate: '2026-01-01', endDate: '2026-01-31' });
    expect(query).toMatchObject({ range: null, startDate: '2026-01-01', endDate: '2026-01-31' });
  });
});

describe('the key of a view', () => {
  test('is the same whatever the order and repetition of filters', () => {
    const names = fc.array(fc.string({ maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(names, names, (agent, model) => {
        const shuffled = { model: [...model, ...model].reverse(), agent: [...agent].reverse() };
        expect(viewKey(usageQuery(utc, shuffled))).toBe(viewKey(usageQuery(utc, { agent, model })));
      }),
    );
  });

  test('is the same for a default that is written out', () => {
    expect(viewKey(usageQuery({ ...utc, range: '30d', granularity: 'day' }))).toBe(viewKey(usageQuery(utc)));
    expect(viewKey(sessionsQuery(utc, {}, { limit: 50, sort: 'updated' }))).toBe(viewKey(sessionsQuery(utc)));
  });

  test('differs wherever the question does', () => {
    const key = 'agent:main:main';
    const keys = [
      usageQuery(utc),
      usageQuery({ timeZone: 'Europe/Paris' }),
      usageQuery({ ...utc, range: '7d' }),
      usageQuery({ ...utc, startDate: '2026-01-01', endDate: '2026-01-02' }),
      usageQuery({ ...utc, granularity: 'hour' }),
      usageQuery(utc, { agent: ['a', 'b'] }),
      usageQuery(utc, { agent: ['a,b'] }),
      usageQuery(utc, { channel: ['a', 'b'] }),
      usageQuery(utc, {}, 'model'),
      sessionsQuery(utc),
      sessionsQuery(utc, {}, { limit: 51 }),
      sessionsQuery(utc, {}, { sort: 'cost' }),
      sessionsQuery(utc, {}, { groupBy: 'family' }),
      sessionsQuery(utc, {}, { cursor: 'x' }),
      sessionsQuery(utc, {}, { q: 'x' }),
      sessionQuery(utc, { groupBy: 'family', key, agent: null }),
      sessionQuery(utc, { groupBy: 'family', key, agent: 'main' }),
      sessionQuery(utc, { groupBy: 'instance', agent: 'main', sessionId: key }),
    ].map(viewKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
