import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, MessageFacts } from '../../src/compute/message-facts.ts';
import { MESSAGE, UNCOUNTED, UNEXPECTED } from '../../src/compute/message-line.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { arbitraryLine } from '../support/arbitrary-record.ts';
import { linePool } from '../support/line-pool.ts';
import { mutations } from '../support/mutations.ts';
import { seededRandom } from '../support/random.ts';

const kernel = new ScanKernel(2 ** 22);

/** Reads a line that stands in the middle of bytes that would matter if they were looked at. */
function read(line: Uint8Array | string, from = 3) {
  const bytes = Buffer.from(line);
  const end = from + bytes.length;
  kernel.buffer.fill('{"message":{"role":"user"', 0, from);
  bytes.copy(kernel.buffer, from);
  kernel.buffer.write('\n"x"]},"usage":1}', end);
  const kind = kernel.messages.read(from, end);
  expect(kernel.buffer[end]).toBe(0x0a);
  return { kind, facts: kind === MESSAGE ? { ...kernel.messages.facts } : null };
}

/** What parsing the whole line says, in the same terms; a time as the kernel hands it out where it reads it. */
function parsed(line: Uint8Array | string, { recordMoment }: Partial<MessageFacts> = {}) {
  const facts = new MessageFacts();
  try {
    factsOf(JSON.parse(Buffer.from(line).toString().trim()), facts);
  } catch {
    return { kind: UNEXPECTED, facts: null };
  }
  if (facts.role === null) return { kind: UNCOUNTED, facts: null };
  if (typeof recordMoment === 'number') {
    facts.recordMoment = Date.parse(facts.recordTimestamp as string);
    facts.recordTimestamp = undefined;
  }
  return { kind: MESSAGE, facts: { ...facts } };
}

function message(members: string, outer = ''): string {
  return `{"type":"message"${outer},"message":{"role":"assistant"${members}}}`;
}

describe('a line', () => {
  it('of the gateway is read, and says what parsing it says', () => {
    const { lines } = linePool(12);
    for (const line of lines) {
      const { kind, facts } = read(line);
      expect({ kind, facts }).toEqual(parsed(line, facts ?? {}));
    }
  });

  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    'with %s is left alone, or says what parsing it says',
    (_, mutation) => {
      fc.assert(
        fc.property(arbitraryLine, fc.integer(), fc.nat(40), (line, seed, from) => {
          const mutated = mutation.apply(line, seededRandom(seed));
          const { kind, facts } = read(mutated, from);
          if (kind !== UNEXPECTED) expect({ kind, facts }).toEqual(parsed(mutated, facts ?? {}));
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each([
    ['has white space between its tokens', '{ "message" : { "role" : "user" ,\t"model" : "m" } } \r', MESSAGE],
    ['is the result of a tool', '{"message":{"role":"toolResult","isError":true}}', MESSAGE],
    ['is the result of a tool in other words', '{"message":{"role":"tool","is_error":false}}', MESSAGE],
    ['has another role', '{"message":{"role":"system"}}', UNCOUNTED],
    ['has a role that begins like one that counts', '{"message":{"role":"users"}}', UNCOUNTED],
    ['has no role', '{"message":{}}', UNCOUNTED],
    ['has a role of another type', '{"message":{"role":["user"]}}', UNCOUNTED],
    ['has no message', '{"data":{"role":"user"}}', UNCOUNTED],
    [
      'has 256 blocks',
      message(`,"content":[${'{"type":"toolCall","name":"x"},'.repeat(255)}{"type":"toolCall"}]`),
      MESSAGE,
    ],
  ])('that %s is read', (_, line, kind) => {
    const result = read(line);
    expect(result).toEqual({ ...parsed(line), kind });
  });

  it.each([
    ['is empty', ''],
    ['is an array', '[]'],
    ['is torn', '{"message":{"role":"user"}'],
    ['ends in rubbish', '{"message":{"role":"user"}}}'],
    ['has a member twice', message(',"model":"a","model":"b"')],
    ['has two messages', '{"message":{"role":"user"},"message":{}}'],
    ['has an escape in a key', message(',"mod\\u0065l":"a"')],
    ['has an escape in its role', '{"message":{"role":"us\\u0065r"}}'],
    ['has a message that is no object', '{"message":"text"}'],
    ['begins with a byte order mark', `\ufeff${message('')}`],
    ['has a value of more than 256 KiB', message(`,"model":"${'m'.repeat(256 * 1024)}"`)],
    ['has values more than 64 deep', message(`,"data":${'['.repeat(65)}${']'.repeat(65)}`)],
    ['has an exponent', message(',"durationMs":1e3')],
    ['has more than 256 blocks', message(`,"content":[${'{"type":"toolCall"},'.repeat(256)}{}]`)],
  ])('that %s is left alone', (_, line) => {
    expect(read(line)).toEqual({ kind: UNEXPECTED, facts: null });
  });
});

describe('a usage', () => {
  it('of the usual shape has the amounts that it has, in any order', () => {
    const names = ['input', 'output', 'cacheRead', 'cacheWrite', 'totalTokens'];
    const amount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e6, noNaN: true }));
    const amounts = (keys: string[]) =>
      fc.shuffledSubarray(keys).chain((chosen) => fc.tuple(...chosen.map((key) => fc.tuple(fc.constant(key), amount))));
    fc.assert(
      fc.property(
        amounts(names),
        fc.option(amounts([...names.slice(0, 4), 'total']), { nil: undefined }),
        (usage, cost) => {
          const value = {
            ...Object.fromEntries(usage),
            ...(cost === undefined ? {} : { cost: Object.fromEntries(cost) }),
          };
          const { facts } = read(message(`,"usage":${JSON.stringify(value)}`));
          expect(facts?.messageUsage).toEqual(value);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    '{"input":1,"reasoningTokens":2}',
    '{"input":1,"total":2}',
    '{"input":1,"cost":{"total":1,"totalTokens":2}}',
    '{"input":-1}',
    '{"input":"1"}',
    '{"input":1,"cost":{"total":-0.5}}',
    '{"input":1,"cost":0.5}',
    '{"input":1,"cost":null}',
    '{"input":1,"input":2}',
    '{"input":1,"inp\\u0075t":2}',
    '{"input":1234567890123456789012}',
    '{"cost":{"total":0.30000000000000004}}',
    '[1]',
    'null',
    '"text"',
    '7',
  ])('of another shape is parsed: %s', (usage) => {
    const line = message(`,"usage":${usage}`);
    expect(read(line)).toEqual(parsed(line));
  });
});

describe('a number', () => {
  it('is the one that JSON.parse reads', () => {
    const written = fc.oneof(
      fc.nat().map(String),
      fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
      fc.double({ min: 0, max: 100, noNaN: true }).map((value) => JSON.stringify(value)),
      fc
        .tuple(fc.bigInt({ min: 0n, max: 2n ** 54n }), fc.nat(24))
        .map(([digits, places]) => `${digits}.${'0'.repeat(places)}${digits}`),
      fc.tuple(fc.nat(), fc.nat(20)).map(([digits, places]) => `0.${'0'.repeat(places)}${digits}`),
      fc.stringMatching(/^[0-9.e-]{1,8}$/),
    );
    fc.assert(
      fc.property(written, (text) => {
        const line = message(`,"durationMs":${text}`);
        const { kind, facts } = read(line);
        if (kind !== UNEXPECTED) expect({ kind, facts }).toEqual(parsed(line));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['0', '7', '123456789012345678', '9007199254740992', '0.1', '0.0118006', '12.50'])(
    '%s needs no parsing',
    (text) => {
      expect(read(message(`,"durationMs":${text}`)).facts?.messageDuration).toBe(Number(text));
    },
  );
});

describe('a timestamp', () => {
  it('of the form that the gateway writes is its time, on any day', () => {
    const first = Date.parse('0001-01-01T00:00:00.000Z');
    fc.assert(
      fc.property(
        fc.date({ min: new Date(first), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          const { facts } = read(message('', `,"timestamp":"${date.toISOString()}"`));
          const leap = date.getUTCMonth() === 1 && date.getUTCDate() === 29;
          expect(facts).toMatchObject(
            leap ? { recordMoment: null, recordTimestamp: date.toISOString() } : { recordMoment: date.getTime() },
          );
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('of no day, or of another form, stays a text', () => {
    const near = '2026-11-22T10:00:00.000Z';
    const forms = fc.oneof(
      fc
        .tuple(fc.nat(near.length - 1), fc.constantFrom(...'0123456789:-TZ. '))
        .map(([at, char]) => near.slice(0, at) + char + near.slice(at + 1)),
      fc.constantFrom('2026-04-31T10:00:00.000Z', '2026-02-30T10:00:00.000Z', '0000-01-01T00:00:00.000Z'),
      fc.constantFrom('2026-11-22T24:00:00.000Z', '2026-11-22T10:60:00.000Z', '2026-11-22T10:00:60.000Z'),
      fc.constantFrom('2026-11-22', '2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000+00:00', 'now', ''),
    );
    fc.assert(
      fc.property(forms, (text) => {
        const { facts } = read(message('', `,"timestamp":"${text}"`));
        if (facts?.recordMoment === null) expect(facts.recordTimestamp).toBe(text);
        else expect(facts?.recordMoment).toBe(Date.parse(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('that is a number is none of the record', () => {
    expect(read(message('', ',"timestamp":5')).facts).toMatchObject({ recordMoment: null, recordTimestamp: 5 });
  });
});
