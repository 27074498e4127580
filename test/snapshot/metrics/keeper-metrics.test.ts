/** The keeper's part of the metrics over real stores and a real ledger, through restarts and losses. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { CounterLedger } from '../../../src/cache/counter-ledger.ts';
import { Ledger } from '../../../src/cache/ledger.ts';
import { LiveSums } from '../../../src/snapshot/live-sums.ts';
import { KeeperMetrics } from '../../../src/snapshot/metrics/keeper-metrics.ts';
import { linesOf } from '../../support/fold-text.ts';
import { KeptStore, REFRESHED_AT } from '../../support/kept-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { writeJson, writeWhole } from '../../support/random-store.ts';
import { temporaryStateDir } from '../../support/stores.ts';

const LABELS = 'agent="main",provider="acme",model="m"';
const message = (input: number) => ({
  timestamp: '2026-11-20T10:00:00Z',
  message: { role: 'assistant', provider: 'acme', model: 'm', usage: { input, cost: { total: 0.25 } } },
});

let state: string;
let data: string;
let clock: ManualClock;
const sessions = (name = '') => join(state, 'agents/main/sessions', name);

beforeEach(() => {
  state = temporaryStateDir();
  data = temporaryStateDir();
  clock = new ManualClock(0);
  mkdirSync(sessions(), { recursive: true });
  writeWhole(sessions('a.jsonl'), linesOf([message(5)]));
});

/** A keeper that has read everything, with the metrics beside it; nothing of an earlier one but the ledger. */
function life() {
  const ledger = new Ledger(data, { now: () => 0 });
  const kept = new KeptStore(state);
  kept.refresh();
  const parts = {
    counters: new CounterLedger(ledger),
    sums: new LiveSums(kept.keeper),
    state: kept.keeper,
    clock,
    budgets: () => [],
  };
  const metrics = new KeeperMetrics(parts);
  return { ledger, kept, metrics };
}

const tokens = ({ text }: KeeperMetrics, channel = 'none') =>
  Number(new RegExp(`clawgauge_tokens_total{${LABELS},channel="${channel}",type="input"} (\\S+)`).exec(text)?.[1]);

describe('the counters of usage', () => {
  test('are there with the first figures', () => {
    const { metrics, ledger } = life();
    expect([metrics.text, metrics.version]).toEqual(['', 0]);
    metrics.update(REFRESHED_AT);
    expect(metrics.version).toBe(1);
    expect(tokens(metrics)).toBe(5);
    expect(metrics.text).toContain(`clawgauge_cost_usd_total{${LABELS},channel="none"} 0.25\n`);
    expect(metrics.text).toContain(`clawgauge_usage_records_total{${LABELS},channel="none"} 1\n`);
    expect(metrics.text).toContain('clawgauge_records_without_price 0\n');
    ledger.close();
  });

  test('follow what is appended, every five seconds at most', async () => {
    const { metrics, kept, ledger } = life();
    metrics.update(REFRESHED_AT);
    writeWhole(sessions('a.jsonl'), linesOf([message(5), message(2)]));
    kept.refresh();
    metrics.update(REFRESHED_AT);
    expect(tokens(metrics)).toBe(5);
    await clock.advance(5_000);
    metrics.update(REFRESHED_AT);
    expect([tokens(metrics), metrics.version]).toEqual([7, 2]);
    await clock.advance(5_000);
    metrics.update(REFRESHED_AT);
    expect(metrics.version).toBe(2);
    ledger.close();
  });

  test('go on after a restart without digests, and after everything was deleted meanwhile', () => {
    const first = life();
    first.metrics.update(REFRESHED_AT);
    first.ledger.close();
    writeWhole(sessions('a.jsonl'), linesOf([message(5), message(2)]));

    const second = life();
    second.metrics.update(REFRESHED_AT);
    expect(tokens(second.metrics)).toBe(7);
    second.ledger.close();
    rmSync(sessions('a.jsonl'));

    const third = life();
    third.metrics.update(REFRESHED_AT);
    expect(tokens(third.metrics)).toBe(7);
    third.ledger.close();
    writeWhole(sessions('b.jsonl'), linesOf([message(3)]));

    const fourth = life();
    fourth.metrics.update(REFRESHED_AT);
    expect(tokens(fourth.metrics)).toBe(10);
    fourth.ledger.close();
  });

  test('count a session once that gets its entry, and so its channel, later', async () => {
    const { metrics, kept, ledger } = life();
    metrics.update(REFRESHED_AT);
    writeJson(sessions(), 'sessions.json', { 'agent:main:telegram:direct:1': { sessionId: 'a', channel: 'telegram' } });
    writeWhole(sessions('a.jsonl'), linesOf([message(5), message(2)]));
    kept.refresh();
    await clock.advance(5_000);
    metrics.update(REFRESHED_AT);
    expect([tokens(metrics), tokens(metrics, 'telegram')]).toEqual([5, 2]);
    ledger.close();
  });

  test('are not shown before the ledger has them', async () => {
    renameSync(data, `${data}-away`);
    writeWhole(data, 'no directory');
    const { metrics, ledger } = life();
    metrics.update(REFRESHED_AT);
    expect(metrics.text).toBe('');
    rmSync(data);
    renameSync(`${data}-away`, data);
    await clock.advance(5_000);
    metrics.update(REFRESHED_AT);
    expect(tokens(metrics)).toBe(5);
    ledger.close();
  });
});
