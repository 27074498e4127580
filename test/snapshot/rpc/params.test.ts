/** What a call is about, and what the gateway of its dialect refuses. */
import { describe, expect, test } from 'vitest';
import { agentRoster } from '../../../src/compute/agent-roster.ts';
import type { Dialect } from '../../../src/snapshot/rpc/answer.ts';
import { understand } from '../../../src/snapshot/rpc/params.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

function asked(method: string, params: unknown, eras: Record<string, Dialect>, ids = Object.keys(eras)) {
  const roster = agentRoster(
    ids.map((id) => ({ id, marked: undefined })),
    undefined,
  );
  const understood = understand(method, params, { context: { roster, eras }, gatewayZone: 'UTC', now });
  if (understood === null) return null;
  if ('query' in understood) return understood.query;
  return understood.refusal.ok ? null : understood.refusal.error.message;
}

describe('where every agent is of 2026.5', () => {
  const eras = { ops: '2026.5', main: '2026.5' } as const;
  const ask = (method: string, params: unknown) => asked(method, params, eras);

  test.each([
    ['usage.cost', {}, ['main']],
    ['usage.cost', { agentId: 'ops' }, ['main']],
    ['sessions.usage', {}, ['ops']],
    ['sessions.usage', { agentId: ' Main ' }, ['main']],
    ['sessions.usage', { key: 'agent:main:slack:direct:1' }, ['main']],
    ['sessions.usage', { agentId: 'nobody' }, ['nobody']],
  ])('%s %j is about %j', (method, params, agents) => {
    expect(ask(method, params)).toMatchObject({ dialect: '2026.5', agents });
  });

  test.each([
    [{ agentId: 'ops', key: 'agent:main:main' }, 'session key agent does not match agentId'],
    [{ agentScope: 'all' }, "invalid sessions.usage params: at root: unexpected property 'agentScope'"],
    [{ days: 3 }, "invalid sessions.usage params: at root: unexpected property 'days'"],
  ])('sessions.usage %j is refused', (params, message) => {
    expect(ask('sessions.usage', params)).toBe(message);
  });

  test('a family is asked for in either way', () => {
    expect(ask('sessions.usage', { groupBy: 'instance', includeHistorical: true })).toMatchObject({
      groupBy: 'family',
    });
  });
});

describe('where there are several state directories', () => {
  const earlier = { main: '2026.5', 'main@work': '2026.5' } as const;
  const later = { main: '2026.9', 'main@work': '2026.9', 'ops@work': '2026.9' } as const;

  test.each([
    [earlier, { agentId: 'main@work' }, ['main@work']],
    [earlier, { key: 'agent:main@work:slack:direct:1' }, ['main@work']],
    [earlier, { key: 'agent:main:slack:direct:1', agentId: 'Main@Work' }, ['main@work']],
    [earlier, { key: 'agent:main:slack:direct:1' }, ['main']],
    [earlier, { agentId: 'main@nowhere' }, ['main-nowhere']],
    [later, { agentScope: 'all' }, ['main', 'main@work', 'ops@work']],
    [later, { agentId: 'ops@work' }, ['ops@work']],
    [later, { key: 'agent:main:main', agentId: 'main@work' }, ['main@work']],
  ] as const)('%j: sessions.usage %j is about %j', (eras, params, agents) => {
    expect(askedOf(eras, params)).toMatchObject({ agents });
  });

  function askedOf(eras: Record<string, Dialect>, params: unknown) {
    const roster = { configured: Object.keys(eras), defaultAgent: 'main', impliedOwner: 'main' };
    const understood = understand('sessions.usage', params, { context: { roster, eras }, gatewayZone: 'UTC', now });
    return understood !== null && 'query' in understood ? understood.query : understood;
  }
});

describe('where every agent is of 2026.9', () => {
  const eras = { main: '2026.9', ops: '2026.9' } as const;
  const ask = (method: string, params: unknown) => asked(method, params, eras);

  test.each([
    ['usage.cost', { agentScope: 'all' }, ['main', 'ops']],
    ['usage.cost', { agentId: 'ops' }, ['ops']],
    ['sessions.usage', { agentScope: 'all' }, ['main', 'ops']],
    ['sessions.usage', { key: 'agent:ops:main' }, ['ops']],
    ['sessions.usage', { key: 'main', agentId: 'ops' }, ['ops']],
  ])('%s %j is about %j', (method, params, agents) => {
    expect(ask(method, params)).toMatchObject({ dialect: '2026.9', agents });
  });

  const several =
    'Multiple agents are configured, but session key "main" has no explicit owner. Pass agentId or use an agent-prefixed session key.';
  test.each([
    ['sessions.usage', {}, several],
    ['usage.cost', {}, several],
    ['usage.cost', { agentScope: 'all', agentId: 'ops' }, 'agentScope=all cannot be combined with agentId'],
    ['sessions.usage', { agentScope: 'all', key: 'main' }, 'agentScope=all cannot be combined with key or agentId'],
    [
      'sessions.usage',
      { key: 'agent:ops:main', agentId: 'main' },
      'agent "main" does not match session key agent "ops"',
    ],
    ['sessions.usage', { key: 'main', agentId: 'nobody' }, 'Unknown agent id "nobody"'],
    ['sessions.usage', { key: 'agent:ops' }, 'malformed session key "agent:ops"'],
    [
      'sessions.usage',
      { agentScope: 'all', startDate: '2026-01-01' },
      'startDate and endDate must be provided together',
    ],
    ['sessions.usage.logs', {}, 'key is required for logs'],
  ])('%s %j is refused', (method, params, message) => {
    expect(ask(method, params)).toBe(message);
  });

  test('an only agent is meant where none is named', () => {
    expect(asked('sessions.usage', {}, { solo: '2026.9' })).toMatchObject({ agents: ['solo'] });
  });

  test('all agents are those that have a store where none is configured', () => {
    expect(asked('usage.cost', { agentScope: 'all' }, eras, [])).toMatchObject({ agents: ['main', 'ops'] });
  });
});

describe('where agents are of either', () => {
  const eras = { main: '2026.5', ops: '2026.9' } as const;

  test.each([
    [{ agentId: 'main' }, '2026.5'],
    [{ key: 'agent:main:main' }, '2026.5'],
    [{ agentId: 'ops' }, '2026.9'],
    [{ agentScope: 'all' }, '2026.9'],
    [{ agentId: 'nobody' }, '2026.9'],
  ])('%j is answered in the dialect of %s', (params, dialect) => {
    expect(asked('sessions.usage', params, eras)).toMatchObject({ dialect });
  });
});

test('a method that there is not is nothing', () => {
  expect(asked('sessions.list', {}, { main: '2026.5' })).toBeNull();
});
