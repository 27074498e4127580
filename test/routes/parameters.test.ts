import { describe, expect, test } from 'vitest';
import { sessionQueryOf, sessionsQueryOf, sessionTargetOf, usageQueryOf } from '../../src/routes/parameters.ts';

describe('the question of parameters', () => {
  test('takes the zone of the service where none is named', () => {
    expect(usageQueryOf({}, 'Asia/Kathmandu')).toMatchObject({ timeZone: 'Asia/Kathmandu', range: '30d' });
  });

  test.each([
    ['europe/paris', 'Europe/Paris'],
    ['UTC+5:30', 'UTC+5:30'],
    ['UTC 5:30', 'UTC+5:30'],
  ])('understands the zone %s', (timeZone, name) => {
    expect(usageQueryOf({ timeZone }, 'UTC').timeZone).toBe(usageQueryOf({ timeZone: name }, 'UTC').timeZone);
  });

  test.each([
    [{ timeZone: 'Mars/Olympus' }, /Mars\/Olympus/],
    [{ startDate: '2026-01-01' }, /"endDate" must be given with startDate/],
    [{ endDate: '2026-01-01' }, /"startDate" must be given with endDate/],
    [{ range: '7d', startDate: '2026-01-01', endDate: '2026-01-02' }, /"range" must be left out/],
    [{ range: '7d', endDate: '2026-01-02' }, /"range" must be left out/],
  ] as const)('refuses %j', (given, detail) => {
    expect(() => usageQueryOf(given, 'UTC')).toThrow(
      expect.objectContaining({ code: 'invalid_parameter', message: expect.stringMatching(detail) }),
    );
  });

  test('carries every member of a page of sessions', () => {
    const page = { limit: 7, cursor: 'c', sort: 'cost', groupBy: 'family', q: 'ops' } as const;
    expect(sessionsQueryOf({ ...page, agent: ['b', 'a', 'b'] }, 'UTC')).toMatchObject({
      ...page,
      filters: { agent: ['a', 'b'] },
    });
  });
});

describe('the session of a path', () => {
  test.each([
    ['agent%3Amain%3Amain', { groupBy: 'family', key: 'agent:main:main', agent: null }],
    ['agent:main:main', { groupBy: 'family', key: 'agent:main:main', agent: null }],
    ['global', { groupBy: 'family', key: 'global', agent: null }],
    ['a%2Fb', { groupBy: 'family', key: 'a/b', agent: null }],
    ['agent:main:group:a/b', { groupBy: 'family', key: 'agent:main:group:a/b', agent: null }],
    ['a/b/c', { groupBy: 'family', key: 'a/b/c', agent: null }],
    ['%22%27%3Cscript%3E', { groupBy: 'family', key: '"\'<script>', agent: null }],
    ['%F0%9F%A6%9E', { groupBy: 'family', key: '🦞', agent: null }],
    ['100%25', { groupBy: 'family', key: '100%', agent: null }],
    ['..%2F..%2Fetc', { groupBy: 'family', key: '../../etc', agent: null }],
    ['main/3f2a', { groupBy: 'instance', agent: 'main', sessionId: '3f2a' }],
    ['main/a%2Fb', { groupBy: 'instance', agent: 'main', sessionId: 'a/b' }],
  ])('%s is %j', (path, target) => {
    expect(sessionTargetOf(path.split('/'))).toEqual(target);
  });

  test.each(['', 'main/', '/id'])('%j names none', (path) => {
    expect(() => sessionTargetOf(path.split('/'))).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  test('is refused where its percent signs encode nothing', () => {
    expect(() => sessionTargetOf(['%zz'])).toThrow(expect.objectContaining({ code: 'malformed_request' }));
  });

  test('takes the agent of the parameters for a key', () => {
    const path = sessionTargetOf(['global']);
    expect(sessionQueryOf({ agent: 'ops' }, path, 'UTC').target).toEqual({ ...path, agent: 'ops' });
  });

  test('refuses another agent than that of the path', () => {
    const path = sessionTargetOf(['main', 'id']);
    expect(sessionQueryOf({ agent: 'main' }, path, 'UTC').target).toEqual(path);
    expect(() => sessionQueryOf({ agent: 'ops' }, path, 'UTC')).toThrow(/"agent" must be left out/);
  });
});
