import { describe, expect, it } from 'vitest';
import { dimensionsOf, SessionLookup } from '../../src/compute/dimensions.ts';
import { SessionEntries } from '../../src/compute/session-entries.ts';
import type { SessionEntry } from '../../src/compute/transcript.ts';

const entry = (key: string, sessionId: string, more: Partial<SessionEntry> = {}): SessionEntry => ({
  key,
  sessionId,
  updatedAt: 1,
  label: null,
  channel: null,
  originProvider: null,
  creator: null,
  familyKey: null,
  familySessionIds: [],
  ...more,
});
const of = (sessionId: string, ...entries: SessionEntry[]) =>
  dimensionsOf('ops', sessionId, new SessionLookup(SessionEntries.of(entries)));

describe('the kind of a session', () => {
  it.each([
    ['agent:ops:main', 'main'],
    ['agent:ops:telegram:direct:42', 'direct'],
    ['agent:ops:direct:42', 'direct'],
    ['agent:ops:telegram:account:direct:42', 'direct'],
    ['agent:ops:telegram:group:-100', 'group'],
    ['agent:ops:telegram:group:a:direct:b', 'group'],
    ['agent:ops:whatsapp:direct:group:x', 'direct'],
    ['agent:ops:cron:6690ca4f', 'cron'],
    ['agent:ops:cron:6690ca4f:run:id', 'cron'],
    ['agent:ops:subagent:6690ca4f', 'subagent'],
    ['global', 'global'],
    ['agent:ops:main:thread:1', 'other'],
    ['agent:ops:discord:channel:1', 'other'],
    ['agent:ops:group', 'other'],
    ['agent:ops', 'other'],
    ['unknown', 'other'],
    ['', 'other'],
  ])('of key %j is %s', (key, kind) => {
    expect(of('id', entry(key, 'id')).kind).toBe(kind);
  });
});

describe('the channel of a session', () => {
  it.each([
    [{ channel: ' Telegram ', originProvider: 'slack' }, 'agent:ops:discord:direct:1', 'telegram'],
    [{ originProvider: 'Slack' }, 'agent:ops:discord:direct:1', 'slack'],
    [{ channel: ' ', originProvider: '' }, 'agent:ops:Discord:direct:1', 'discord'],
    [{}, 'agent:ops:signal:group:1:2', 'signal'],
    [{}, 'agent:ops:telegram:account:direct:42', 'none'],
    [{}, 'agent:ops:direct:42', 'none'],
    [{}, 'agent:ops:main', 'none'],
    [{}, 'agent:ops::direct:1', 'none'],
    [{}, 'other:ops:telegram:direct:1', 'none'],
  ])('of %j under key %j is %s', (fields, key, channel) => {
    expect(of('id', entry(key, 'id', fields)).channel).toBe(channel);
  });
});

describe('the entry of a transcript', () => {
  it('gives key, label, family and date', () => {
    const own = entry('agent:ops:main', 'id', { label: 'Main', familyKey: 'family', updatedAt: 5, channel: 'slack' });
    expect(of('id', own)).toEqual({
      key: 'agent:ops:main',
      label: 'Main',
      channel: 'slack',
      kind: 'main',
      family: 'family',
      updatedAt: 5,
    });
  });

  it('is found through the family for an earlier session, which it does not date', () => {
    const entries = [entry('agent:ops:main', 'new', { familySessionIds: ['old'] })];
    expect(of('old', ...entries)).toMatchObject({
      key: 'agent:ops:main',
      kind: 'main',
      family: 'agent:ops:main',
      updatedAt: null,
    });
  });

  it('is its own before that of a family', () => {
    const entries = [entry('agent:ops:main', 'new', { familySessionIds: ['id'] }), entry('agent:ops:cron:1', 'id')];
    expect(of('id', ...entries)).toMatchObject({ key: 'agent:ops:cron:1', kind: 'cron' });
  });

  it("is the parent's for a topic, and for a topic of an earlier session", () => {
    const parent = entry('agent:ops:telegram:group:1', 'id', { familyKey: 'f', familySessionIds: ['old'], label: 'G' });
    const expected = { key: parent.key, label: 'G', channel: 'telegram', kind: 'topic', family: 'f', updatedAt: null };
    expect(of('id-topic-7', parent)).toEqual(expected);
    expect(of('old-topic-7', parent)).toEqual(expected);
  });

  it('is its own for a session that is only called like a topic', () => {
    const entries = [entry('agent:ops:main', 'hot'), entry('agent:ops:cron:1', 'hot-topic-1')];
    expect(of('hot-topic-1', ...entries).kind).toBe('cron');
  });

  it.each(['id', 'id-topic-7'])('is missing for the orphan %j', (sessionId) => {
    expect(of(sessionId, entry('agent:ops:main', 'other'))).toEqual({
      key: null,
      label: null,
      channel: 'none',
      kind: 'orphan',
      family: `agent:ops:${sessionId}`,
      updatedAt: null,
    });
  });
});

describe('of several entries of one session', () => {
  it.each([
    ['the one whose key ends in the session id', ['agent:ops:cron:job:run:ID', 1], ['agent:ops:cron:job', 9]],
    ['the newer one', ['agent:ops:b', 2], ['agent:ops:a', 1]],
    ['the one that is dated', ['agent:ops:b', 2], ['agent:ops:a', null]],
    ['the one with a lower-case key', ['agent:ops:b', 1], ['agent:OPS:a', 1]],
    ['the smaller key', ['agent:ops:a', 1], ['agent:ops:b', 1]],
  ] as [string, [string, number | null], [string, number | null]][])('takes %s, in any order', (_, wins, loses) => {
    const [a, b] = [wins, loses].map(([key, updatedAt]) => entry(key, 'id', { updatedAt, familySessionIds: ['old'] }));
    for (const entries of [
      [a, b],
      [b, a],
    ] as SessionEntry[][])
      expect(of('id', ...entries).key).toBe(wins[0]);
  });
});
