/** Which transcripts a session's lines are read from, found in a keeper over a real store. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { unpack } from '../../src/compute/envelope.ts';
import type { ReadRequest, ReadView } from '../../src/compute/session-read.ts';
import { ClawgaugeError } from '../../src/errors.ts';
import type { ReadQuery } from '../../src/snapshot/read-query.ts';
import { type KeptStore, keptStore } from '../support/kept-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const ASK: ReadView = { view: 'timeseries', form: 'v1', points: 200 };
const HOSTILE = 'agent:main:web:direct:"><script>alert(1)</script>/🦀 ü\'%2F..';
const ARCHIVED = '2026-05-20T21-43-43.632Z';
const LATER = '2026-06-20T21-43-43.632Z';

let kept: KeptStore;
let sessions: string;

function message(at: string): string {
  return `${JSON.stringify({ type: 'message', timestamp: at, message: { role: 'user', content: 'hello' } })}\n`;
}

beforeAll(() => {
  const directory = temporaryStateDir();
  const write = (agent: string, files: Record<string, string>, index: Record<string, object>) => {
    const place = join(directory, 'agents', agent, 'sessions');
    mkdirSync(place, { recursive: true });
    for (const [name, at] of Object.entries(files)) writeFileSync(join(place, name), message(at));
    writeFileSync(join(place, 'sessions.json'), JSON.stringify(index));
    return place;
  };
  sessions = write(
    'main',
    {
      'new.jsonl': '2026-11-03T00:00:00Z',
      'old.jsonl': '2026-11-01T00:00:00Z',
      [`new.jsonl.reset.${ARCHIVED}`]: '2026-11-02T00:00:00Z',
      'orphan.jsonl': '2026-11-01T00:00:00Z',
      [`gone.jsonl.deleted.${ARCHIVED}`]: '2026-11-01T00:00:00Z',
      [`gone.jsonl.deleted.${LATER}`]: '2026-11-01T00:00:00Z',
      'hostile.jsonl': '2026-11-01T00:00:00Z',
    },
    {
      'agent:main:main': { sessionId: 'new', updatedAt: 2, usageFamilySessionIds: ['old', 'new'] },
      'agent:main:shared': { sessionId: 'hostile-2', updatedAt: 1 },
      'agent:main:archived': { sessionId: 'gone', updatedAt: 1 },
      [HOSTILE]: { sessionId: 'hostile', updatedAt: 1 },
      global: { sessionId: 'orphan-2', updatedAt: 1 },
    },
  );
  write('ops', { 'ops.jsonl': '2026-11-01T00:00:00Z' }, { global: { sessionId: 'ops', updatedAt: 1 } });
  writeFileSync(join(sessions, 'orphan-2.jsonl'), message('2026-11-01T00:00:00Z'));
  kept = keptStore(directory);
});

function planned(target: ReadQuery['target']): ReadRequest & { stamps: number } {
  const { request, stamps } = kept.keeper.planRead({ target, ask: ASK });
  return { ...unpack<ReadRequest>(request).header, stamps: stamps.length };
}

const namesOf = (target: ReadQuery['target']) => planned(target).items.map(({ name }) => name);

function codeOf(target: ReadQuery['target']): string {
  try {
    planned(target);
  } catch (error) {
    if (error instanceof ClawgaugeError) return error.code;
  }
  return 'none';
}

describe('the session of a path', () => {
  test('is all transcripts of a family, in the order in which they began', () => {
    const target = { groupBy: 'family', key: 'agent:main:main', agent: null } as const;
    expect(namesOf(target)).toEqual(['old.jsonl', `new.jsonl.reset.${ARCHIVED}`, 'new.jsonl']);
    expect(planned(target)).toMatchObject({
      session: { agent: 'main', key: 'agent:main:main', family: 'agent:main:main', retained: 0 },
      stamps: 3,
    });
  });

  test('is the transcripts of an instance', () => {
    expect(namesOf({ groupBy: 'instance', agent: 'main', sessionId: 'new' })).toEqual([
      `new.jsonl.reset.${ARCHIVED}`,
      'new.jsonl',
    ]);
  });

  test('is found by any key', () => {
    expect(namesOf({ groupBy: 'family', key: HOSTILE, agent: null })).toEqual(['hostile.jsonl']);
  });

  test('is one agent’s: where several have it, one has to be named', () => {
    expect(codeOf({ groupBy: 'family', key: 'global', agent: null })).toBe('session_ambiguous');
    expect(namesOf({ groupBy: 'family', key: 'global', agent: 'ops' })).toEqual(['ops.jsonl']);
    expect(codeOf({ groupBy: 'family', key: 'nobody', agent: null })).toBe('session_not_found');
    expect(codeOf({ groupBy: 'instance', agent: 'main', sessionId: 'nobody' })).toBe('session_not_found');
  });
});

describe('the session of a gateway’s key', () => {
  const ofKey = (key: string, agent = 'main') => namesOf({ groupBy: 'entry', key, agent });

  test('is the one transcript in use of its entry, and not those before it', () => {
    expect(ofKey('agent:main:main')).toEqual(['new.jsonl']);
  });

  test('is its latest archive where there is nothing else', () => {
    expect(ofKey('agent:main:archived')).toEqual([`gone.jsonl.deleted.${LATER}`]);
  });

  test('is that of the session id that the key ends in, where no entry has the key', () => {
    expect(ofKey('agent:main:orphan')).toEqual(['orphan.jsonl']);
    expect(ofKey('orphan')).toEqual(['orphan.jsonl']);
  });

  test('is none where nothing has it', () => {
    expect(codeOf({ groupBy: 'entry', key: 'agent:main:nobody', agent: 'main' })).toBe('session_not_found');
    expect(codeOf({ groupBy: 'entry', key: 'agent:main:main', agent: 'ops' })).toBe('session_not_found');
  });
});

test('a transcript that no longer exists is counted, and not read', () => {
  rmSync(join(sessions, 'hostile.jsonl'));
  renameSync(join(sessions, 'orphan.jsonl'), join(sessions, 'hostile.jsonl'));
  kept.refresh();
  expect(planned({ groupBy: 'family', key: HOSTILE, agent: null }).items).toHaveLength(1);
});
