import { describe, expect, test } from 'vitest';
import { matchesCombination, matchesFiling, modelFilterOf } from '../../src/snapshot/filters.ts';
import type { Filters } from '../../src/snapshot/query.ts';

const filters = (some: Partial<Filters> = {}): Filters => ({
  agent: [],
  channel: [],
  kind: [],
  provider: [],
  model: [],
  ...some,
});
const combination = {
  agent: 'ops',
  channel: 'none',
  kind: 'cron',
  role: 'assistant',
  provider: 'acme',
  model: null,
} as const;

describe('filters', () => {
  test.each<[Partial<Filters>, boolean]>([
    [{}, true],
    [{ agent: ['main', 'ops'] }, true],
    [{ agent: ['main'] }, false],
    [{ agent: ['Ops'] }, false],
    [{ channel: ['none'] }, true],
    [{ kind: ['cron'], provider: ['acme'] }, true],
    [{ kind: ['cron'], provider: ['other'] }, false],
    [{ model: ['none'] }, true],
    [{ model: ['null'] }, false],
    [{ provider: ['none'] }, false],
  ])('%o', (some, expected) => {
    expect(matchesCombination(filters(some), combination)).toBe(expected);
  });

  test('of models are no matter of where a session is filed', () => {
    expect(matchesFiling(filters({ provider: ['other'], model: ['x'] }), combination)).toBe(true);
    expect(matchesFiling(filters({ channel: ['x'] }), combination)).toBe(false);
  });

  test('restrict models only where they name some', () => {
    expect(modelFilterOf(filters({ agent: ['x'] }))).toBeNull();
    const ofNone = modelFilterOf(filters({ provider: ['none'] }));
    expect(ofNone?.({ role: 'user', provider: null, model: 'm' })).toBe(true);
    expect(ofNone?.({ role: 'user', provider: 'none', model: 'm' })).toBe(true);
    expect(ofNone?.({ role: 'user', provider: 'acme', model: 'm' })).toBe(false);
  });
});
