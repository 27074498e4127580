import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, MessageFacts } from '../../src/compute/message-facts.ts';
import { MessageReader } from '../../src/compute/message-reader.ts';
import { arbitraryLine } from '../support/arbitrary-record.ts';
import { linePool } from '../support/line-pool.ts';
import { mutations } from '../support/mutations.ts';
import { pieceSizes, piecesOf } from '../support/pieces.ts';
import { seededRandom } from '../support/random.ts';

const reader = new MessageReader();
/** One byte more than a member may have that is held. */
const TOO_LONG = 256 * 1024 + 1;

/** Reads a line; the facts are null when it is no JSON, and only the role when it does not count. */
function read(line: Uint8Array | string, sizes: readonly number[] = [Number.MAX_SAFE_INTEGER]) {
  reader.begin();
  for (const piece of piecesOf(Buffer.from(line), sizes)) reader.push(piece, 0, piece.length);
  const facts = reader.finish() ? counting(reader.facts) : null;
  return { facts, unusual: reader.unusual, cut: reader.cut };
}

/** What parsing the whole line says. */
function parsed(line: Uint8Array | string): Partial<MessageFacts> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString().trim());
    if (typeof value !== 'object' || value === null) return null;
    const facts = new MessageFacts();
    factsOf(value, facts);
    return counting(facts);
  } catch {
    return null;
  }
}

function counting(facts: MessageFacts): Partial<MessageFacts> {
  return facts.role === null ? { role: null } : { ...facts };
}

function message(members: string, outer = ''): string {
  return `{"type":"message"${outer},"message":{"role":"assistant"${members}}}`;
}

describe('the facts of a line', () => {
  it('are those of the parsed line, whatever its pieces, and the lines of the gateway are not unusual', () => {
    const { lines } = linePool(11);
    expect(lines.length).toBeGreaterThan(300);
    for (const line of lines) {
      const facts = parsed(line);
      for (const sizes of [[line.length], [4096], [61, 3]]) {
        expect(read(line, sizes)).toEqual({ facts, unusual: false, cut: false });
      }
    }
  });

  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))('are so with %s', (_, mutation) => {
    fc.assert(
      fc.property(arbitraryLine, fc.integer(), pieceSizes, (line, seed, sizes) => {
        const mutated = mutation.apply(line, seededRandom(seed));
        const pieces = mutated.length > 10_000 ? sizes.map((size) => size * 1000) : sizes;
        const { facts, cut } = read(mutated, pieces);
        expect(cut).toBe(false);
        expect(facts).toEqual(parsed(mutated));
      }),
      { numRuns: 25 },
    );
  });

  it('are the last of members that come twice, on every level', () => {
    for (const line of [
      message(
        '',
        ',"message":{"role":"user","usage":{"input":1},"model":"a","content":[{"type":"tool_use","name":"x"}]}',
      ),
      `{"message":{"role":"assistant"},"message":"text"}`,
      `{"message":{"role":"assistant"},"message":null,"message":{"role":"user","durationMs":5}}`,
      message(',"role":"user"'),
      message(',"role":"toolResult"'),
      message(',"usage":{"input":1},"usage":null'),
      message(',"content":[{"type":"tool_use","name":"x"},{"type":"tool_result"}],"content":"text"'),
      message(',"content":[{"type":"tool_use","name":"x"}],"content":[{"type":"tool_use","name":"y"}]'),
      message(',"content":[{"type":"text","type":"tool_use","name":"x","name":"y"}]'),
      message('', ',"timestamp":"2026-01-01","timestamp":5'),
    ]) {
      expect(read(line).facts).toEqual(parsed(line));
      expect(read(line).unusual).toBe(true);
    }
  });

  it('come from their own level only', () => {
    const decoys = '"role":"user","message":{"role":"user"},"usage":1,"timestamp":2,"type":"tool_use","name":"x"';
    for (const line of [
      `{${decoys}}`,
      message(`,"details":{${decoys}}`),
      message(`,"content":[{"type":"tool_use","name":"exec","arguments":{${decoys}}}]`),
      message(`,"content":{${decoys}}`),
      message(`,"content":[[{${decoys}}],"tool_use",{"type":"text"}]`),
      message(`,"toolName":{${decoys}}`, `,"data":[{${decoys}}]`),
      `[{"message":{"role":"user"}}]`,
      `{"message":[{"role":"user"}]}`,
      '{"message":["user","assistant"]}',
      '{"message":{"role":"user","data":["assistant"]}}',
      message(',"content":[{"type":"tool_use","name":"exec"},["tool_result"],{"name":"read"}]'),
    ]) {
      read('{"message":{"role":"user"}}');
      const { facts, unusual } = read(line);
      expect({ line, facts, unusual }).toMatchObject({ facts: parsed(line) });
    }
  });

  it('are numbers and texts as JSON.parse reads them', () => {
    const numbers =
      '0 -0 7 007 123456789012345 1234567890123456 12345678901234567890 90071992547409931 99999999999999999 1e3 1.50 -1 0.1e-7'.split(
        ' ',
      );
    const texts = [
      '""',
      '"a"',
      '"claude-sonnet-4-6"',
      '"é\u{1F680}"',
      '"\\u0061\\n"',
      '"2026-11-22T10:00:00.000Z"',
      '"\\""',
      '"\ufeffa"',
    ];
    for (const text of [...numbers, ...texts, 'true', 'null', '[1]', '{"a":1}']) {
      const line = message(`,"timestamp":${text},"model":${text}`);
      for (const sizes of [[line.length], [1]]) expect(read(line, sizes).facts).toEqual(parsed(line));
    }
  });
});

describe('a line is unusual', () => {
  it.each([
    ['with a key that has an escape', message(',"mod\\u0065l":"m"')],
    ['with a member that comes twice in the record', message('', ',"model":"m","model":"m"')],
    ['with a member that comes twice in the message', message(',"model":"m","model":"m"')],
    ['with a member that comes twice in a block', message(',"content":[{"type":"text","type":"text"}]')],
    ['with a member of more than 256 KiB', message(`,"model":"${'m'.repeat(TOO_LONG - 2)}"`)],
  ])('%s', (_, line) => expect(read(line).unusual).toBe(true));

  it.each([
    [
      'with the same member in the record, the message and several blocks',
      message(',"model":"m","content":[{"type":"a"},{"type":"b"}]', ',"model":"m"'),
    ],
    ['with members in any order', '{"message":{"usage":{},"content":[],"role":"user"},"timestamp":1}'],
    ['with a member twice that does not matter', message(',"api":1,"api":2,"content":[{"text":"","text":""}]')],
    ['with a member of 256 KiB', message(`,"model":"${'m'.repeat(TOO_LONG - 3)}"`)],
    ['with a long text as content', message(`,"content":"${'x'.repeat(TOO_LONG)}"`)],
    [
      'with a long text for a message or a block',
      `{"message":"${'x'.repeat(TOO_LONG)}","content":["${'x'.repeat(TOO_LONG)}"]}`,
    ],
    [
      'with long texts among the blocks',
      message(`,"content":["${'x'.repeat(TOO_LONG)}",{"type":"text","text":"${'x'.repeat(TOO_LONG)}"}]`),
    ],
  ])('but not %s', (_, line) => {
    for (const sizes of [[line.length], [4096]])
      expect(read(line, sizes)).toEqual({ facts: parsed(line), unusual: false, cut: false });
  });
});

describe('a member of more than 256 KiB is dropped, which shows in `cut`', () => {
  const long = `"${'x'.repeat(TOO_LONG)}"`;

  it.each([
    ['usage', `{"note":${long},"input":1}`, 'messageUsage'],
    ['model', long, 'messageModel'],
    ['timestamp', long, 'messageTimestamp'],
    ['stopReason', long, 'stopReason'],
  ] as const)('%s', (name, text, fact) => {
    const line = message(`,"${name}":${text},"provider":"acme"`);
    for (const sizes of [[line.length], [65_536], [1000]]) {
      const { facts, cut } = read(line, sizes);
      expect(cut).toBe(true);
      expect(facts).toEqual({ ...parsed(line), [fact]: expect.any(Symbol) });
    }
  });

  it('the role, with which the line does not count', () => {
    expect(read(`{"message":{"role":${long}}}`)).toMatchObject({ facts: { role: null }, cut: true });
  });

  it("a block's name, with which the call does not count", () => {
    const line = message(`,"content":[{"type":"tool_use","name":${long}},{"type":"tool_use","name":"exec"}]`);
    expect(read(line)).toMatchObject({ facts: { blockNames: ['exec'] }, cut: true });
  });

  it('until the next line', () => {
    read(message(`,"model":${long}`));
    expect(read(message(''))).toEqual({ facts: parsed(message('')), unusual: false, cut: false });
  });
});
