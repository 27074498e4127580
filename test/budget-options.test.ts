import { describe, expect, test } from 'vitest';
import { budgets } from '../src/budget-options.ts';
import { Mismatch } from '../src/option-kinds.ts';

const least = { name: 'all', per: 'month', limit: { usd: 50 } };
const NOTHING = { agent: [], channel: [], kind: [], provider: [], model: [] };

function refusal(input: unknown): string {
  try {
    budgets(input);
  } catch (error) {
    expect(error).toBeInstanceOf(Mismatch);
    const { at, expected, came } = error as Mismatch;
    return `${at}: ${expected}; ${JSON.stringify(came)}`;
  }
  throw new Error('was accepted');
}

test('a budget is for everything unless it names something, and tells at 50, 80 and 100 %', () => {
  expect(budgets([least])).toEqual([
    { name: 'all', filters: NOTHING, per: 'month', unit: 'usd', limit: 50, thresholds: [50, 80, 100] },
  ]);
});

test('filters are names or lists of them, thresholds in any order', () => {
  const given = { ...least, agent: 'ops', model: ['m2', 'm1', 'm2'], limit: { tokens: 9 }, thresholds: [100, 90, 90] };
  expect(budgets([given])).toEqual([
    {
      name: 'all',
      filters: { ...NOTHING, agent: ['ops'], model: ['m1', 'm2'] },
      per: 'month',
      unit: 'tokens',
      limit: 9,
      thresholds: [90, 100],
    },
  ]);
});

describe('what is refused says where it is, what was expected and what came', () => {
  test.each([
    [{}, ': a list of at most 64 budgets; {}'],
    [[7], '[0]: an object; 7'],
    [
      [{ ...least, agents: 'x' }],
      '[0]: one of name, agent, channel, kind, provider, model, per, limit, thresholds; "agents"',
    ],
    [[{ ...least, name: ' ' }], '[0].name: a name of at most 64 characters; " "'],
    [[least, { ...least }], '[1].name: a name that no other budget has; "all"'],
    [[{ ...least, agent: [] }], '[0].agent: 1 to 64 names; []'],
    [[{ ...least, model: ['a', 3] }], '[0].model: a name; 3'],
    [
      [{ ...least, kind: 'grup' }],
      '[0].kind: one of "main", "direct", "group", "cron", "subagent", "global", "topic", "orphan", "other"; "grup"',
    ],
    [[{ ...least, per: 'year' }], '[0].per: one of "day", "week", "month"; "year"'],
    [[{ ...least, limit: 50 }], '[0].limit: either { usd } with a number above 0, or { tokens } with a whole one; 50'],
    [[{ ...least, limit: {} }], '[0].limit: either { usd } with a number above 0, or { tokens } with a whole one; {}'],
    [
      [{ ...least, limit: { usd: 1, tokens: 1 } }],
      '[0].limit: either { usd } with a number above 0, or { tokens } with a whole one; {"usd":1,"tokens":1}',
    ],
    [
      [{ ...least, limit: { tokens: 1.5 } }],
      '[0].limit: either { usd } with a number above 0, or { tokens } with a whole one; {"tokens":1.5}',
    ],
    [[{ ...least, thresholds: [] }], '[0].thresholds: 1 to 10 whole numbers of percent, from 1 to 1000; []'],
    [[{ ...least, thresholds: [0] }], '[0].thresholds: 1 to 10 whole numbers of percent, from 1 to 1000; [0]'],
  ])('%j', (input, message) => {
    expect(refusal(input)).toBe(message);
  });
});
