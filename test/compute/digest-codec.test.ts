import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Accounting, Message } from '../../src/compute/accounting.ts';
import { Digest, MAX_CELLS, MAX_DAY_CELLS, MAX_MODELS, MAX_TOOLS, OTHER, UNDATED } from '../../src/compute/digest.ts';
import {
  ANCHOR_BYTES,
  decodeDigest,
  decodeFigures,
  encodeDigest,
  encodeSection,
} from '../../src/compute/digest-codec.ts';
import { RULES } from '../../src/compute/eras.ts';
import { COLUMNS, LATENCY_COUNT, LATENCY_SUM, MESSAGES, SAVED, TOOL_CALLS } from '../../src/compute/figures.ts';
import { foldTranscript } from '../../src/compute/fold.ts';
import { PriceBook } from '../../src/compute/price-book.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { storeDefaults } from '../../src/demo/options.ts';
import { MIB } from '../../src/units.ts';
import { contentsOf } from '../support/digest-contents.ts';
import { readFrom } from '../support/pieces.ts';
import { readTranscripts } from '../support/plain-reading.ts';
import { seededRandom, shuffled } from '../support/random.ts';
import { smallStore } from '../support/stores.ts';

const CURSOR = { era: '2026.9', offset: 123_456_789, anchor: Buffer.from('anchor78') } as const;

interface Facts {
  role: 'user' | 'assistant';
  timestamp: number | null;
  provider: string | null;
  model: string | null;
  duration: number | undefined;
  capped: boolean;
  tools: string[];
  /** Those of the columns, without the latency's. */
  figures: number[];
}

function message({ figures, ...facts }: Partial<Facts>): Message {
  const result = Object.assign(new Message(), facts);
  result.figures.set(figures ?? []);
  return result;
}

function digestOf(messages: readonly Partial<Facts>[]): Digest {
  const digest = new Digest();
  for (const facts of messages) digest.add(message(facts));
  return digest;
}

function encoded(digest: Digest): Buffer {
  return encodeDigest(CURSOR, encodeSection(digest), null);
}

const figure = fc.oneof(fc.constant(0), fc.nat(1000), fc.integer({ min: -1e13, max: 1e13 }));
const facts: fc.Arbitrary<Facts> = fc.record({
  role: fc.constantFrom('user', 'assistant'),
  timestamp: fc.oneof(
    fc.constant(null),
    fc.integer({ min: 1.79e12, max: 1.7901e12 }),
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
  ),
  provider: fc.constantFrom(null, '', 'acme', 'é\u{1F680}'),
  model: fc.constantFrom(null, '', 'm', OTHER, '__proto__'),
  duration: fc.option(fc.oneof(fc.integer({ min: -5, max: 100 }), fc.integer({ min: 0, max: 43_200_000 })), {
    nil: undefined,
  }),
  capped: fc.boolean(),
  tools: fc.uniqueArray(fc.constantFrom('exec', 'read', '__proto__', 'é', OTHER)),
  figures: fc
    .array(figure, { minLength: COLUMNS, maxLength: COLUMNS })
    .map((all) => all.map((value, at) => (at === LATENCY_COUNT || at === LATENCY_SUM ? 0 : value))),
});

describe('a digest as bytes', () => {
  it('comes back as it was: figures, what goes on from it, and its cursor', () => {
    fc.assert(
      fc.property(
        fc.array(facts, { maxLength: 20 }),
        fc.array(facts, { maxLength: 3 }),
        fc.maxSafeNat(),
        (before, tail, offset) => {
          const atCursor = digestOf(before);
          Object.assign(atCursor, { malformed: before.length * 1000, cut: tail.length });
          const all = digestOf([...before, ...tail]);
          const bytes = encodeDigest({ ...CURSOR, offset }, encodeSection(all), encodeSection(atCursor));
          const { cursor, figures, resume } = decodeDigest(bytes);
          expect(cursor.offset).toBe(offset);
          expect(Buffer.from(cursor.anchor)).toEqual(CURSOR.anchor);
          expect(figures).toEqual(all);
          expect(resume).toEqual(atCursor);
          expect(contentsOf(decodeFigures(bytes))).toEqual(contentsOf(all));
          expect(encodeSection(figures).equals(encodeSection(all))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('goes on from its figures where there is no other state', () => {
    const { figures, resume } = decodeDigest(encoded(digestOf([{ role: 'user', timestamp: 5 }])));
    expect(resume).toBe(figures);
    expect(resume.lastUser).toBe(5);
  });

  it('is the same whatever the order in which the same names and amounts came', () => {
    const models = [0, 1, 2].map(
      (at): Partial<Facts> => ({ role: 'assistant', provider: 'acme', model: `m${at}`, tools: ['a', 'b', 'c'] }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(facts, fc.constantFrom(...models)), { maxLength: 20 }),
        fc.integer(),
        (all, seed) => {
          const messages = all.map(([any, named]) => ({ ...any, ...named, duration: any.duration ?? 0 }));
          const one = digestOf([...models, ...messages]);
          const other = digestOf([...models, ...shuffled(messages, seededRandom(seed))]);
          expect(encoded(other).equals(encoded(one))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has less than 2 KB for a session of usual size', () => {
    const { directory } = smallStore(storeDefaults.seed, { ...storeDefaults, agents: 2 });
    const accounting = new Accounting(new PriceBook({ catalog: [], configured: [], own: [] }), RULES['2026.5']);
    const kernel = new ScanKernel(MIB);
    const sizes = readTranscripts(directory)
      .map(({ text }) => Buffer.from(text))
      .map((bytes) => foldTranscript(readFrom(bytes), bytes.length, accounting, kernel, null).digest.length)
      .sort((a, b) => a - b);
    const [median, largest] = [sizes[sizes.length >> 1] as number, sizes.at(-1) as number];
    console.info(`digests of ${sizes.length} generated transcripts: median ${median} bytes, largest ${largest}`);
    expect(median).toBeLessThan(2048);
  });
});

describe('bytes that are no digest', () => {
  const digest = digestOf([
    { role: 'user', timestamp: 1.79e12, figures: [1, 2, 3] },
    { role: 'assistant', timestamp: 1.79e12 + 5, model: 'm', tools: ['exec'], figures: [1, -2, 3] },
    { role: 'assistant', timestamp: null, provider: 'p', duration: 9, tools: ['exec', 'read'] },
  ]);
  const bytes = encodeDigest(CURSOR, encodeSection(digest), encodeSection(digest));

  it.each([
    ['of another kind', Buffer.from('CGX'), 0],
    ['of another version', Buffer.from([99]), 3],
    ['of an unknown era', Buffer.from([9]), 4],
  ])('%s throw a RangeError', (_, replaced, at) => {
    const other = Buffer.concat([bytes.subarray(0, at), replaced, bytes.subarray(at + replaced.length)]);
    for (const decode of [decodeDigest, decodeFigures]) expect(() => decode(other)).toThrow(RangeError);
  });

  it('with one cut off at any place, or more behind, throw a RangeError', () => {
    for (let end = 0; end < bytes.length; end++) {
      for (const decode of [decodeDigest, decodeFigures])
        expect(() => decode(bytes.subarray(0, end)), `${end}`).toThrow(RangeError);
    }
    expect(() => decodeDigest(Buffer.concat([bytes, Buffer.from([0])]))).toThrow('bytes after the digest');
  });

  it('with sections that are too short or too long throw a RangeError', () => {
    const section = encodeSection(digest);
    for (let end = 0; end < section.length; end++)
      expect(() => decodeFigures(encodeDigest(CURSOR, section.subarray(0, end), null)), `${end}`).toThrow(RangeError);
    expect(() => decodeFigures(encodeDigest(CURSOR, Buffer.concat([section, Buffer.from([0])]), null))).toThrow(
      RangeError,
    );
  });

  it('changed in any way either throw a RangeError, or use no model and no tool that they do not list', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        try {
          expect(() => contentsOf(decodeFigures(changed))).not.toThrow();
        } catch {
          expect(() => decodeFigures(changed)).toThrow(RangeError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('may stand inside a larger buffer', () => {
    const larger = Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('yy')]);
    expect(decodeDigest(larger.subarray(2, -2)).figures).toEqual(digest);
  });

  it('have an anchor of another length', () => expect(CURSOR.anchor.length).toBe(ANCHOR_BYTES));
});

describe('more cells than are told apart', () => {
  const QUARTER = 900_000;
  const START = Date.UTC(2026, 0, 1);
  const one = Array.from({ length: COLUMNS }, (_, at) => (at === MESSAGES ? 1 : 0));
  const at = (quarter: number, model = 'm'): Partial<Facts> => {
    return { role: 'assistant', provider: 'p', model, timestamp: START + quarter * QUARTER, figures: one };
  };
  /** One message in each quarter hour for as many as there are cells, then one a day; the first of those days has a cell. */
  const tooMany = [
    ...Array.from({ length: MAX_CELLS }, (_, quarter) => at(quarter)),
    ...Array.from({ length: MAX_DAY_CELLS + 10 }, (_, day) => at(MAX_CELLS + day * 96 + 7)),
  ];
  const countAt = (digest: Digest, quarter: number) =>
    [...(digest.cells.get(quarter)?.values() ?? [])].map(({ figures }) => figures[MESSAGES]);

  it('count by their UTC day, and with still more of them without a time; nothing is lost', () => {
    const digest = digestOf([...tooMany, at(1), at(MAX_CELLS), at(MAX_CELLS + 90), at(3, 'other')]);
    const first = START / QUARTER;
    const day = Math.floor((first + MAX_CELLS) / 96) * 96;
    expect(digest.size).toBe(MAX_CELLS + MAX_DAY_CELLS + 2);
    expect(countAt(digest, first)).toEqual([1]);
    expect(countAt(digest, first + 1)).toEqual([2]);
    expect(countAt(digest, day)).toEqual([3]);
    expect(countAt(digest, UNDATED)).toEqual([9, 1]);
    const cells = [...digest.cells.values()].flatMap((models) => [...models.values()]);
    expect(cells.reduce((sum, { figures }) => sum + (figures[MESSAGES] as number), 0)).toBe(tooMany.length + 4);
    expect(decodeFigures(encoded(digest)).size).toBe(digest.size);
  });

  it('count the same when the transcript is read in parts', () => {
    const whole = encoded(digestOf(tooMany));
    for (const cut of [MAX_CELLS - 1, MAX_CELLS, MAX_CELLS + 5, tooMany.length - 3]) {
      const digest = decodeFigures(encoded(digestOf(tooMany.slice(0, cut))));
      for (const facts of tooMany.slice(cut)) digest.add(message(facts));
      expect(encoded(digest).equals(whole)).toBe(true);
    }
  });
});

describe('more names than are told apart', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `name-${at}`);
  const figures: number[] = [];
  figures[MESSAGES] = 1;
  figures[SAVED] = -7;
  const one = Array.from({ length: COLUMNS }, (_, at) => figures[at] ?? 0);

  it(`models: the first ${MAX_MODELS} by name, the others under one name by role`, () => {
    const extra = 10;
    const digest = digestOf([
      ...names(MAX_MODELS + extra).map(
        (model): Partial<Facts> => ({ role: 'assistant', provider: 'p', model, figures: one }),
      ),
      { role: 'user', provider: 'p', model: 'name-0', figures: one },
      { role: 'assistant', provider: 'p', model: 'name-0', figures: one },
      { role: 'assistant', provider: 'q', model: OTHER, figures: one },
    ]);
    expect(digest.models.slice(0, MAX_MODELS).map(({ model }) => model)).toEqual(names(MAX_MODELS));
    expect(digest.models.slice(MAX_MODELS)).toEqual([
      { role: 'assistant', provider: null, model: OTHER },
      { role: 'user', provider: null, model: OTHER },
    ]);
    const cells = [...digest.cells.values()].flatMap((models) => [...models]);
    const messagesOf = (index: number) => cells.find(([at]) => at === index)?.[1].figures[MESSAGES];
    expect([0, 1, MAX_MODELS, MAX_MODELS + 1].map(messagesOf)).toEqual([2, 1, extra + 1, 1]);
    expect(decodeFigures(encoded(digest))).toEqual(digest);
  });

  it(`tools: the first ${MAX_TOOLS} by name, the others under one name`, () => {
    const digest = digestOf(
      names(MAX_TOOLS + 10).map((name): Partial<Facts> => ({ role: 'assistant', tools: [name] })),
    );
    digest.add(message({ role: 'assistant', tools: ['name-0', 'one', 'more', OTHER] }));
    expect(digest.tools).toEqual([...names(MAX_TOOLS), OTHER]);
    const [cell] = [...digest.cells.values()].flatMap((models) => [...models.values()]);
    expect(cell?.tools.get(0)).toBe(2);
    expect(cell?.tools.get(MAX_TOOLS)).toBe(13);
    expect(cell?.figures[TOOL_CALLS]).toBe(0);
    expect(decodeFigures(encoded(digest))).toEqual(digest);
  });
});
