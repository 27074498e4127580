/**
 * Digests as bytes: compact, versioned, the same bytes for the same transcript, however many folds it took.
 *
 *   "CGD" version | cursor: era, offset, anchor[8] | figures: length, section | resume: length (0 = the figures), section
 *
 * `figures` is what the transcript counts for; `resume` is the state at the cursor, which differs only when the
 * transcript ends in a line without newline: that line counts, but is read again.
 */
import type { Bytes, Milliseconds, QuarterHour } from '../units.ts';
import { QUARTER_MS } from '../units.ts';
import { type Cell, Digest, type ModelKey, UNDATED } from './digest.ts';
import { ERAS, type Era } from './era.ts';
import { COLUMNS, type Figures, noFigures } from './figures.ts';
import { ByteReader, ByteWriter } from './varint.ts';

const MAGIC = Buffer.from('CGD');
/** Raised whenever the meaning or layout of the bytes changes; other versions are folded anew. */
const VERSION = 3;
export const ANCHOR_BYTES = 8;

/** How far a digest covers its transcript, and by which rules. */
export interface Cursor {
  readonly era: Era;
  /** Bytes up to and including the last newline. */
  readonly offset: Bytes;
  /** Hash of up to 4 KiB before the offset, ANCHOR_BYTES long. */
  readonly anchor: Uint8Array;
}

export interface DecodedDigest {
  readonly cursor: Cursor;
  readonly figures: Digest;
  /** The state to go on from at the cursor; the figures themselves when nothing lies behind it. */
  readonly resume: Digest;
}

/** `resume` is null when the figures are the state at the cursor. */
export function encodeDigest(cursor: Cursor, figures: Uint8Array, resume: Uint8Array | null): Buffer {
  const writer = new ByteWriter(figures.length + 64);
  writer.bytes(MAGIC);
  writer.byte(VERSION);
  writer.byte(ERAS.indexOf(cursor.era));
  writer.unsigned(cursor.offset);
  writer.bytes(cursor.anchor);
  writer.unsigned(figures.length);
  writer.bytes(figures);
  writer.unsigned(resume?.length ?? 0);
  if (resume !== null) writer.bytes(resume);
  return writer.finish();
}

/** Throws a RangeError for bytes that are no digest of this version. */
export function decodeDigest(bytes: Uint8Array): DecodedDigest {
  const { cursor, figures, resume } = readEnvelope(bytes);
  const decoded = decodeSection(figures);
  return { cursor, figures: decoded, resume: resume.length === 0 ? decoded : decodeSection(resume) };
}

/** Only what a fold goes on from. Throws a RangeError for bytes that are no digest of this version. */
export function decodeResume(bytes: Uint8Array): { cursor: Cursor; resume: Digest } {
  const { cursor, figures, resume } = readEnvelope(bytes);
  return { cursor, resume: decodeSection(resume.length === 0 ? figures : resume) };
}

/** Only how far it covers its transcript. Throws a RangeError for bytes that are no digest of this version. */
export function decodeCursor(bytes: Uint8Array): Cursor {
  return readEnvelope(bytes).cursor;
}

/** Only what the transcript counts for. Throws a RangeError for bytes that are no digest of this version. */
export function decodeFigures(bytes: Uint8Array): Digest {
  return decodeSection(readEnvelope(bytes).figures);
}

function readEnvelope(bytes: Uint8Array): { cursor: Cursor; figures: Buffer; resume: Buffer } {
  const reader = new ByteReader(bytes);
  if (!reader.bytes(MAGIC.length).equals(MAGIC)) throw new RangeError('not a digest');
  const version = reader.byte();
  if (version !== VERSION) throw new RangeError(`digest version ${version}, expected ${VERSION}`);
  const era = ERAS[reader.byte()];
  if (era === undefined) throw new RangeError('digest of an unknown era');
  const cursor = { era, offset: reader.unsigned(), anchor: reader.bytes(ANCHOR_BYTES) };
  const figures = reader.bytes(reader.unsigned());
  const resume = reader.bytes(reader.unsigned());
  if (!reader.done) throw new RangeError('bytes after the digest');
  return { cursor, figures, resume };
}

/** One state as bytes. */
export function encodeSection(digest: Digest): Buffer {
  const writer = new ByteWriter();
  writer.unsigned(digest.capped);
  writer.unsigned(digest.malformed);
  writer.unsigned(digest.cut);
  writer.unsigned(digest.latencyCount);
  writer.byte(digest.lastUser === null ? 0 : 1);
  if (digest.lastUser !== null) writer.signed(digest.lastUser);
  writer.unsigned(digest.models.length);
  for (const model of digest.models) writeModel(writer, model);
  writer.unsigned(digest.tools.length);
  for (const tool of digest.tools) writer.text(tool);
  const quarters = ascending(digest.cells.keys());
  writer.unsigned(quarters.length);
  let before = 0;
  for (const quarter of quarters) {
    writer.signed(quarter - before);
    before = quarter;
    if (quarter !== UNDATED) {
      const { first, last } = digest.activity.get(quarter) as { first: Milliseconds; last: Milliseconds };
      writer.unsigned(first - quarter * QUARTER_MS);
      writer.unsigned(last - first);
    }
    const models = digest.cells.get(quarter) as Map<number, Cell>;
    writer.unsigned(models.size);
    for (const model of ascending(models.keys())) {
      writer.unsigned(model);
      writeCell(writer, models.get(model) as Cell);
    }
  }
  return writer.finish();
}

function decodeSection(bytes: Buffer): Digest {
  const reader = new ByteReader(bytes);
  const digest = new Digest();
  digest.capped = reader.unsigned();
  digest.malformed = reader.unsigned();
  digest.cut = reader.unsigned();
  digest.latencyCount = reader.unsigned();
  if (reader.byte() === 1) digest.lastUser = reader.signed();
  for (let left = reader.unsigned(); left > 0; left--) {
    const { role, provider, model } = readModel(reader);
    digest.model(role, provider, model);
  }
  for (let left = reader.unsigned(); left > 0; left--) digest.tool(reader.text());
  let quarter: QuarterHour = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    quarter += reader.signed();
    if (quarter !== UNDATED) {
      const first = quarter * QUARTER_MS + reader.unsigned();
      digest.activity.set(quarter, { first, last: first + reader.unsigned() });
    }
    for (let cells = reader.unsigned(); cells > 0; cells--) {
      const model = indexIn(digest.models, reader.unsigned());
      readCell(reader, digest.cell(quarter, model), digest.tools);
    }
  }
  if (!reader.done) throw new RangeError('bytes after a section of the digest');
  return digest;
}

const USER = 1;
const NO_PROVIDER = 2;
const NO_MODEL = 4;

function writeModel(writer: ByteWriter, { role, provider, model }: ModelKey): void {
  const flags = (role === 'user' ? USER : 0) | (provider === null ? NO_PROVIDER : 0) | (model === null ? NO_MODEL : 0);
  writer.byte(flags);
  if (provider !== null) writer.text(provider);
  if (model !== null) writer.text(model);
}

function readModel(reader: ByteReader): ModelKey {
  const flags = reader.byte();
  const provider = (flags & NO_PROVIDER) === 0 ? reader.text() : null;
  const model = (flags & NO_MODEL) === 0 ? reader.text() : null;
  return { role: (flags & USER) === 0 ? 'assistant' : 'user', provider, model };
}

function writeCell(writer: ByteWriter, cell: Cell): void {
  writeFigures(writer, cell.figures);
  writer.unsigned(cell.tools.size);
  for (const tool of ascending(cell.tools.keys())) {
    writer.unsigned(tool);
    writer.unsigned(cell.tools.get(tool) as number);
  }
  writer.unsigned(cell.latencies.size);
  let before = 0;
  for (const latency of ascending(cell.latencies.keys())) {
    writer.unsigned(latency - before);
    writer.unsigned(cell.latencies.get(latency) as number);
    before = latency;
  }
}

function readCell(reader: ByteReader, cell: Cell, tools: readonly string[]): void {
  readFigures(reader, cell.figures);
  for (let left = reader.unsigned(); left > 0; left--) {
    const tool = indexIn(tools, reader.unsigned());
    cell.tools.set(tool, reader.unsigned());
  }
  let latency = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    latency += reader.unsigned();
    cell.latencies.set(latency, reader.unsigned());
  }
}

function indexIn(list: readonly unknown[], index: number): number {
  if (index >= list.length) throw new RangeError(`digest lists ${list.length} names, and uses number ${index}`);
  return index;
}

/** One bit for each column that is not zero, then those columns. */
function writeFigures(writer: ByteWriter, figures: Figures): void {
  let mask = 0;
  for (let at = 0; at < COLUMNS; at++) if (figures[at] !== 0) mask |= 1 << at;
  writer.unsigned(mask);
  for (let at = 0; at < COLUMNS; at++) if (figures[at] !== 0) writer.signed(figures[at] as number);
}

function readFigures(reader: ByteReader, figures: Figures = noFigures()): void {
  const mask = reader.unsigned();
  for (let at = 0; at < COLUMNS; at++) if ((mask & (1 << at)) !== 0) figures[at] = reader.signed();
}

/** Most come in order, as time goes by. */
function ascending(numbers: Iterable<number>): number[] {
  const list = [...numbers];
  const isInOrder = list.every((number, at) => at === 0 || number > (list[at - 1] as number));
  return isInOrder ? list : list.sort((a, b) => a - b);
}
