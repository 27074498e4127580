import { describe, expect, it, test } from 'vitest';
import { normalizeAgentId, placeOf, plainAgent, qualifiedAgent } from '../src/agent-id.ts';

describe('normalising an agent id', () => {
  it.each([
    ['Ops', 'ops'],
    [' night-shift ', 'night-shift'],
    ['home lab!', 'home-lab'],
    ['--x--', 'x'],
    ['', 'main'],
    ['???', 'main'],
    ['é', 'main'],
    ['_a', '_a'],
    ['a'.repeat(70), 'a'.repeat(64)],
  ])('makes %j %j', (name, id) => {
    expect(normalizeAgentId(name)).toBe(id);
  });
});

test('an id is qualified by the place of its state directory, and told apart again', () => {
  expect([qualifiedAgent('main', null), qualifiedAgent('main', 'work')]).toEqual(['main', 'main@work']);
  expect(['main', 'main@work'].map(plainAgent)).toEqual(['main', 'main']);
  expect(['main', 'main@work'].map(placeOf)).toEqual([null, 'work']);
});
