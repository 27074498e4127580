/** The answer of /v1/usage, held against the oracle: whole, and for any question. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { usageQuery } from '../../src/snapshot/query.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { usageAnswer } from '../oracle/answer.ts';
import { readStateDir, type StoredSession } from '../oracle/sessions.ts';
import { attempt, expectEqual, oracleQuery } from '../support/answers.ts';
import { linesOf } from '../support/fold-text.ts';
import { type KeptStore, keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { seededRandom } from '../support/random.ts';
import { randomQuestion } from '../support/random-question.ts';
import { BUSY_MOMENTS, randomStore, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const STORES = 10;
const QUESTIONS = 100;

describe('the whole answer equals the oracle', () => {
  test.each(Array.from({ length: STORES }, (_, seed) => seed))('for random questions about random store %d', (seed) => {
    const directory = randomStore(seed);
    // One store has a transcript too long for exact latencies, and more models than a split shows by themselves.
    if (seed === 0) writeWhole(join(directory, 'agents/ops/sessions/long.jsonl'), longTranscript());
    expectAnswers(keptStore(directory), readStateDir(directory), seed);
  });

  test('for names that run together, are empty, or are JavaScript’s own', () => {
    const names = [null, '', 'a', 'b\n', 'a\n=b', '=b', 'a=b', '0 ', '1 a', 'none', '__proto__', 'null', '\u2028'];
    const lines = names.flatMap((provider) =>
      names.map((model) => ({
        timestamp: '2026-11-22T10:00:00Z',
        message: { role: 'assistant', provider, model, toolName: model, usage: { input: 1 } },
      })),
    );
    const directory = temporaryStateDir();
    writeWhole(join(directory, 'agents/main/sessions/a.jsonl'), linesOf(lines));
    const { keeper } = keptStore(directory);
    const query = usageQuery({ timeZone: 'UTC', range: 'all' }, {}, 'model');
    const answer = usageView(keeper, query, REFRESHED_AT);
    expectEqual(answer, usageAnswer(readStateDir(directory), oracleQuery(query), REFRESHED_AT), query);
    expect(answer.byModel).toHaveLength(names.length ** 2);
  });

  test('for a service without any activity', () => {
    const directory = temporaryStateDir();
    expectAnswers(keptStore(directory), [], 1);
  });
});

function expectAnswers({ keeper }: KeptStore, sessions: StoredSession[], seed: number): void {
  const rnd = seededRandom(seed);
  for (let number = 0; number < QUESTIONS; number++) {
    const { window, filters, split, now } = randomQuestion(rnd);
    const query = usageQuery(window, filters, split);
    const actual = attempt(() => usageView(keeper, query, now));
    const expected = attempt(() => usageAnswer(sessions, oracleQuery(query), now));
    expectEqual(actual, expected, { query, now });
  }
}

/** 2,200 answers of 20 models within a few hours. */
function longTranscript(): string {
  const start = BUSY_MOMENTS[0] as number;
  const lines = Array.from({ length: 2200 }, (_, at) => ({
    timestamp: new Date(start + at * 7919).toISOString(),
    message: {
      role: at % 100 === 0 ? 'user' : 'assistant',
      provider: 'many',
      model: `m${at % 20}`,
      usage: { input: at, output: 1, cost: { total: (at % 13) / 100 } },
    },
  }));
  return linesOf(lines);
}
