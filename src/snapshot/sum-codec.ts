/** What sessions and transcripts count for, as bytes: 40 to 80 of them, where the object takes 500. */
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { ByteReader, ByteWriter } from '../compute/varint.ts';
import { SessionSum } from './session-sum.ts';

const COUNTED = 1;
const ACTIVE = 2;

/** Flags, [first, last - first], user messages, which columns are not 0, and those. */
export function writeSum(writer: ByteWriter, { figures, userMessages, counted, first, last }: SessionSum): void {
  const active = first !== null && last !== null;
  writer.byte((counted ? COUNTED : 0) | (active ? ACTIVE : 0));
  if (active) writeSpan(writer, first, last);
  writer.unsigned(userMessages);
  let mask = 0;
  for (let at = 0; at < VIEW_COLUMNS; at++) if (figures[at] !== 0) mask |= 1 << at;
  writer.unsigned(mask);
  for (let at = 0; at < VIEW_COLUMNS; at++) if (figures[at] !== 0) writer.signed(figures[at] as number);
}

export function readSum(reader: ByteReader): SessionSum {
  const sum = new SessionSum();
  const flags = reader.byte();
  sum.counted = (flags & COUNTED) !== 0;
  if ((flags & ACTIVE) !== 0) [sum.first, sum.last] = readSpan(reader);
  sum.userMessages = reader.unsigned();
  const mask = reader.unsigned();
  for (let at = 0; at < VIEW_COLUMNS; at++) if ((mask & (1 << at)) !== 0) sum.figures[at] = reader.signed();
  return sum;
}

/** One figure of what writeSum wrote. */
export function readColumn(reader: ByteReader, column: number): number {
  if ((reader.byte() & ACTIVE) !== 0) readSpan(reader);
  reader.unsigned();
  const mask = reader.unsigned();
  if ((mask & (1 << column)) === 0) return 0;
  for (let at = 0; at < column; at++) if ((mask & (1 << at)) !== 0) reader.signed();
  return reader.signed();
}

/** Two numbers, the second one not below the first. */
export function writeSpan(writer: ByteWriter, first: number, last: number): void {
  writer.signed(first);
  writer.unsigned(last - first);
}

export function readSpan(reader: ByteReader): [first: number, last: number] {
  const first = reader.signed();
  return [first, first + reader.unsigned()];
}
