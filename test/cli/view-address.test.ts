import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf } from '../../src/cli/view-address.ts';
import { viewKeyOf } from '../../src/routes/view-address.ts';
import { sessionsQuery, usageQuery, viewKey } from '../../src/snapshot/query.ts';

const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const names = fc.array(name, { maxLength: 3 });
const filters = fc.record({
  agent: names,
  channel: names,
  kind: fc.subarray(['main', 'direct', 'orphan'] as const),
  provider: names,
  model: names,
});
const window = fc.record({
  timeZone: fc.constantFrom('UTC', 'Europe/Paris', 'UTC+5:30', 'America/Argentina/Ushuaia'),
  granularity: fc.constantFrom('day' as const, 'hour' as const),
  days: fc.constantFrom(
    { range: '7d' as const },
    { range: 'all' as const },
    { startDate: '2026-01-02', endDate: '2026-02-03' },
  ),
});

test('the address of a question about usage is read as that question', () => {
  fc.assert(
    fc.property(window, filters, fc.constantFrom(null, 'model' as const), ({ days, ...rest }, chosen, split) => {
      const query = usageQuery({ ...rest, ...days }, chosen, split);
      expect(viewKeyOf(addressOf(query), '', 'Asia/Tokyo')).toBe(viewKey(query));
    }),
  );
});

test('the address of a question about sessions is read as that question', () => {
  const page = fc.record({
    sort: fc.constantFrom('updated' as const, 'cost' as const),
    limit: fc.integer({ min: 1, max: 1000 }),
    cursor: fc.option(name),
    q: fc.option(name),
  });
  fc.assert(
    fc.property(window, filters, page, ({ days, timeZone }, chosen, choice) => {
      const query = sessionsQuery({ timeZone, ...days }, chosen, choice);
      expect(viewKeyOf(addressOf(query), '', 'Asia/Tokyo')).toBe(viewKey(query));
    }),
  );
});
