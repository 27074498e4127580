import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPTURE, DESCEND, type JsonHandler, JsonPush, SKIP } from '../../src/compute/json-push.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { damagedJsonText, jsonText, jsonTokens, TRIMMED_BLANKS } from '../support/arbitrary-json.ts';
import { pieceSizes, piecesOf } from '../support/pieces.ts';

const LIMIT = 1 << 20;

/** Says what to do with a value by its depth and name; elements have no name. */
type Wish = (depth: number, name: string | null) => number;

/** What came of a text. Skipped values are absent of the root, dropped ones are CUT. */
interface Outcome {
  readonly accepted: boolean;
  readonly failedAt: number;
  readonly root: unknown;
  /** The texts of the captured values. */
  readonly raw: readonly string[];
  readonly keys: readonly string[];
  /** Whether each of the keys had escapes. */
  readonly escaped: readonly boolean[];
}

/** Builds again what it is told of a text. */
class Rebuilder implements JsonHandler {
  #root: unknown;
  #raw: string[] = [];
  #keys: string[] = [];
  #escaped: boolean[] = [];
  readonly #wish: Wish;
  readonly #push: JsonPush;
  readonly #kernel: ScanKernel | null;
  readonly #open: (object | unknown[])[] = [];
  readonly #names: (string | null)[] = [null];

  /** @param kernel to hand the pieces over in its buffer; null for buffers of their own */
  constructor(wish: Wish, limit: number, kernel: ScanKernel | null = null) {
    this.#wish = wish;
    this.#kernel = kernel;
    this.#push = new JsonPush(this, limit, kernel);
  }

  read(pieces: Iterable<Buffer>): Outcome {
    this.#root = undefined;
    [this.#raw, this.#keys, this.#escaped] = [[], [], []];
    this.#open.length = 0;
    this.#push.begin();
    for (const piece of pieces) this.#hand(piece);
    return {
      accepted: this.#push.finish(),
      failedAt: this.#push.failedAt,
      root: this.#root,
      raw: this.#raw,
      keys: this.#keys,
      escaped: this.#escaped,
    };
  }

  /** In the middle of bytes that would matter if they were looked at. */
  #hand(piece: Buffer): void {
    const buffer = this.#kernel?.buffer ?? Buffer.alloc(piece.length + 8);
    buffer.fill('"}\\', 0, piece.length + 8);
    piece.copy(buffer, 4);
    this.#push.push(buffer, 4, 4 + piece.length);
  }

  key(depth: number, key: string): number {
    expect(depth).toBe(this.#open.length);
    this.#keys.push(key);
    this.#escaped.push(this.#push.keyEscaped);
    this.#names[depth] = key;
    delete (this.#open.at(-1) as Record<string, unknown>)[key];
    return this.#wish(depth, key);
  }

  element(depth: number): number {
    expect(depth).toBe(this.#open.length);
    this.#names[depth] = null;
    return this.#wish(depth, null);
  }

  value(depth: number, buf: Buffer, start: number, end: number): void {
    expect(depth).toBe(this.#open.length);
    const text = buf.toString('utf8', start, end);
    this.#raw.push(text);
    this.#put(depth, JSON.parse(text));
  }

  open(depth: number, kind: number): void {
    const container = kind === 0x7b ? {} : [];
    if (depth === 1) this.#root = container;
    else this.#put(depth - 1, container);
    this.#open.push(container);
    expect(depth).toBe(this.#open.length);
  }

  close(depth: number): void {
    expect(depth).toBe(this.#open.length);
    this.#open.pop();
  }

  tooLong(depth: number): void {
    this.#put(depth, CUT);
  }

  #put(depth: number, value: unknown): void {
    const container = this.#open.at(-1) as object;
    const name = this.#names[depth];
    if (Array.isArray(container)) container.push(value);
    else Object.defineProperty(container, name as string, { value, ...PLAIN_PROPERTY });
  }
}

const CUT = 'cut';
const PLAIN_PROPERTY = { enumerable: true, configurable: true, writable: true };

/** What the wish leaves of a value. */
function wished(value: unknown, wish: Wish, depth = 1): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const keep = (name: string | null, member: unknown) => {
    const action = wish(depth, name);
    return action === SKIP ? [] : [action === CAPTURE ? member : wished(member, wish, depth + 1)];
  };
  if (Array.isArray(value)) return value.flatMap((item) => keep(null, item));
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => keep(key, item).map((kept) => [key, kept])));
}

/** Reads a text in buffers of its own and in a kernel's, which must come to the same. */
function rebuild(bytes: Uint8Array, { sizes = [LIMIT], wish = captureAll, limit = LIMIT }: Partial<Reading> = {}) {
  const outcome = new Rebuilder(wish, limit).read(piecesOf(bytes, sizes));
  expect(new Rebuilder(wish, limit, kernel).read(piecesOf(bytes, sizes))).toEqual(outcome);
  return outcome;
}

const kernel = new ScanKernel(4 * LIMIT);

interface Reading {
  sizes: readonly number[];
  wish: Wish;
  limit: number;
}

const captureAll: Wish = () => CAPTURE;
const descendTo =
  (floor: number): Wish =>
  (depth) =>
    depth < floor ? DESCEND : CAPTURE;

const wishes: fc.Arbitrary<Wish> = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).map(
  ([floor, salt]): Wish =>
    (depth, name) =>
      name !== null && (name.length + depth) % salt === 1 ? SKIP : descendTo(floor)(depth, name),
);

/** The value of a text that is an object or array, as JSON.parse gives it; undefined for any other text. */
function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8').trim());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const anyBytes = fc.oneof(
  { weight: 2, arbitrary: jsonText },
  { weight: 4, arbitrary: damagedJsonText },
  { weight: 3, arbitrary: jsonTokens },
  { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
);

describe('what is accepted', () => {
  it('is what JSON.parse accepts of the trimmed text, if that is an object or array', () => {
    fc.assert(
      fc.property(anyBytes, pieceSizes, wishes, (bytes, sizes, wish) => {
        const { accepted } = rebuild(bytes, { sizes, wish });
        expect(accepted).toBe(parsed(bytes) !== undefined);
      }),
      { numRuns: 4000 },
    );
  });

  it.each([
    ...'0 -0 1 -1 10 0.0 1.50 -0.5 1e1 1E1 1e+1 1e-10 0e0 12.34e56 1e400'.split(' '),
    ...'01 - --1 +1 .5 1. 1.e1 1e 1e+ -.5 0x1 1a 00 1.2.3 1e1.5 tru truee True nullnull NaN Infinity'.split(' '),
    ...[
      '1 2',
      '""',
      '"\\""',
      '"\\u00"',
      '"\\u00g0"',
      '"\\u00G0"',
      '"\\u00Aa"',
      '"\\u12',
      '"\\x"',
      '"\\',
      '"a\tb"',
      '"\u007f"',
      "'a'",
    ],
    ...['"\\b\\f\\n\\r\\t\\/\\\\"', '[]', '[,]', '[1,]', '[1 2]', '[1,2]', '{}', '{"a"}', '{"a":}', '{"a":1,}'],
    ...['[1}', '{"a":1]', '{"a" 1}', '{,}', '{"a":1 "b":2}', '{1:2}', '{a:1}', '[}', '{]', ''],
  ])('as a value: %s', (text) => {
    for (const bytes of [
      Buffer.from(`[${text}]`),
      Buffer.from(`{"k":${text}}`),
      Buffer.from(`[0,${text} ]`),
      Buffer.from(text),
    ]) {
      for (const sizes of [[LIMIT], [1]]) {
        for (const wish of [captureAll, descendTo(9), () => SKIP]) {
          expect(rebuild(bytes, { sizes, wish }).accepted, bytes.toString()).toBe(parsed(bytes) !== undefined);
        }
      }
    }
  });

  it.each(['', ' ', '\t', '\r', '\n', ...TRIMMED_BLANKS].map((text) => [JSON.stringify(text), text]))(
    '%s around an object, any number of times, but not inside',
    (_, text) => {
      const many = text.repeat(100);
      for (const sizes of [[LIMIT], [1], [2], [7]]) {
        expect(rebuild(Buffer.from(`${many}{"a":1}${many}`), { sizes }).accepted).toBe(true);
        expect(rebuild(Buffer.from(`${many}{"a":1}${many}x`), { sizes }).accepted).toBe(false);
        expect(rebuild(Buffer.from(`x${many}{"a":1}`), { sizes }).accepted).toBe(false);
        const inside = Buffer.from(`{"a":${text}1}`);
        expect(rebuild(inside, { sizes }).accepted).toBe(parsed(inside) !== undefined);
      }
    },
  );

  it('is nothing that only begins like white space', () => {
    for (const bytes of [
      [0xc2],
      [0xe2],
      [0xe2, 0x80],
      [0xe2, 0x80, 0x8b],
      [0xc2, 0x20],
      [0xe2, 0x20, 0x80, 0x80],
      [0xef, 0xbb],
      [0x85],
      [0x1c],
      [0],
    ]) {
      for (const sizes of [[LIMIT], [1]]) {
        expect(rebuild(Buffer.concat([Buffer.from('{}'), Buffer.from(bytes)]), { sizes }).accepted).toBe(false);
        expect(rebuild(Buffer.concat([Buffer.from(bytes), Buffer.from('{}')]), { sizes }).accepted).toBe(false);
        const around = Buffer.from([bytes[0] as number, 0x7b, 0x7d, ...bytes.slice(1), 0xa0]);
        expect(rebuild(around, { sizes }).accepted).toBe(false);
      }
    }
  });

  it('does not depend on what was read before', () => {
    const rebuilder = new Rebuilder(captureAll, 8);
    const texts = [
      '{"a":[1',
      '{"a":"\\u00',
      '{"a":"',
      '[tru',
      '{"a":1}\u00a0',
      '{"a":1}\u00a0\u0000',
      '\u00a0',
      'x',
      '{"a":12345678901',
      '{"long key',
    ];
    for (const text of texts) {
      rebuilder.read([Buffer.from(text)]);
      expect(rebuilder.read([Buffer.from('{"b":"é"}')])).toMatchObject({
        accepted: true,
        failedAt: -1,
        root: { b: 'é' },
      });
    }
  });

  it('does not depend on a kernel that has another buffer', () => {
    const push = new JsonPush(new Rebuilder(captureAll, LIMIT), LIMIT, kernel);
    kernel.buffer.fill('"');
    push.begin();
    push.push(Buffer.from('["long enough for a kernel to look at"]'), 0, 39);
    expect(push.finish()).toBe(true);
  });

  it('has at most 1,048,575 containers open at once', () => {
    const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
    const skipping = { wish: () => SKIP };
    expect(rebuild(nested((1 << 20) - 1), skipping).accepted).toBe(true);
    expect(rebuild(nested(1 << 20), skipping).accepted).toBe(false);
  });
});

describe('the offset at which a text stops being JSON', () => {
  it.each([
    ['{"a":1,}', 7],
    ['  {"a" 1}', 7],
    ['nul', 0],
    ['[1, 02]', 5],
    ['{"a":"\u0001"}', 6],
    ['{"a":"\\x"}', 7],
    ['{} x', 3],
    ['{}\u00a0\u00a0}', 6],
    ['[[[}', 3],
    ['[-]', 2],
  ])('%j: %d', (text, offset) => {
    for (const sizes of [[LIMIT], [1], [3]]) expect(rebuild(Buffer.from(text), { sizes }).failedAt).toBe(offset);
  });

  it('is -1 for a text that may go on', () => {
    for (const text of ['', ' ', '{', '{"a', '{"a":1', '{"a":1}', '{}\u2003 '])
      expect(rebuild(Buffer.from(text)).failedAt).toBe(-1);
  });

  it('does not depend on the pieces, and is the first byte without which the text would not have failed', () => {
    fc.assert(
      fc.property(damagedJsonText, pieceSizes, (bytes, sizes) => {
        const { failedAt } = rebuild(bytes);
        expect(rebuild(bytes, { sizes }).failedAt).toBe(failedAt);
        if (failedAt >= 0) expect(rebuild(bytes.subarray(0, failedAt)).failedAt).toBe(-1);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is handed out', () => {
  it('are the values that JSON.parse gives at the same places, the last of repeated keys', () => {
    fc.assert(
      fc.property(jsonText, pieceSizes, wishes, (bytes, sizes, wish) => {
        const { accepted, ...outcome } = rebuild(bytes, { sizes, wish });
        if (accepted) expect(outcome.root).toEqual(wished(parsed(bytes), wish));
      }),
      { numRuns: 3000 },
    );
  });

  it('is the last of repeated keys', () => {
    for (const text of [
      '{"a":1,"a":[2]}',
      '{"a":{"b":1,"c":2},"a":{"b":3}}',
      '{"a":{},"a":null}',
      '{"\\u0061":1,"a":2,"\\u0061":{"a":4}}',
    ]) {
      for (const wish of [captureAll, descendTo(9)]) {
        expect(rebuild(Buffer.from(text), { wish }).root).toEqual(JSON.parse(text));
      }
    }
  });

  it('is the raw text of a value, without the white space around it', () => {
    const text = '{"a" : [ 1, "]" ] ,"b":-1.50e+3 ,"c":"\\u0061\\"" }';
    for (const sizes of [[LIMIT], [1], [2], [5]]) {
      expect(rebuild(Buffer.from(text), { sizes }).raw).toEqual(['[ 1, "]" ]', '-1.50e+3', '"\\u0061\\""']);
    }
  });

  it('has a scalar where a container was to be descended into', () => {
    const wish = descendTo(9);
    expect(rebuild(Buffer.from('{"a":"x","b":[1,{"c":null}]}'), { wish }).raw).toEqual(['"x"', '1', 'null']);
  });

  it('says nothing of what is inside skipped and captured values', () => {
    const text = '{"s":{"a":{"b":[1]},"c":[{"d":1}]},"k":{"e":{"f":1}},"x":1}';
    const outcome = rebuild(Buffer.from(text), {
      sizes: [3],
      wish: (_, name) => (name === 's' ? SKIP : CAPTURE),
    });
    expect(outcome.keys).toEqual(['s', 'k', 'x']);
    expect(outcome.raw).toEqual(['{"e":{"f":1}}', '1']);
  });
});

describe('a key', () => {
  it('is handed out decoded, with whether it had escapes', () => {
    const text = '{"r\\u006fle":1,"role":2,"a\\"b":3,"\\ud83d\\ude80":4,"é":5,"":6}';
    for (const sizes of [[LIMIT], [1], [4]]) {
      const outcome = rebuild(Buffer.from(text), { sizes });
      expect(outcome.keys).toEqual(['role', 'role', 'a"b', '\u{1F680}', 'é', '']);
      expect(outcome.escaped).toEqual([true, false, true, true, false, false]);
    }
  });

  it('is not mistaken for another of the same length and ends', () => {
    const keys = ['abcd', 'axyd', 'abcd', 'abxd', 'axyd', 'abcd'];
    const text = `[${keys.map((key) => `{"${key}":0}`).join()}]`;
    expect(rebuild(Buffer.from(text), { wish: descendTo(9) }).keys).toEqual(keys);
  });

  it.each([
    ['is handed out up to 24,576 bytes', 24_576, ['k'.repeat(24_576), 'after']],
    ['is passed over with its value beyond', 24_577, ['after']],
  ])('%s', (_, length, keys) => {
    const text = Buffer.from(`{"${'k'.repeat(length)}":{"a":[1]},"after":2}`);
    for (const sizes of [[LIMIT], [1000], [1]]) {
      const { accepted, ...outcome } = rebuild(text, { sizes, limit: 64 });
      expect(accepted).toBe(true);
      expect(outcome.keys).toEqual(keys);
      expect((outcome.root as { after: number }).after).toBe(2);
    }
  });
});

describe('a captured value past the limit', () => {
  it.each([
    ['"123456"', 8, true],
    ['"1234567"', 8, false],
    ['12345678', 8, true],
    ['123456789', 8, false],
    ['[1,2,{}]', 8, true],
    ['[1, 2,{}]', 8, false],
    ['true', 3, false],
  ])('%s with a limit of %d bytes: handed out %s', (text, limit, handedOut) => {
    for (const sizes of [[LIMIT], [1], [3], [6]]) {
      const { accepted, ...outcome } = rebuild(Buffer.from(`{"a":${text},"b":1}`), { sizes, limit });
      expect(accepted).toBe(true);
      expect(outcome.root).toEqual({ a: handedOut ? JSON.parse(text) : CUT, b: 1 });
    }
  });

  it('must still be JSON', () => {
    expect(rebuild(Buffer.from('{"a":[1,2,3,4,5,6,7,]}'), { limit: 8 }).accepted).toBe(false);
  });
});
