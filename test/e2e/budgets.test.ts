/** Budgets of the packed service: the state of each as /v1/usage has it, ready, and there at once after a restart. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BudgetsFigures } from '../../src/snapshot/shapes.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { type Service, serve } from './service.ts';

async function budgetsOf(service: Service) {
  const { status, headers, body } = await service.get('/v1/budgets');
  expect(status).toBe(200);
  return { headers, rows: (body as BudgetsFigures).budgets };
}

it('budgets say what /v1/usage says of their period, keep their entity tag, and are there at once after a restart', async () => {
  const { directory } = smallStore(71, { now: Date.now() });
  const data = temporaryStateDir();
  const config = join(data, 'config.json');
  const budgets = [
    { name: 'all', per: 'month', limit: { usd: 5 } },
    { name: 'main', agent: 'main', per: 'week', limit: { tokens: 1000 }, thresholds: [1] },
  ];
  writeFileSync(config, JSON.stringify({ budgets }));
  const flags = { '--data-dir': data, '--config': config, '--time-zone': 'Asia/Kathmandu', '--refresh-interval': '1h' };
  const service = await (await serve(directory, flags)).ready();
  const { headers, rows } = await eventually(async () => {
    const answer = await budgetsOf(service);
    expect(answer.headers.get('cache-status')).toContain('hit');
    return answer;
  });
  expect(rows.map(({ name, unit, limit }) => [name, unit, limit])).toEqual([
    ['all', 'usd', 5],
    ['main', 'tokens', 1000],
  ]);
  for (const { period, filters, unit, spent } of rows) {
    const { startDate, endDate } = period;
    const query = new URLSearchParams({ startDate, endDate, ...(filters.agent[0] && { agent: filters.agent[0] }) });
    const { totals } = await service.usage(String(query));
    expect(spent).toBe(unit === 'usd' ? totals.cost : totals.totalTokens);
  }
  const etag = headers.get('etag') ?? '';
  expect((await service.get('/v1/budgets', { 'if-none-match': etag })).status).toBe(304);
  expect(await service.get('/v1/budgets?range=7d')).toMatchObject({ status: 400, body: { code: 'unknown_parameter' } });
  await service.stop();

  const again = await serve(directory, flags);
  expect((await budgetsOf(again)).headers.get('etag')).toBe(etag);
  await again.stop();
});
