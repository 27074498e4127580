import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstAddress,
  PAGES,
  type PageRoute,
  RANGE_NAMES,
  readRoute,
  sessionAddress,
  usageAddress,
  writeRoute,
} from '../../src/page/route.ts';
import { viewKeyOf } from '../../src/routes/view-address.ts';
import { firstPageQuery } from '../../src/snapshot/first-page.ts';
import { viewKey } from '../../src/snapshot/query.ts';
import { RANGES } from '../../src/snapshot/window.ts';

const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 3 });
const route: fc.Arbitrary<PageRoute> = fc
  .record({
    page: fc.constantFrom(...PAGES),
    timeZone: fc.option(fc.string({ minLength: 1 })),
    filters: fc.record({ model: texts, provider: texts, agent: texts, channel: texts, kind: texts }),
    split: fc.constantFrom('model', 'provider', 'agent', 'channel', 'kind'),
    measure: fc.constantFrom('cost', 'tokens'),
    sort: fc.constantFrom('updated', 'cost', 'tokens'),
    q: fc.string({ unit: 'grapheme' }),
    session: fc.string({ unit: 'grapheme' }),
  })
  .chain((rest) =>
    fc
      .oneof(
        fc.record({
          range: fc.constantFrom(...RANGE_NAMES),
          startDate: fc.constant(null),
          endDate: fc.constant(null),
        }),
        fc.constant({ range: null, startDate: '2026-10-24', endDate: '2026-10-26' }),
      )
      .map((window) => ({ ...rest, ...window }) as PageRoute),
  );

describe('a place', () => {
  test('is read back from its address as it was written, whatever names hold', () => {
    fc.assert(
      fc.property(route, (place) => {
        expect(readRoute(writeRoute(place))).toEqual(place);
      }),
    );
  });

  test('has no query where everything is at its default', () => {
    expect(writeRoute(readRoute(''))).toBe('?');
  });

  test.each([
    '?range=nonsense',
    '?startDate=2026-01-02',
    '?startDate=2026-01-02&endDate=2026-01-01',
    '?startDate=x&endDate=y',
    '?page=admin&split=x&measure=x&sort=x',
  ])('of %s is the default, and no error', (query) => {
    expect(readRoute(query)).toEqual(readRoute(''));
  });

  test('asks for usage and sessions in words that the service knows', () => {
    fc.assert(
      fc.property(route, (place) => {
        const address = firstAddress({ ...place, q: place.q.slice(0, 20), filters: readRoute('').filters }, 'UTC');
        expect(address === null ? null : typeof viewKeyOf(`/${address}`, '', 'UTC')).toBe(
          address === null ? null : 'string',
        );
      }),
    );
  });

  test('asks first for what every snapshot has ready', () => {
    const key = viewKeyOf(`/${usageAddress(readRoute(''), 'Europe/Paris')}`, '', 'UTC');
    expect(key).toBe(viewKey(firstPageQuery('Europe/Paris')));
  });

  test('names a session as two segments, each encoded', () => {
    const place = { ...readRoute(''), session: 'ops/<a> "b" 😀' };
    expect(sessionAddress(place, 'UTC')).toMatch(/^v1\/sessions\/ops\/%3Ca%3E%20%22b%22%20%F0%9F%98%80\?range=30d/);
  });
});

test('the ranges are those of the service', () => {
  expect(RANGE_NAMES).toEqual(RANGES);
});
