import { describe, expect, test } from 'vitest';
import { pack } from '../../src/compute/envelope.ts';
import type { ReadAnswer, ReadTask } from '../../src/compute/session-read.ts';
import { ClawgaugeError } from '../../src/errors.ts';
import type { LocateAnswer } from '../../src/snapshot/keeper-calls.ts';
import type { ReadQuery } from '../../src/snapshot/read-query.ts';
import { type ReadOutcome, SessionReads } from '../../src/snapshot/session-reads.ts';
import { MIB } from '../../src/units.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

const PATIENCE = 250;
const query: ReadQuery = {
  target: { groupBy: 'family', key: 'agent:main:main', agent: null },
  ask: { view: 'timeseries', form: 'v1', points: 200 },
};
const another: ReadQuery = { ...query, ask: { view: 'timeseries', form: 'v1', points: 7 } };

type Task = Omit<ReadTask, 'within'>;

function setUp(cap = MIB) {
  const clock = new ManualClock(Date.parse('2026-11-22T12:00:00Z'));
  const tasks: { task: Task; answer: (packed: Uint8Array) => void; fail: (error: Error) => void }[] = [];
  const keeper = { stamps: ['s1'], about: 'these', answer: null as LocateAnswer | null };
  const means = {
    clock,
    locate: async (): Promise<LocateAnswer> =>
      keeper.answer ?? {
        kind: 'plan',
        plan: { about: keeper.about, stamps: keeper.stamps, request: new Uint8Array(1) },
      },
    read: (task: Task) =>
      new Promise<Uint8Array>((answer, fail) => {
        tasks.push({ task, answer, fail });
      }),
  };
  const reads = new SessionReads(means, cap);
  const ask = (what = query, signal = new AbortController().signal) => reads.ask(what, PATIENCE, signal);
  const answer = async (header: ReadAnswer, content = 'figures') => {
    tasks.at(-1)?.answer(pack(header, [Buffer.from(content), Buffer.from('deflated')]));
    await settled();
  };
  return { clock, keeper, tasks, reads, ask, answer };
}

const read = (stamps: readonly string[], partial = false): ReadAnswer => ({
  kind: 'read',
  etag: 'W/"1"',
  stamps,
  partial,
});

const contentOf = (outcome: ReadOutcome) =>
  outcome.kind === 'ready' ? Buffer.from(outcome.view.rest).toString() : outcome.kind;

describe('what was read', () => {
  test('is kept while the transcripts have the stamps that it was read at', async () => {
    const { keeper, tasks, ask, answer, reads } = setUp();
    const first = ask();
    await settled();
    await answer(read(['s1']));
    expect(contentOf(await first)).toBe('figures');
    expect(contentOf(await ask())).toBe('figures');
    expect(tasks).toHaveLength(1);
    expect(reads.entries).toBe(1);

    keeper.stamps = ['s2'];
    const grown = ask();
    await settled();
    expect(tasks[1]?.task.known).toEqual(['s1']);
    await answer(read(['s2']), 'others');
    expect(contentOf(await grown)).toBe('others');
  });

  test('is looked at once where the keeper knows of other stamps than those that were read', async () => {
    const { tasks, ask, answer } = setUp();
    const first = ask();
    await settled();
    await answer(read(['s0, which the keeper has not seen yet']));
    await first;
    const second = ask();
    await settled();
    expect(tasks).toHaveLength(2);
    await answer({ kind: 'unchanged' });
    expect(contentOf(await second)).toBe('figures');
  });

  test('says nothing about other transcripts, prices or names', async () => {
    const { keeper, tasks, ask, answer } = setUp();
    const first = ask();
    await settled();
    await answer(read(['s1']));
    await first;
    keeper.about = 'others';
    void ask();
    await settled();
    expect(tasks[1]?.task.known).toBeNull();
  });

  test('is read again after a while where there was no time for all', async () => {
    const { clock, tasks, ask, answer } = setUp();
    const first = ask();
    await settled();
    await answer(read(['s1'], true));
    expect(await first).toMatchObject({ partial: true });
    expect(await ask()).toMatchObject({ partial: true });
    expect(tasks).toHaveLength(1);
    await clock.advance(30_000);
    void ask();
    await settled();
    expect(tasks).toHaveLength(2);
  });

  test('is there for who was told to ask again, also where nothing is kept', async () => {
    const { clock, tasks, ask, answer, reads } = setUp(0);
    const first = ask();
    await clock.advance(PATIENCE);
    expect(await first).toEqual({ kind: 'pending' });
    await answer(read(['s1']));
    expect(contentOf(await ask())).toBe('figures');
    expect(tasks).toHaveLength(1);
    expect(reads.entries).toBe(0);
    await clock.advance(30_000);
    void ask();
    await settled();
    expect(tasks).toHaveLength(2);
  });
});

describe('a reading', () => {
  test('is one for all who ask the same', async () => {
    const { tasks, ask, answer } = setUp();
    const all = [ask(), ask(), ask()];
    await settled();
    expect(tasks).toHaveLength(1);
    await answer(read(['s1']));
    expect((await Promise.all(all)).map(contentOf)).toEqual(['figures', 'figures', 'figures']);
  });

  test('goes on at most one at a time', async () => {
    const { tasks, ask, answer } = setUp();
    const [first, second] = [ask(), ask(another)];
    await settled();
    expect(tasks).toHaveLength(1);
    await answer(read(['s1']), 'first');
    expect(tasks).toHaveLength(2);
    await answer(read(['s1']), 'second');
    expect([contentOf(await first), contentOf(await second)]).toEqual(['first', 'second']);
  });

  test('is refused where too many wait for theirs', async () => {
    const { ask } = setUp();
    const outcomes = Array.from({ length: 20 }, (_, points) =>
      ask({ ...query, ask: { view: 'timeseries', form: 'v1', points } }),
    );
    const refused = await Promise.race(outcomes);
    expect(refused).toMatchObject({ kind: 'error', error: { code: 'too_many_requests' } });
  });

  test('is given up when the last who waits has left, and begun anew for who comes then', async () => {
    const { tasks, ask, answer } = setUp();
    const [one, two] = [new AbortController(), new AbortController()];
    const asked = [ask(query, one.signal), ask(query, two.signal)];
    await settled();
    const stop = tasks[0]?.task.stop as Int32Array;
    one.abort();
    await settled();
    expect(stop[0]).toBe(0);
    two.abort();
    expect((await Promise.all(asked)).map(contentOf)).toEqual(['pending', 'pending']);
    expect(stop[0]).toBe(1);
    const next = ask();
    await answer({ kind: 'stopped' });
    expect(tasks).toHaveLength(2);
    await answer(read(['s1']));
    expect(contentOf(await next)).toBe('figures');
  });

  test('is not even begun for who has left', async () => {
    const { tasks, ask } = setUp();
    expect(contentOf(await ask(query, AbortSignal.abort()))).toBe('pending');
    await settled();
    expect(tasks[0]?.task.stop[0]).toBe(1);
  });

  test('goes on for who was told to ask again', async () => {
    const { clock, tasks, ask } = setUp();
    const left = new AbortController();
    const first = ask(query, left.signal);
    await clock.advance(PATIENCE);
    expect(await first).toEqual({ kind: 'pending' });
    left.abort();
    await settled();
    expect(tasks[0]?.task.stop[0]).toBe(0);
  });
});

describe('what cannot be read', () => {
  test.each([
    [{ kind: 'error', code: 'session_not_found', detail: 'no session' }, 'session_not_found'],
    [{ kind: 'unavailable' }, 'pending'],
  ] as const)('is told as the keeper tells it: %o', async (locates, expected) => {
    const { keeper, ask } = setUp();
    keeper.answer = locates;
    const outcome = await ask();
    expect(outcome.kind === 'error' ? outcome.error.code : outcome.kind).toBe(expected);
  });

  test('is told as the scan thread tells it, and is no reason not to try again', async () => {
    const { tasks, ask, answer } = setUp();
    const first = ask();
    await settled();
    await answer({ kind: 'error', code: 'transcript_unreadable', detail: 'EACCES' });
    expect(await first).toMatchObject({ kind: 'error', error: { code: 'transcript_unreadable', message: 'EACCES' } });
    void ask();
    await settled();
    expect(tasks).toHaveLength(2);
  });

  test('is an error of the catalogue also where the thread ended', async () => {
    const { tasks, ask } = setUp();
    const [first, second] = [ask(), ask(another)];
    await settled();
    tasks[0]?.fail(new ClawgaugeError('task_overran', 'read: expected an end'));
    expect(await first).toMatchObject({ kind: 'error', error: { code: 'task_overran' } });
    await settled();
    tasks[1]?.fail(new Error('something else'));
    expect(await second).toMatchObject({ kind: 'error', error: { code: 'internal' } });
  });
});
