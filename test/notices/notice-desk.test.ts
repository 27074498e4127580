import { describe, expect, test } from 'vitest';
import type { DeliveryResult, Due, NoticesState, Outcome } from '../../src/notices/notice.ts';
import { NoticeDesk } from '../../src/notices/notice-desk.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

const NOW = 1_000_000;
const TARGETS = [
  { kind: 'webhook', url: 'https://hooks.example.com/a-secret-path', secret: null },
  { kind: 'command', command: ['/usr/bin/notify', '--hard'] },
] as const;
const TAKEN: DeliveryResult = { error: null, final: false };
const waitingFor = (nextAt: number | null): NoticesState => ({ waiting: nextAt === null ? 0 : 1, failed: 0, nextAt });

function desk(targets: readonly (typeof TARGETS)[number][] = TARGETS) {
  const clock = new ManualClock(NOW);
  const seen = {
    dues: [{ id: 'm', target: 0, body: '{}' }] as Due[],
    results: [TAKEN] as DeliveryResult[] | Promise<DeliveryResult[]> | Error,
    after: waitingFor(null) as NoticesState | null,
    sent: [] as unknown[],
    settled: [] as Outcome[],
    attempted: [] as unknown[],
    closed: false,
  };
  const it = new NoticeDesk({
    clock,
    targets,
    version: '1.2.3',
    due: async () => seen.dues,
    settle: async (outcomes) => {
      seen.settled.push(...outcomes);
      return seen.after;
    },
    sender: {
      send: async (deliveries) => {
        seen.sent.push(...deliveries);
        if (seen.results instanceof Error) throw seen.results;
        return seen.results;
      },
      close: async () => {
        seen.closed = true;
      },
    },
    attempted: (...attempt) => seen.attempted.push(attempt),
  });
  return { clock, seen, it };
}

describe('a notice', () => {
  test('is sent when it is due, and what became of it is told', async () => {
    const { clock, seen, it } = desk();
    it.follow(waitingFor(NOW + 500));
    await clock.advance(499);
    expect(seen.sent).toEqual([]);
    await clock.advance(1);
    expect(seen.sent).toEqual([{ id: 'm', target: TARGETS[0], body: '{}', version: '1.2.3' }]);
    expect(seen.settled).toEqual([{ id: 'm', target: 0, error: null, final: false }]);
    expect(seen.attempted).toEqual([['https://hooks.example.com', null]]);
    expect(it.status()).toEqual({ targets: 2, waiting: 0, failed: 0, lastError: null });
  });

  test('that failed is sent again when the keeper says so; where and why is said without the path', async () => {
    const { clock, seen, it } = desk();
    seen.results = [{ error: 'answered 500', final: false }];
    seen.after = waitingFor(NOW + 5_000);
    it.follow(waitingFor(NOW));
    await clock.advance(0);
    const lastError = { at: NOW, target: 'https://hooks.example.com', detail: 'answered 500' };
    expect(it.status()).toEqual({ targets: 2, waiting: 1, failed: 0, lastError });
    seen.results = [TAKEN];
    seen.after = waitingFor(null);
    await clock.advance(5_000);
    expect(seen.sent).toHaveLength(2);
    expect(it.status()).toEqual({ targets: 2, waiting: 0, failed: 0, lastError });
  });

  test('whose thread came to grief counts as failed', async () => {
    const { clock, seen, it } = desk();
    seen.results = new Error('a thread ended');
    it.follow(waitingFor(NOW));
    await clock.advance(0);
    expect(seen.settled).toMatchObject([{ error: 'a thread ended', final: false }]);
  });

  test('is not sent twice because another refresh ends while it is sent', async () => {
    const { clock, seen, it } = desk();
    let answer: (results: DeliveryResult[]) => void = () => {};
    seen.results = new Promise((resolve) => {
      answer = resolve;
    });
    it.follow(waitingFor(NOW));
    await clock.advance(0);
    it.follow(waitingFor(NOW));
    await clock.advance(1_000);
    answer([TAKEN]);
    await settled();
    expect(seen.sent).toHaveLength(1);
  });
});

test('after its end nothing is sent, and nothing said of what was under way', async () => {
  const { clock, seen, it } = desk();
  it.follow(waitingFor(NOW + 5));
  await it.close();
  await clock.advance(1_000);
  expect(seen).toMatchObject({ sent: [], settled: [], attempted: [], closed: true });
});

test('without targets there is nothing to say', () => {
  expect(desk([]).it.status()).toBeNull();
});
