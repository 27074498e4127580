/** Valid JSON with values that a writer should not give: other types, odd numbers, names, times and blocks. */
import { find, fromValue, memberOf, recordsIn, scalarsIn } from './json-tree.ts';
import { addAnywhere, changed, DECOY, type Mutation, messageOf, set, WRONG_TYPES } from './mutation.ts';
import { below, pick } from './random.ts';

const NUMBERS = [
  '-0',
  '-5',
  '1e3',
  '1.5',
  '2E+2',
  '0.1e-7',
  '1e400',
  '-1e400',
  '5e-324',
  '9007199254740993',
  '12345678901234567890',
  '999999999999.9',
  '1000000000001',
  '1e15',
  '1e21',
  '0.5',
  '43200001',
];
const BLOCK_TYPES = [
  'tool_use',
  'Tool_Use',
  ' TOOLCALL ',
  'toolCall',
  'tool_call',
  'toolUse',
  'tooluse',
  'tool_result',
  'TOOL_RESULT',
  '\ttool_result_error\n',
  'toolResult',
  'text',
  '',
  'TOOL_CALL\u00a0',
  'tool\u0131_use',
  'TOOL_\u212aALL',
];
const TOOL_NAMES = [
  'exec',
  ' exec ',
  '',
  '   ',
  'Exec',
  'naïve',
  '__proto__',
  'constructor',
  'x'.repeat(250),
  '\u{1F680}'.repeat(120),
];

export const VALUES: Mutation[] = [
  changed('a number as a string', (record, rnd) => {
    const numbers = scalarsIn(record).filter(({ text }) => /^-?\d/.test(text));
    for (const number of numbers) if (rnd() < 0.5) number.text = `"${number.text}"`;
  }),
  changed('unusual numbers', (record, rnd) => {
    for (const scalar of scalarsIn(record))
      if (/^-?\d/.test(scalar.text) && rnd() < 0.5) scalar.text = pick(NUMBERS, rnd);
  }),
  changed('a value of the wrong type', (record, rnd) => {
    const target = pick(recordsIn(record), rnd);
    if (target.members.length > 0) pick(target.members, rnd).value = fromValue(pick<unknown>(WRONG_TYPES, rnd));
  }),
  changed('wrong types where usage, cost or details should be', (record, rnd) => {
    const usage = find(record, 'message', 'usage');
    const target = usage?.kind === 'record' ? usage : messageOf(record);
    const name = pick(
      [
        'cost',
        'timings',
        'input_tokens_details',
        'prompt_tokens_details',
        'completion_tokens_details',
        'input',
        'total',
      ],
      rnd,
    );
    addAnywhere(target, name, pick<unknown>(WRONG_TYPES, rnd), rnd);
  }),
  changed('a boolean as the message', (record, rnd) => set(record, 'message', pick([true, false], rnd))),
  changed('an array as the message', (record, rnd) =>
    set(record, 'message', pick<unknown>([[], [{ role: 'user', usage: DECOY }], [['role', 'assistant']]], rnd)),
  ),
  changed('content as a string', (record) =>
    set(messageOf(record), 'content', 'just text with "type":"tool_use" in it'),
  ),
  changed('content as an object', (record) => set(messageOf(record), 'content', { type: 'tool_use', name: 'exec' })),
  changed('content with things that are no blocks', (record) =>
    set(messageOf(record), 'content', [
      null,
      1,
      'tool_use',
      [{ type: 'tool_use', name: 'nested' }],
      {},
      { type: 'tool_use', name: 'exec' },
      true,
    ]),
  ),
  changed('tool blocks in unusual spelling', (record, rnd) => {
    const block = () => ({
      type: pick<unknown>([...BLOCK_TYPES, 5, null], rnd),
      name: pick<unknown>([...TOOL_NAMES, 5, null, {}], rnd),
      is_error: pick<unknown>([true, false, 'true', 1, null], rnd),
    });
    set(messageOf(record), 'content', Array.from({ length: 1 + below(6, rnd) }, block));
  }),
  changed('tool names on the message itself', (record, rnd) => {
    addAnywhere(messageOf(record), 'toolName', pick<unknown>([...TOOL_NAMES, 5, null], rnd), rnd);
    addAnywhere(messageOf(record), 'tool_name', pick<unknown>([...TOOL_NAMES, false], rnd), rnd);
  }),
  changed('long names', (record, rnd) => {
    const name = `${'x'.repeat(pick([198, 199, 200], rnd))}\u{1F680}${'y'.repeat(50)}`;
    set(messageOf(record), pick(['model', 'provider'], rnd), name);
  }),
  changed('half of a surrogate pair', (record, rnd) => {
    const half = pick(['"\\ud83d"', '"\\ude80 x"', '"a\\uD83Db"', '"\\ude80\\ud83d"'], rnd);
    messageOf(record).members.push({
      key: pick(['"model"', '"provider"', '"toolName"'], rnd),
      value: { kind: 'text', text: half },
    });
  }),
  changed('U+2028 and U+2029 inside strings', (record, rnd) => {
    messageOf(record).members.unshift(memberOf('note', 'a\u2028b\u2029c'));
    if (rnd() < 0.5) set(messageOf(record), 'model', 'mo\u2028del');
  }),
  changed('another time', (record, rnd) => {
    const times = [
      '2026-11-22',
      '2026-11-22T10:00:00+05:45',
      'Nov 3, 2026 10:00 UTC',
      '12',
      '',
      'not a date',
      '2026-13-01',
      '0001-01-01',
      '+275760-09-13T00:00:00.000Z',
      1.5,
      null,
      {},
    ];
    set(record, 'timestamp', pick<unknown>(times, rnd));
    if (rnd() < 0.5)
      set(
        messageOf(record),
        'timestamp',
        pick<unknown>([1_795_000_000_000, 1_795_000_000_000.7, -1.5, 0, '1795000000000', 9e15, null], rnd),
      );
  }),
];
