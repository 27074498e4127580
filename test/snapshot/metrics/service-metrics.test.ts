import { expect, test } from 'vitest';
import type { KeeperReport } from '../../../src/snapshot/keeper-calls.ts';
import { type ServiceFacts, ServiceMetrics } from '../../../src/snapshot/metrics/service-metrics.ts';
import { newRecord, type RefreshRecord } from '../../../src/snapshot/refresh-record.ts';
import { headAt } from '../../routes/memory-service.ts';
import { settled } from '../../support/manual-clock.ts';

const facts: ServiceFacts = {
  version: '1.2.3',
  startedAt: 1_000,
  head: headAt(5_500, { state: 'stale' }),
  failures: 2,
  shedding: 0,
  problems: [
    { code: 'store_unreadable', agent: 'a', subject: '/home/me/x', detail: 'no' },
    { code: 'store_unreadable', agent: 'b', subject: '/home/me/y', detail: 'no' },
  ],
  report: null,
  cap: 100,
  owners: [{ owner: 'runtime', budget: 70, used: 60 }],
  threads: { scan: 1, keeper: 1, oldestTask: 250 },
};

const ended = (more: Partial<RefreshRecord>): RefreshRecord => ({ ...newRecord('timer', 0), ended: 'ok', ...more });
const report = (incarnation: string, metrics: number) => ({ incarnation, metrics }) as KeeperReport;

test('what is so at the moment', () => {
  const text = new ServiceMetrics(() => Promise.resolve('')).text(facts);
  expect(text).toContain('clawgauge_state{state="stale"} 1\n');
  expect(text).toContain('clawgauge_state{state="fresh"} 0\n');
  expect(text).toContain('clawgauge_verified_timestamp_seconds 5.5\n');
  expect(text).toContain('clawgauge_problems{code="store_unreadable"} 2\n');
  expect(text).toContain('clawgauge_oldest_task_seconds 0.25\n');
  expect(text).not.toContain('/home/me');
});

test('before the first snapshot no time is made up', () => {
  const text = new ServiceMetrics(() => Promise.resolve('')).text({ ...facts, head: null });
  expect(text).not.toContain('clawgauge_verified_timestamp_seconds');
  expect(text).toContain('clawgauge_state{state="warming"} 1\n');
});

test('what refreshes did adds up', () => {
  const metrics = new ServiceMetrics(() => Promise.resolve(''));
  metrics.ended(ended({ bytesRead: 5, duration: 30 }), null);
  metrics.ended(ended({ bytesRead: 6, duration: 2_000, ended: 'failed' }), null);
  const text = metrics.text(facts);
  expect(text).toContain('clawgauge_read_bytes_total 11\n');
  expect(text).toContain('clawgauge_refreshes_total{trigger="timer",result="failed"} 1\n');
  expect(text).toContain('clawgauge_refresh_duration_seconds_bucket{le="0.1"} 1\n');
  expect(text).toContain('clawgauge_refresh_duration_seconds_sum 2.03\n');
});

test("the keeper's part is fetched when it is another one, again if that fails, and stays when the keeper is replaced", async () => {
  const answers = [Promise.reject(new Error('gone')), Promise.resolve('one\n'), Promise.resolve('two\n')];
  let asked = 0;
  const metrics = new ServiceMetrics(() => answers[asked++] as Promise<string>);
  const shown = () => metrics.text(facts).split('\n')[0];
  const follow = async (incarnation: string, version: number) => {
    metrics.ended(ended({}), report(incarnation, version));
    await settled();
  };
  await follow('k', 1);
  expect([asked, shown()]).toEqual([1, expect.stringMatching(/^# HELP clawgauge_build_info/)]);
  await follow('k', 1);
  expect([asked, shown()]).toEqual([2, 'one']);
  await follow('k', 1);
  await follow('l', 0);
  expect([asked, shown()]).toEqual([2, 'one']);
  await follow('l', 1);
  expect([asked, shown()]).toEqual([3, 'two']);
});
