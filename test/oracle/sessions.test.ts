import { describe, expect, test } from 'vitest';
import { countedSessionId, dimensionsOf } from './sessions.ts';

const CHECKPOINT = '5f153faa-c29e-4ed1-9008-8a5cd4273bb6';

test.each([
  ['a.jsonl', 'a'],
  ['a-topic-7.jsonl', 'a-topic-7'],
  ['a.jsonl.reset.2026-05-20T21-43-43.632Z', 'a'],
  ['a.jsonl.deleted.2026-05-20T21-43-43Z', 'a'],
  ['a.jsonl.reset.2026-05-20T21-43-43.632Z.jsonl', 'a.jsonl.reset.2026-05-20T21-43-43.632Z'],
  ['a.jsonl.bak.2026-05-20T21-43-43.632Z', null],
  ['a.jsonl.reset.2026-05-20', null],
  [`a.checkpoint.${CHECKPOINT}.jsonl`, null],
  ['a.checkpoint.1.jsonl', 'a.checkpoint.1'],
  ['a.trajectory.jsonl', null],
  ['a.trajectory-path.json', null],
  ['sessions.json', null],
  ['sessions.json.bak.123', null],
  ['.usage-cost-cache.json', null],
])('%s is a counted transcript of %s', (name, expected) => {
  expect(countedSessionId(name)).toBe(expected);
});

describe('dimensions', () => {
  const of = (key: string, entry: object = {}, id = 's') => {
    const { channel, kind } = dimensionsOf('main', id, { [key]: { sessionId: 's', ...entry } });
    return [channel, kind];
  };

  test.each([
    ['agent:main:main', 'none', 'main'],
    ['agent:main:telegram:direct:5', 'telegram', 'direct'],
    ['agent:main:Slack:group:-1:x', 'slack', 'group'],
    ['agent:main:telegram:work:direct:5', 'none', 'direct'],
    ['agent:main:cron:1', 'none', 'cron'],
    ['agent:main:subagent:1', 'none', 'subagent'],
    ['global', 'none', 'global'],
    ['agent:main:slack:channel:c', 'none', 'other'],
  ])('of %s: channel %s, kind %s', (key, channel, kind) => {
    expect(of(key)).toEqual([channel, kind]);
  });

  test('the channel of the entry comes before its origin and its key', () => {
    const key = 'agent:main:slack:direct:5';
    expect(of(key, { channel: ' Signal ', origin: { provider: 'x' } })[0]).toBe('signal');
    expect(of(key, { channel: '', origin: { provider: 'X' } })[0]).toBe('x');
  });

  test('a family member is filed under the entry that names it, a topic under its parent, the rest are orphans', () => {
    const entry = {
      sessionId: 's',
      channel: 'signal',
      usageFamilyKey: 'fam',
      usageFamilySessionIds: ['s', 'old'],
      updatedAt: 5,
    };
    const index = { 'agent:main:signal:direct:1': entry };
    const filed = { key: 'agent:main:signal:direct:1', channel: 'signal', family: 'fam' };
    expect(dimensionsOf('main', 's', index)).toMatchObject({ ...filed, kind: 'direct', updatedAt: 5 });
    expect(dimensionsOf('main', 'old', index)).toMatchObject({ ...filed, kind: 'direct' });
    expect(dimensionsOf('main', 's-topic-3', index)).toMatchObject({ ...filed, kind: 'topic' });
    expect(dimensionsOf('main', 'z-topic-3', index)).toMatchObject({
      key: null,
      channel: 'none',
      kind: 'orphan',
      family: 'agent:main:z-topic-3',
    });
  });
});
