import { describe, expect, it } from 'vitest';
import { parseTranscriptName, topicParent } from '../../src/compute/transcript-name.ts';

const ID = '0a1b2c3d-0000-4000-8000-00000000abcd';
const TIME = '2026-05-20T21-43-43.632Z';
const GENERATION = '0123456789abcdef0123456789abcdef';
const CHECKPOINT_ID = 'c9e9d991-1d5c-4565-b867-76b89fd7e9ca';

describe('names of counted transcripts', () => {
  it.each([
    [`${ID}.jsonl`, 'primary', ID],
    [`${ID}-topic-7.jsonl`, 'topic', `${ID}-topic-7`],
    [`${ID}-topic-a%2Fb.jsonl`, 'topic', `${ID}-topic-a%2Fb`],
    [`${ID}.jsonl.reset.${TIME}`, 'reset', ID],
    [`${ID}.jsonl.reset.2026-05-20T21-43-43Z`, 'reset', ID],
    [`${ID}.jsonl.deleted.${TIME}`, 'deleted', ID],
    [`${ID}.jsonl.reset.${TIME}.zst`, 'reset', ID],
    [`${ID}.jsonl.deleted.${TIME}.${GENERATION}`, 'deleted', ID],
    [`${ID}.jsonl.deleted.${TIME}.${GENERATION}.zst`, 'deleted', ID],
    [`${ID}-topic-7.jsonl.deleted.${TIME}`, 'deleted', `${ID}-topic-7`],
    ['plain name.jsonl', 'primary', 'plain name'],
    ['sessions.json.jsonl', 'primary', 'sessions.json'],
    ['a.jsonl.jsonl', 'primary', 'a.jsonl'],
    [`a.jsonl.reset.${TIME}.jsonl`, 'primary', `a.jsonl.reset.${TIME}`],
    [`a.jsonl.reset.${TIME}.jsonl.deleted.${TIME}`, 'deleted', `a.jsonl.reset.${TIME}`],
    [`a.jsonl.bak.${TIME}.jsonl.reset.${TIME}`, 'reset', `a.jsonl.bak.${TIME}`],
    [`a.trajectory.jsonl.reset.${TIME}`, 'reset', 'a.trajectory'],
    [`a.checkpoint.${CHECKPOINT_ID}.jsonl.deleted.${TIME}`, 'deleted', `a.checkpoint.${CHECKPOINT_ID}`],
    ['a.checkpoint.not-a-uuid.jsonl', 'primary', 'a.checkpoint.not-a-uuid'],
    [`.checkpoint.${CHECKPOINT_ID}.jsonl`, 'primary', `.checkpoint.${CHECKPOINT_ID}`],
    [
      `a.checkpoint.${CHECKPOINT_ID.replace('-4565', '-7565')}.jsonl`,
      'primary',
      'a.checkpoint.c9e9d991-1d5c-7565-b867-76b89fd7e9ca',
    ],
    ['-topic-1.jsonl', 'primary', '-topic-1'],
    ['\u{1F600} é\u2028.jsonl', 'primary', '\u{1F600} é\u2028'],
  ])('counts %j as %s of session %j', (name, kind, sessionId) => {
    expect(parseTranscriptName(name)).toEqual({ class: kind, sessionId });
  });

  it.each([
    ['.jsonl', 'primary'],
    [`notes.reset.${TIME}`, 'reset'],
    [`sessions.json.deleted.${TIME}`, 'deleted'],
    [`.jsonl.reset.${TIME}`, 'reset'],
  ])('counts %j, in which the gateway finds no session id, as a session called by the whole name', (name, kind) => {
    expect(parseTranscriptName(name)).toEqual({ class: kind, sessionId: name });
  });

  it.each([
    'sessions.json',
    'sessions.json.bak.1795348800000',
    `${ID}.jsonl.bak.${TIME}`,
    `${ID}.trajectory.jsonl`,
    `${ID}.trajectory-path.json`,
    `${ID}.checkpoint.${CHECKPOINT_ID}.jsonl`,
    `${ID}.checkpoint.${CHECKPOINT_ID.toUpperCase()}.jsonl`,
    `${ID}.jsonl.reset.2026-05-20T21:43:43.632Z`,
    `${ID}.jsonl.reset.2026-05-20T21-43-43.63Z`,
    `${ID}.jsonl.zst`,
    `${ID}.jsonl.reset.${TIME}.zst.zst`,
    `${ID}.jsonl.reset.${TIME}.0a1b`,
    `${ID}.jsonl.reset.`,
    `${ID}.jsonl.reset`,
    `${ID}.jsonl.deleted.${TIME} `,
    `${ID}.jsonl.deleted.${TIME}\n`,
    `${ID}.jsonl.archived.${TIME}`,
    `${ID}.JSONL`,
    `${ID}.jsonl~`,
    '.usage-cost-cache.json',
    '.usage-cost-cache.json.lock',
    'jsonl',
    '',
  ])('does not count %j', (name) => {
    expect(parseTranscriptName(name)).toBeNull();
  });
});

describe('the parent of a topic', () => {
  it.each([
    ['abc-topic-1', 'abc'],
    ['abc-topic-1-topic-2', 'abc'],
    ['abc-topic-', null],
    ['-topic-1', null],
    ['abc', null],
  ])('of %j is %j', (sessionId, parent) => {
    expect(topicParent(sessionId)).toBe(parent);
  });
});
