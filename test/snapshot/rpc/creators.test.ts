import { expect, test } from 'vitest';
import type { CallRow } from '../../../src/snapshot/rpc/call-rows.ts';
import { creatorOf } from '../../../src/snapshot/rpc/creators.ts';

const NOBODY = { key: '["unknown"]' };

function creator(told: unknown, channel: string | null = null, redact: ((key: string) => string) | null = null) {
  const entry = { channel, originProvider: null, creator: told === null ? null : JSON.stringify(told) };
  return creatorOf({ agent: 'ops', creator: entry } as CallRow, redact);
}

test('a session that tells nothing is nobody’s', () => {
  expect(creatorOf({ creator: null } as CallRow, null)).toEqual(NOBODY);
  expect(creator(null)).toEqual(NOBODY);
  expect(creator([{ type: 'human' }, null])).toEqual(NOBODY);
  expect(creator('cut')).toEqual(NOBODY);
});

test.each([
  [{ type: 'human', source: 'profile', id: 'p1' }, '["profile","p1"]'],
  [{ type: 'agent', id: 'main' }, '["agent","main"]'],
  [{ type: 'system', id: 'cron' }, '["system","cron"]'],
  [{ type: 'system' }, '["system",null]'],
])('%j has the key %s', (actor, key) => {
  expect(creator([actor, null])).toMatchObject({ key, actor: { type: actor.type } });
});

test('a person of a channel is told apart by agent, channel and account', () => {
  const actor = { type: 'human', source: 'channel', id: 'u1' };
  expect(creator([actor, 'work'], 'slack').key).toBe('["human","channel","ops","slack","work","u1"]');
  expect(creator([actor, 'work'])).toEqual(NOBODY);
});

test('who it is can be hidden, and stays the same', () => {
  const hidden = creator([{ type: 'agent', id: 'main' }, null], null, (key) => `${key.length}`);
  expect(hidden).toEqual({ key: '["hidden","16"]' });
});
