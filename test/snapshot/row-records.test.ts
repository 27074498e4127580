import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VIEW_COLUMNS } from '../../src/compute/figures.ts';
import { LookList, LookReader } from '../../src/compute/look-list.ts';
import { stampNumbers, stampOfNumbers } from '../../src/compute/stamp-numbers.ts';
import type { Folded } from '../../src/snapshot/catalog.ts';
import { contentStamp, epochOf, fileStampOf } from '../../src/snapshot/content-stamp.ts';
import { RowRecords } from '../../src/snapshot/row-records.ts';
import { SessionSum } from '../../src/snapshot/session-sum.ts';

const digits = fc.bigInt({ min: 0n, max: 2n ** 64n });
const stamp = fc
  .tuple(
    digits,
    digits,
    digits,
    fc.bigInt({ min: -(10n ** 18n), max: 10n ** 20n }),
    digits,
    fc.string({ maxLength: 8 }),
  )
  .map(([dev, ino, size, mtimeNs, ctimeNs, prices]) => `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}@${prices}`);
const ordinary = fc
  .record({ ino: fc.nat(), size: fc.nat(), at: fc.nat(), prices: fc.constantFrom('a', 'b') })
  .map(({ ino, size, at, prices }) => `2049:${ino}:${size}:17950000000000${at}:1795000000000000000@${prices}`);
const stamps = fc.oneof(ordinary, stamp, fc.string({ maxLength: 40 }));
const names = fc.string({ unit: 'grapheme', maxLength: 60 });
const span = fc.option(
  fc.tuple(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.nat()).map(([first, length]) => [first, first + length]),
  { nil: [null, null] },
) as fc.Arbitrary<[number | null, number | null]>;
const figures = fc.array(fc.oneof(fc.constant(0), fc.maxSafeInteger()), {
  minLength: VIEW_COLUMNS,
  maxLength: VIEW_COLUMNS,
});
const folded: fc.Arbitrary<Folded> = fc
  .record({
    stamp: stamps,
    filing: fc.record({
      agent: fc.constantFrom('a', 'b'),
      channel: fc.string(),
      kind: fc.constantFrom('main', 'cron'),
    }),
    quarters: span,
    activity: span,
    undated: fc.boolean(),
    counted: fc.boolean(),
    userMessages: fc.nat(),
    covered: fc.nat(),
    full: fc.boolean(),
    figures,
    retained: fc.boolean(),
  })
  .map(({ stamp, filing, quarters, activity, undated, counted, userMessages, covered, full, figures, retained }) => {
    const whole = Object.assign(new SessionSum(), { counted, userMessages, first: activity[0], last: activity[1] });
    whole.figures.set(figures);
    const summary = { firstQuarter: quarters[0], lastQuarter: quarters[1], undated, whole, covered, full };
    return { stamp, filing, summary, retained };
  });

test('records come back as they were put, however often they are put again', () => {
  const records = new RowRecords();
  const same = fc.boolean();
  let number: number | null = null;
  fc.assert(
    fc.property(names, stamps, fc.option(folded), same, (name, stamp, folded, same) => {
      const given = folded && (same ? { ...folded, stamp } : folded);
      number = records.put(number, name, stamp, given);
      expect(records.name(number)).toBe(name);
      expect(records.stamp(number)).toBe(stamp);
      expect(records.isFolded(number)).toBe(given !== null);
      expect(records.isCurrent(number)).toBe(given?.stamp === stamp);
      const { firstQuarter, lastQuarter, undated } = given?.summary ?? {};
      const extent = records.extent(number);
      if (given === null) expect(extent).toBeNull();
      else expect(extent).toMatchObject({ firstQuarter, lastQuarter, undated });
      const back = records.folded(number);
      expect(back && { ...back, stamp: back.stamp, summary: back.summary }).toEqual(given);
    }),
  );
});

test('a list of looks gets the name, and the stamp of the file where that is made of numbers that fit', () => {
  const records = new RowRecords();
  fc.assert(
    fc.property(names, stamps, (name, stamp) => {
      const number = records.put(null, name, stamp, null);
      const list = new LookList();
      list.add({ writeLook: (writer) => records.writeLook(number, writer) });
      list.addName('behind');
      const reader = new LookReader(list.finish());
      expect([reader.next(), reader.name]).toEqual([true, name]);
      const known = reader.numbers && stampOfNumbers(reader.numbers);
      expect(known ?? fileStampOf(stamp)).toBe(fileStampOf(stamp));
      expect(known === null).toBe(contentStamp(fileStampOf(stamp), epochOf(stamp)) !== stamp || !fits(stamp));
      expect([reader.next(), reader.name, reader.numbers, reader.next()]).toEqual([true, 'behind', null, false]);
    }),
  );
});

function fits(stamp: string): boolean {
  return stampNumbers(fileStampOf(stamp)) !== null;
}

test('one that was taken out says what it said', () => {
  const records = new RowRecords();
  const number = records.put(null, 'a.jsonl', '1:2:3:4:5@a', null);
  const taken = records.take(number);
  records.put(null, 'b.jsonl', '6:7:8:9:10@b', null);
  expect(records.name(taken)).toBe('a.jsonl');
  expect(records.stamp(taken)).toBe('1:2:3:4:5@a');
  expect(records.folded(taken)).toBeNull();
  expect(records.extent(taken)).toBeNull();
});
