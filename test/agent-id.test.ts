import { describe, expect, it } from 'vitest';
import { normalizeAgentId } from '../src/agent-id.ts';

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
