/**
 * What is known of each transcript, as bytes: its name, its content stamp and, once it is folded, under what it is
 * filed and what it counts for. As objects that takes a kilobyte of heap a transcript; so it takes 150 bytes outside it.
 *
 *   FOLDED? OTHER_STAMP? RETAINED? | number of the second piece | name | content stamp
 *   if folded: its stamp if another | number of the filing | summary                     the second piece
 *
 * In two pieces, of which hardly any changes its size: a piece that grows leaves room behind that few others can use.
 */
import {
  NO_NUMBERS,
  NUMBERS,
  readStampNumbers,
  skipStampNumbers,
  stampNumbers,
  stampOfNumbers,
  writeStampNumbers,
} from '../compute/stamp-numbers.ts';
import { ByteReader, ByteWriter } from '../compute/varint.ts';
import { ByteArena } from './byte-arena.ts';
import type { Extent, Folded, Summary } from './catalog.ts';
import { contentStamp, epochOf, fileStampOf } from './content-stamp.ts';
import { Interner, names } from './dimensions.ts';
import type { Filing } from './rollup.ts';
import { readSpan, readSum, writeSpan, writeSum } from './sum-codec.ts';

const FOLDED = 1;
const OTHER_STAMP = 2;
const RETAINED = 4;
const NUMBER = Uint32Array.BYTES_PER_ELEMENT;
const NAME_AT = 1 + NUMBER;
const DATED = 1;
const UNDATED = 2;
const FULL = 4;

/** One that was taken out. */
interface TakenRecord {
  readonly head: Buffer;
  readonly fold: Buffer | null;
}

/** The number of one that is kept, or one that was taken out. */
export type RowRecord = number | TakenRecord;

export class RowRecords {
  readonly #arena = new ByteArena();
  readonly #writer = new ByteWriter(512);
  readonly #number = Buffer.alloc(NUMBER);
  readonly #epochs = names();
  readonly #filings = new Interner<Filing>(({ agent, channel, kind }) => JSON.stringify([agent, channel, kind]));

  /** Keeps a record. @param number of the one that it takes the place of; gives the number that it has now */
  put(number: number | null, name: string, stamp: string, folded: Folded | null): number {
    const writer = this.#writer;
    const other = folded !== null && folded.stamp !== stamp;
    const fold = this.#putFold(number === null ? null : this.#foldOf(number), folded, other);
    writer.byte((folded === null ? 0 : FOLDED) | (other ? OTHER_STAMP : 0) | (folded?.retained ? RETAINED : 0));
    this.#number.writeUInt32LE(fold === null ? 0 : fold + 1);
    writer.bytes(this.#number);
    writer.text(name);
    this.#writeStamp(stamp);
    return this.#keep(number);
  }

  /** Gives a record back that is no longer kept. */
  take(number: number): TakenRecord {
    const fold = this.#foldOf(number);
    const taken = { head: this.#arena.get(number), fold: fold === null ? null : this.#arena.get(fold) };
    this.#arena.drop(number);
    if (fold !== null) this.#arena.drop(fold);
    return taken;
  }

  name(record: RowRecord): string {
    return this.#open(record).text();
  }

  stamp(record: RowRecord): string {
    return this.#stamp(record)();
  }

  /** Writes its name and the stamp of its file as look-list.ts has them. */
  writeLook(record: RowRecord, writer: ByteWriter): void {
    const reader = this.#open(record);
    const start = reader.position;
    reader.skipText();
    reader.copySince(start, writer);
    const known = reader.position;
    if (reader.byte() !== NUMBERS) {
      writer.byte(NO_NUMBERS);
      return;
    }
    skipStampNumbers(reader);
    reader.copySince(known, writer);
  }

  isFolded(record: RowRecord): boolean {
    return this.#flags(record) !== 0;
  }

  /** Whether it is folded at the stamp that it has. */
  isCurrent(record: RowRecord): boolean {
    return (this.#flags(record) & (FOLDED | OTHER_STAMP)) === FOLDED;
  }

  folded(record: RowRecord): Folded | null {
    const flags = this.#flags(record);
    if (flags === 0) return null;
    // A copy: most of it is read when somebody asks.
    const fold = typeof record === 'number' ? this.#arena.get(this.#foldOf(record) as number) : record.fold;
    const reader = new ByteReader(fold as Buffer);
    const stamp = (flags & OTHER_STAMP) === 0 ? this.#stamp(record) : this.#readStamp(reader);
    const filing = this.#filings.items[reader.unsigned()] as Filing;
    return new KeptFolded(stamp, filing, (flags & RETAINED) !== 0, reader);
  }

  /** When it counts: a part of its summary that far more is asked for than the rest. Null before it was folded. */
  extent(record: RowRecord): Extent | null {
    const flags = this.#flags(record);
    if (flags === 0) return null;
    const reader =
      typeof record === 'number'
        ? this.#arena.read(this.#foldOf(record) as number)
        : new ByteReader(record.fold as Buffer);
    if ((flags & OTHER_STAMP) !== 0) this.#readStamp(reader);
    reader.unsigned();
    return readHead(reader);
  }

  #flags(record: RowRecord): number {
    return typeof record === 'number' ? this.#arena.firstByte(record) : (record.head[0] as number);
  }

  /** A reader of the name and what follows it. */
  #open(record: RowRecord): ByteReader {
    const reader = typeof record === 'number' ? this.#arena.read(record) : new ByteReader(record.head);
    reader.skip(NAME_AT);
    return reader;
  }

  #stamp(record: RowRecord): () => string {
    const reader = this.#open(record);
    reader.skipText();
    return this.#readStamp(reader);
  }

  /** The number of the piece that says what was folded of a record; null without any. */
  #foldOf(number: number): number | null {
    const reader = this.#arena.read(number);
    reader.byte();
    const next = reader.bytes(NUMBER).readUInt32LE();
    return next === 0 ? null : next - 1;
  }

  #putFold(number: number | null, folded: Folded | null, other: boolean): number | null {
    if (folded === null) {
      if (number !== null) this.#arena.drop(number);
      return null;
    }
    if (other) this.#writeStamp(folded.stamp);
    this.#writer.unsigned(this.#filings.numberOf(folded.filing));
    writeSummary(this.#writer, folded.summary);
    return this.#keep(number);
  }

  /** Keeps what was written, in place of a piece if there is one. */
  #keep(number: number | null): number {
    const bytes = this.#writer.written();
    this.#writer.cut(0);
    return number === null ? this.#arena.put(bytes) : this.#arena.replace(number, bytes);
  }

  #writeStamp(stamp: string): void {
    const writer = this.#writer;
    const file = fileStampOf(stamp);
    const epoch = epochOf(stamp);
    const numbers = contentStamp(file, epoch) === stamp ? stampNumbers(file) : null;
    if (numbers === null) {
      writer.byte(NO_NUMBERS);
      writer.text(stamp);
      return;
    }
    writer.byte(NUMBERS);
    writeStampNumbers(writer, numbers);
    writer.unsigned(this.#epochs.numberOf(epoch));
  }

  #readStamp(reader: ByteReader): () => string {
    if (reader.byte() === NO_NUMBERS) {
      const text = reader.text();
      return () => text;
    }
    const numbers = readStampNumbers(reader);
    const epoch = this.#epochs.items[reader.unsigned()] as string;
    return () => contentStamp(stampOfNumbers(numbers), epoch);
  }
}

/** Most who ask want only a part of it. */
class KeptFolded implements Folded {
  readonly filing: Filing;
  readonly retained: boolean;
  readonly #stamp: () => string;
  readonly #reader: ByteReader;
  #summary: Summary | null = null;

  constructor(stamp: () => string, filing: Filing, retained: boolean, summary: ByteReader) {
    this.#stamp = stamp;
    this.filing = filing;
    this.retained = retained;
    this.#reader = summary;
  }

  get stamp(): string {
    return this.#stamp();
  }

  get summary(): Summary {
    this.#summary ??= readSummary(this.#reader);
    return this.#summary;
  }
}

function writeSummary(writer: ByteWriter, summary: Summary): void {
  const { firstQuarter, lastQuarter, undated, whole, covered, full } = summary;
  const dated = firstQuarter !== null && lastQuarter !== null;
  writer.byte((dated ? DATED : 0) | (undated ? UNDATED : 0) | (full ? FULL : 0));
  writer.unsigned(covered);
  if (dated) writeSpan(writer, firstQuarter, lastQuarter);
  writeSum(writer, whole);
}

function readSummary(reader: ByteReader): Summary {
  const head = readHead(reader);
  return { ...head, whole: readSum(reader) };
}

function readHead(reader: ByteReader): Omit<Summary, 'whole'> {
  const flags = reader.byte();
  const covered = reader.unsigned();
  const [firstQuarter, lastQuarter] = (flags & DATED) === 0 ? [null, null] : readSpan(reader);
  const undated = (flags & UNDATED) !== 0;
  return { firstQuarter, lastQuarter, undated, covered, full: (flags & FULL) !== 0 };
}
