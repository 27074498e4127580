/** A file's stamp as seven numbers, times as seconds and nanoseconds: what catalogs keep of it, and what looks compare. */
import type { Stats } from 'node:fs';
import type { ByteReader, ByteWriter } from './varint.ts';

/** dev, ino, size, seconds and nanoseconds of mtime, of ctime. */
export type StampNumbers = ArrayLike<number>;

/** One of these stands before the numbers, or before what stands in their place. */
export const NO_NUMBERS = 0;
export const NUMBERS = 1;

/** `dev:ino:size:mtimeNs:ctimeNs`. */
const STAMP = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):(\d{1,12})(\d{9}):(\d{1,12})(\d{9})$/;
const COUNT = 7;
const MS_PER_SECOND = 1_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** Null where a stamp would not come back from them as it is. */
export function stampNumbers(stamp: string): StampNumbers | null {
  const numbers = STAMP.exec(stamp)?.slice(1).map(Number);
  // A number with zeros before it would not.
  return numbers === undefined || stampOfNumbers(numbers) !== stamp ? null : numbers;
}

export function stampOfNumbers(numbers: StampNumbers): string {
  const [mtime, ctime] = [`${numbers[3]}${digits(numbers[4])}`, `${numbers[5]}${digits(numbers[6])}`];
  return `${numbers[0]}:${numbers[1]}:${numbers[2]}:${mtime}:${ctime}`;
}

export function writeStampNumbers(writer: ByteWriter, numbers: StampNumbers): void {
  for (let at = 0; at < COUNT; at++) writer.unsigned(numbers[at] as number);
}

/** @param into those of before are lost */
export function readStampNumbers(reader: ByteReader, into: number[] = []): number[] {
  for (let at = 0; at < COUNT; at++) into[at] = reader.unsigned();
  return into;
}

export function skipStampNumbers(reader: ByteReader): void {
  for (let at = 0; at < COUNT; at++) reader.unsigned();
}

/**
 * Whether a look without big integers, which takes far less, found the file of a stamp as that says. It tells times to a
 * quarter of a microsecond: no look comes between two changes that are as close together.
 */
export function isStampOf(numbers: StampNumbers, { dev, ino, size, mtimeMs, ctimeMs }: Stats): boolean {
  return (
    dev === numbers[0] &&
    ino === numbers[1] &&
    size === numbers[2] &&
    mtimeMs === milliseconds(numbers[3] as number, numbers[4] as number) &&
    ctimeMs === milliseconds(numbers[5] as number, numbers[6] as number)
  );
}

/** As Node adds them up: with any other fraction they would look like another time. */
function milliseconds(seconds: number, nanoseconds: number): number {
  return seconds * MS_PER_SECOND + nanoseconds / NANOSECONDS_PER_MS;
}

function digits(nanoseconds: number | undefined): string {
  return String(nanoseconds).padStart(9, '0');
}
