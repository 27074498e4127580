/** The address of a view, as the boot listener reads it, against what the routes make of the same address. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { viewKeyOf } from '../../src/routes/view-address.ts';
import { viewKey } from '../../src/snapshot/query.ts';
import { appOver, MemoryService } from './memory-service.ts';

const service = new MemoryService();
const app = appOver(service, { basePath: '/base', timeZone: 'Europe/Paris' });
beforeAll(() => app.ready());
afterAll(() => app.close());

/** The key of the view that the routes ask for; null where they ask for none. */
async function routed(address: string): Promise<string | null> {
  service.asked.length = 0;
  // Every request after a quiet second, for the lane of views that are asked for.
  service.time += 1_000;
  await app.inject({ url: address, headers: { host: 'localhost' } });
  const [query] = service.asked;
  return query === undefined ? null : viewKey(query);
}

const name = fc.constantFrom('range', 'timeZone', 'agent', 'split', 'limit', 'sort', 'startDate', 'endDate', 'q', 'x');
const value = fc.constantFrom(
  ...['', '7d', 'all', '2026-11-01', '2026-11-05', 'UTC', 'UTC+5:30', 'UTC%2B5:30', 'Asia%2FTokyo', 'asia/tokyo'],
  ...['a', 'a%20b', 'a+b', '%', '%zz', '%E4%B8%AD', 'model', '5', '05', 'cost', 'a=b', 'ü'],
);
const parameter = fc.oneof(
  fc.tuple(name, value).map(([name, value]) => `${name}=${value}`),
  name,
  fc.constantFrom('', '=', '&', '#', '?', 'r%61nge=7d', 'range=7d#x'),
);
const path = fc.constantFrom(
  ...['/base/v1/usage', '/base/v1/usage', '/base/v1/sessions', '/base/v1/sessions', '/v1/usage', '/base/v1/usage/'],
  ...['/base//v1/usage', '/base/v1/%75sage', '/base/v1/Usage', '/base/v1/usage;', '/base', '/'],
);

test('an address names the view that the routes would ask for, or is left to them', async () => {
  const address = fc.tuple(path, fc.array(parameter, { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(address, async ([path, parameters]) => {
      const text = parameters.length === 0 ? path : `${path}?${parameters.join('&')}`;
      const key = viewKeyOf(text, '/base', 'Europe/Paris');
      if (key !== null) expect(await routed(text)).toBe(key);
    }),
    { numRuns: 400 },
  );
});

test('the addresses of ready views are known', () => {
  for (const address of [
    '/v1/usage',
    '/v1/usage?range=7d&timeZone=Asia%2FTokyo',
    '/v1/usage?split=model',
    '/v1/sessions?sort=cost',
  ]) {
    expect(viewKeyOf(address, '', 'UTC')).not.toBeNull();
  }
});
