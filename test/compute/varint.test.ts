import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, textAt } from '../../src/compute/varint.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

function written(write: (writer: ByteWriter) => void, capacity?: number): Buffer {
  const writer = new ByteWriter(capacity);
  write(writer);
  return writer.finish();
}

describe('integers', () => {
  const unsigned = fc.oneof(
    fc.nat(300),
    fc.maxSafeNat(),
    fc.nat(52).map((bits) => 2 ** bits),
    fc.nat(52).map((bits) => 2 ** (bits + 1) - 1),
  );
  const signed = fc.oneof(
    unsigned,
    unsigned.map((value) => -value - 0),
  );

  it('come back as they were written, in any order and capacity', () => {
    const value = fc.oneof(
      unsigned.map((number) => ['unsigned', number] as const),
      signed.map((number) => ['signed', number] as const),
      fc.nat(255).map((number) => ['byte', number] as const),
    );
    fc.assert(
      fc.property(fc.array(value), fc.nat(16), (values, capacity) => {
        const bytes = written((writer) => {
          for (const [kind, number] of values) writer[kind](number);
        }, capacity);
        const reader = new ByteReader(bytes);
        for (const [kind, number] of values) expect(reader[kind]()).toBe(number + 0);
        expect(reader.done).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['unsigned', 0, [0]],
    ['unsigned', 127, [0x7f]],
    ['unsigned', 128, [0x80, 1]],
    ['unsigned', 16_383, [0xff, 0x7f]],
    ['unsigned', 16_384, [0x80, 0x80, 1]],
    ['unsigned', LARGEST, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['signed', 0, [0]],
    ['signed', -1, [1]],
    ['signed', 1, [2]],
    ['signed', -64, [0x7f]],
    ['signed', 63, [0x7e]],
    ['signed', 64, [0x80, 1]],
    ['signed', -65, [0x81, 1]],
    ['signed', LARGEST, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['signed', -LARGEST, [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
  ] as const)('%s %d takes the bytes %j', (kind, number, bytes) => {
    expect([...written((writer) => writer[kind](number))]).toEqual(bytes);
    expect(new ByteReader(Buffer.from(bytes))[kind]()).toBe(number);
  });
});

describe('texts and bytes', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.uint8Array())),
        fc.nat(16),
        (values, capacity) => {
          const bytes = written((writer) => {
            for (const [text, raw] of values) {
              writer.text(text);
              writer.bytes(raw);
            }
          }, capacity);
          const reader = new ByteReader(bytes);
          for (const [text, raw] of values) {
            expect(reader.text()).toBe(text);
            expect([...reader.bytes(raw.length)]).toEqual([...raw]);
          }
          expect(reader.done).toBe(true);
        },
      ),
    );
  });

  it('begin anew when they were finished', () => {
    const writer = new ByteWriter();
    writer.unsigned(300);
    const first = writer.finish();
    writer.unsigned(5);
    expect([[...first], [...writer.finish()]]).toEqual([[0xac, 2], [5]]);
  });

  it('are in a buffer of exactly their size', () => {
    const bytes = written((writer) => writer.text('é'));
    expect([...bytes]).toEqual([2, 0xc3, 0xa9]);
    expect(bytes.buffer.byteLength).toBe(3);
  });
});

describe('reading', () => {
  it('stays between the start and the end that it was given', () => {
    const reader = new ByteReader(Buffer.from([1, 2, 3, 4]), 1, 3);
    expect([reader.byte(), reader.byte(), reader.done]).toEqual([2, 3, true]);
    expect(() => reader.byte()).toThrow(RangeError);
  });

  it('works in the middle of a larger buffer', () => {
    expect(new ByteReader(new Uint8Array([9, 9, 5, 9]).subarray(2, 3)).unsigned()).toBe(5);
  });

  it.each([
    ['a byte', (reader: ByteReader) => reader.byte()],
    ['an integer', (reader: ByteReader) => reader.unsigned()],
    ['a signed integer', (reader: ByteReader) => reader.signed()],
    ['a text', (reader: ByteReader) => reader.text()],
    ['bytes', (reader: ByteReader) => reader.bytes(1)],
  ])('%s past the end throws a RangeError', (_, read) => {
    expect(() => read(new ByteReader(Buffer.alloc(0)))).toThrow(RangeError);
  });

  it('what ends in the middle throws a RangeError', () => {
    expect(() => new ByteReader(Buffer.from([0x80, 0x80])).unsigned()).toThrow(RangeError);
    expect(() => new ByteReader(Buffer.from([0x81])).signed()).toThrow(RangeError);
    expect(() => new ByteReader(Buffer.from([3, 0x61, 0x62])).text()).toThrow(RangeError);
  });
});

it.each([0, 1, 127, 128, 300, 20_000])('a text of %d bytes is found where it was written', (length) => {
  const writer = new ByteWriter();
  writer.byte(7);
  writer.text('x'.repeat(length));
  writer.text('behind');
  expect(textAt(writer.finish(), 1)).toBe('x'.repeat(length));
});
