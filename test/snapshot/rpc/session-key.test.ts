import { describe, expect, test } from 'vitest';
import { keyOfAgent, parseSessionKey } from '../../../src/snapshot/rpc/session-key.ts';

describe('a session key', () => {
  test.each([
    ['agent:main:main', { agent: 'main', rest: 'main' }],
    ['Agent:Ops:Slack:Direct:U1', { agent: 'ops', rest: 'slack:direct:u1' }],
    ['agent:main:signal:group:AbC=:thread:X', { agent: 'main', rest: 'signal:group:AbC=:thread:x' }],
    ['agent:main', null],
    ['agent::x', null],
    ['main', null],
    ['global', null],
  ])('%s', (key, parsed) => {
    expect(parseSessionKey(key)).toEqual(parsed);
  });

  test.each([
    ['main', 'agent:ops:main'],
    ['Global', 'global'],
    [' agent:main:Cron:1 ', 'agent:main:cron:1'],
  ])('%s of agent ops is %s', (key, full) => {
    expect(keyOfAgent(key, 'ops')).toBe(full);
  });

  test.each([
    ['main', 'agent:ops@work:main'],
    ['agent:main:cron:1', 'agent:main@work:cron:1'],
    ['agent:main@work:cron:1', 'agent:main@work:cron:1'],
    ['global', 'global'],
  ])('%s of an agent of another state directory is %s', (key, full) => {
    expect(keyOfAgent(key, 'ops@work')).toBe(full);
  });
});
