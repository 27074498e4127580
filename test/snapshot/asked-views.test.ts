import { describe, expect, test } from 'vitest';
import { pack } from '../../src/compute/envelope.ts';
import { type AskedAnswer, AskedViews } from '../../src/snapshot/asked-views.ts';
import type { ViewAnswer } from '../../src/snapshot/keeper-calls.ts';
import type { SnapshotHead } from '../../src/snapshot/shapes.ts';
import { MIB } from '../../src/units.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const DEADLINE = 250;
const QUARTER = 900_000;

const headOf = (id: string): SnapshotHead => ({
  id,
  builtAt: NOON,
  verifiedAt: NOON,
  staleAt: NOON + 30_000,
  state: 'fresh',
  refreshing: false,
  coverage: { transcripts: 1, pending: 0, failed: 0, retained: 0, bytes: 1 },
});
const [FIRST, SECOND] = [headOf('k.1'), headOf('k.2')];

const rendering = (content: string): ViewAnswer => ({
  kind: 'rendering',
  rendering: pack(`"${content}"`, [Buffer.from(content), Buffer.from('deflated')]),
});

/** A keeper that answers when told to. */
class Questions {
  readonly #waiting: { resolve: (answer: ViewAnswer) => void; reject: (error: Error) => void }[] = [];
  asked = 0;

  readonly ask = (): Promise<ViewAnswer> => {
    this.asked++;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  };

  async answer(answer: ViewAnswer): Promise<void> {
    this.#waiting.shift()?.resolve(answer);
    await settled();
  }

  async fail(): Promise<void> {
    this.#waiting.shift()?.reject(new Error('the thread ended'));
    await settled();
  }
}

function setUp(cap = MIB) {
  const clock = new ManualClock(NOON);
  return { clock, views: new AskedViews(clock, DEADLINE, cap), questions: new Questions() };
}

const contentOf = (answer: AskedAnswer) =>
  answer.kind === 'ready' ? `${Buffer.from(answer.view.rest)}${answer.outdated ? ' outdated' : ''}` : answer.kind;

describe('a view that is asked for', () => {
  test('is answered with its rendering, and is ready from then on for this state', async () => {
    const { views, questions } = setUp();
    expect(views.ready('a', 'g1')).toBeUndefined();
    const asked = views.ask('a', 'g1', FIRST, questions.ask);
    await questions.answer(rendering('one'));
    expect(await asked).toEqual({ kind: 'ready', view: views.ready('a', 'g1'), outdated: false, head: FIRST });
    expect(views.ready('a', 'g1')?.etag).toBe('"one"');
    expect(views.ready('a', 'g2')).toBeUndefined();
    expect(views.ready('b', 'g1')).toBeUndefined();
  });

  test('by many at once is asked for once', async () => {
    const { views, questions } = setUp();
    const asked = [1, 2, 3].map(() => views.ask('a', 'g1', FIRST, questions.ask));
    const other = views.ask('b', 'g1', FIRST, questions.ask);
    expect(questions.asked).toBe(2);
    await questions.answer(rendering('one'));
    await questions.answer(rendering('other'));
    expect((await Promise.all(asked)).map(contentOf)).toEqual(['one', 'one', 'one']);
    expect(contentOf(await other)).toBe('other');
  });

  test('of another state is another question', async () => {
    const { views, questions } = setUp();
    const [first, second] = [views.ask('a', 'g1', FIRST, questions.ask), views.ask('a', 'g2', SECOND, questions.ask)];
    expect(questions.asked).toBe(2);
    await questions.answer(rendering('one'));
    await questions.answer(rendering('two'));
    expect([contentOf(await first), contentOf(await second)]).toEqual(['one', 'two']);
  });

  test('too late is pending when nothing was rendered before, and is kept for the next who asks', async () => {
    const { clock, views, questions } = setUp();
    const asked = views.ask('a', 'g1', FIRST, questions.ask);
    await clock.advance(DEADLINE);
    expect(await asked).toEqual({ kind: 'pending' });
    await questions.answer(rendering('late'));
    expect(views.ready('a', 'g1')?.etag).toBe('"late"');
    expect(clock.pending).toEqual([]);
  });

  test('while its question flies joins it, with a deadline of its own', async () => {
    const { clock, views, questions } = setUp();
    const first = views.ask('a', 'g1', FIRST, questions.ask);
    await clock.advance(DEADLINE - 1);
    const second = views.ask('a', 'g1', FIRST, questions.ask);
    await clock.advance(1);
    expect(contentOf(await first)).toBe('pending');
    await questions.answer(rendering('one'));
    expect(contentOf(await second)).toBe('one');
    expect(questions.asked).toBe(1);
  });

  test('too late is the newest earlier rendering, with the head of its own moment', async () => {
    const { clock, views, questions } = setUp();
    const first = views.ask('a', 'g1', FIRST, questions.ask);
    await questions.answer(rendering('one'));
    await first;
    const second = views.ask('a', 'g2', SECOND, questions.ask);
    await clock.advance(DEADLINE);
    const answer = await second;
    expect(contentOf(answer)).toBe('one outdated');
    expect(answer).toMatchObject({ head: FIRST });
  });

  test.each(['unavailable', 'failed'])('and %s is the earlier rendering, else pending', async (how) => {
    const { views, questions } = setUp();
    const end = () => (how === 'failed' ? questions.fail() : questions.answer({ kind: 'unavailable' }));
    const first = views.ask('a', 'g1', FIRST, questions.ask);
    await end();
    expect(contentOf(await first)).toBe('pending');
    const second = views.ask('a', 'g1', FIRST, questions.ask);
    await questions.answer(rendering('one'));
    await second;
    const third = views.ask('a', 'g2', SECOND, questions.ask);
    await end();
    expect(contentOf(await third)).toBe('one outdated');
  });

  test('that cannot be is an error, and nothing of it is kept', async () => {
    const { views, questions } = setUp();
    const asked = views.ask('a', 'g1', FIRST, questions.ask);
    await questions.answer({ kind: 'error', code: 'session_not_found', detail: 'no session x' });
    const answer = await asked;
    expect(answer).toMatchObject({ kind: 'error', error: { code: 'session_not_found', message: 'no session x' } });
    expect(views.entries).toBe(0);
  });

  test('is asked for again in the next quarter hour, whose windows may be others', async () => {
    const { clock, views, questions } = setUp();
    const first = views.ask('a', 'g1', FIRST, questions.ask);
    await questions.answer(rendering('one'));
    await first;
    await clock.advance(QUARTER - 1);
    expect(views.ready('a', 'g1')).toBeDefined();
    await clock.advance(1);
    expect(views.ready('a', 'g1')).toBeUndefined();
    const second = views.ask('a', 'g1', FIRST, questions.ask);
    expect(questions.asked).toBe(2);
    await questions.answer(rendering('two'));
    expect(contentOf(await second)).toBe('two');
  });
});

describe('the renderings kept', () => {
  test('stay under their bound, the ones longest not asked for go first', async () => {
    const { views, questions } = setUp(4000);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const asked = views.ask(key, 'g1', FIRST, questions.ask);
      await questions.answer(rendering('x'.repeat(500)));
      expect(contentOf(await asked)).toHaveLength(500);
      expect(views.bytes).toBeLessThanOrEqual(4000);
    }
    expect(views.entries).toBe(3);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].filter((key) => views.ready(key, 'g1') !== undefined)).toEqual([
      'd',
      'e',
      'f',
    ]);
  });

  test('are none of those larger than the bound, which are answered all the same', async () => {
    const { views, questions } = setUp(1000);
    const asked = views.ask('a', 'g1', FIRST, questions.ask);
    await questions.answer(rendering('x'.repeat(5000)));
    expect(contentOf(await asked)).toHaveLength(5000);
    expect(views.entries).toBe(0);
  });

  test('is let go of when the bound changes, answered all the same under none, and kept again under another', async () => {
    const { views, questions } = setUp();
    const ask = async (content: string) => {
      const answer = views.ask('a', 'k.1', FIRST, questions.ask);
      await questions.answer(rendering(content));
      return contentOf(await answer);
    };
    await ask('one');
    expect(views.ready('a', 'k.1')).toBeDefined();
    views.resize(0);
    expect([views.entries, views.bytes, views.ready('a', 'k.1')]).toEqual([0, 0, undefined]);
    expect(await ask('two')).toBe('two');
    expect([views.entries, views.ready('a', 'k.1')]).toEqual([0, undefined]);
    views.resize(MIB);
    expect(await ask('three')).toBe('three');
    expect(views.entries).toBe(1);
  });
});
