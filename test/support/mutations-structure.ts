/** Valid JSON with members where they should not be: repeated, misplaced, behind a megabyte, very deep. */
import { fromValue, type JsonRecord, type JsonTree, memberOf, recordsIn } from './json-tree.ts';
import { addAnywhere, changed, DECOY, type Mutation, messageOf, WRONG_TYPES } from './mutation.ts';
import { below, pick, type Random } from './random.ts';

export const STRUCTURE: Mutation[] = [
  changed('role given twice', (record, rnd) =>
    addAnywhere(messageOf(record), 'role', pick(['user', 'assistant', 'toolResult', 'User', null], rnd), rnd),
  ),
  changed('usage given twice', (record, rnd) =>
    addAnywhere(messageOf(record), 'usage', pick([DECOY, null, {}, 1], rnd), rnd),
  ),
  changed('message given twice', (record, rnd) =>
    addAnywhere(
      record,
      'message',
      pick([{ role: 'user' }, { role: 'assistant', usage: DECOY, content: [] }, null, 'x'], rnd),
      rnd,
    ),
  ),
  changed('content given twice', (record, rnd) =>
    addAnywhere(
      messageOf(record),
      'content',
      pick<unknown>(['x', [], [{ type: 'toolcall', name: 'other' }], null], rnd),
      rnd,
    ),
  ),
  changed('any key twice, the last one different', (record, rnd) => {
    const target = pick(recordsIn(record), rnd);
    if (target.members.length === 0) return;
    const { key } = pick(target.members, rnd);
    target.members.push({ key, value: fromValue(pick<unknown>(WRONG_TYPES, rnd)) });
  }),
  changed('usage beside the message, not in it', (record) => {
    const message = messageOf(record);
    record.members.push(memberOf('usage', DECOY));
    message.members = message.members.filter(({ key }) => key !== '"usage"');
  }),
  changed('usage null in the message, and one beside it', (record) => {
    messageOf(record).members.push(memberOf('usage', null));
    record.members.push(memberOf('usage', DECOY));
  }),
  changed('usage, role and message inside tool arguments', (record, rnd) => {
    const decoy = {
      usage: DECOY,
      role: 'assistant',
      message: { role: 'user', usage: DECOY },
      timestamp: '2026-01-01T00:00:00Z',
    };
    const block = {
      type: 'toolCall',
      name: 'write',
      arguments: { ...decoy, content: `{"role":"user","usage":${JSON.stringify(DECOY)}}` },
    };
    addAnywhere(messageOf(record), 'content', [{ type: 'text', text: '"usage":{"input":1}' }, block], rnd);
  }),
  changed('everything else inside tool arguments', (record, rnd) => {
    const block = {
      type: 'tool_use',
      name: 'read',
      input: { type: 'tool_use', name: 'inner', is_error: true, content: [{ type: 'tool_result' }] },
    };
    addAnywhere(messageOf(record), 'content', [block], rnd);
  }),
  changed('usage after a megabyte of content', (record) => {
    messageOf(record).members.unshift(memberOf('thinking', 'a "quoted" \\ word, é 漢字\n'.repeat(40_000)));
  }),
  changed('a megabyte of content after usage', (record) => {
    messageOf(record).members.push(memberOf('details', { aggregated: 'b'.repeat(1_000_000), usage: DECOY }));
  }),
  changed('half a megabyte of small values', (record) => {
    const text = `[${Array.from({ length: 60_000 }, (_, at) => (at % 2 === 0 ? at : '{"a":[]}')).join()}]`;
    record.members.unshift({ key: '"data"', value: { kind: 'text', text } });
  }),
  changed('a message inside the message', (record) => {
    const message = messageOf(record);
    record.members = record.members.map((member) =>
      member.value === message ? { ...member, value: wrapped(message) } : member,
    );
  }),
  changed('keys that are dangerous in JavaScript', (record, rnd) => {
    const inner = pick([messageOf(record), ...recordsIn(record)], rnd);
    const decoy = {
      role: 'user',
      usage: DECOY,
      message: { role: 'assistant', usage: DECOY },
      input: 8,
      cost: { total: 8 },
    };
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])
      addAnywhere(inner, key, decoy, rnd);
  }),
  changed('keys that nearly are the right ones', (record, rnd) => {
    for (const key of ['Role', 'role ', 'USAGE', 'usage\u0000', '', 'messages', 'mess\u0430ge'])
      addAnywhere(messageOf(record), key, DECOY, rnd);
  }),
  changed('five thousand levels of arrays', (record, rnd) => addDeep(record, '['.repeat(5000) + ']'.repeat(5000), rnd)),
  changed('five thousand levels of objects', (record, rnd) =>
    addDeep(record, `${'{"usage":'.repeat(5000)}1${'}'.repeat(5000)}`, rnd),
  ),
  {
    name: 'the line as a string of JSON',
    sameReading: false,
    apply: (line) => Buffer.from(JSON.stringify(line)),
  },
  { name: 'the line in an array', sameReading: false, apply: (line) => Buffer.from(`[${line}]`) },
];

function addDeep(record: JsonRecord, text: string, rnd: Random): void {
  const target = pick([record, messageOf(record)], rnd);
  target.members.splice(below(target.members.length + 1, rnd), 0, { key: '"deep"', value: { kind: 'text', text } });
}

function wrapped(message: JsonTree): JsonRecord {
  return { kind: 'record', members: [memberOf('role', 'assistant'), { key: '"message"', value: message }] };
}
