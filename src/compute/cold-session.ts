/**
 * A session in cold storage: OpenClaw took its events out of the database into one compressed archive, a file or a blob,
 * and brings them back when it needs them. Here the archive is read where it lies: a line of JSON for each row that there
 * was, the events first, then which of them are on the visible branch.
 */
import path from 'node:path';
import { blobOf } from '../sqlite-driver.ts';
import { type Bytes, KIB, MIB } from '../units.ts';
import { CompressedReader } from './compressed-reader.ts';
import { jsonlSource } from './jsonl-source.ts';
import type { QuietDatabase } from './quiet-database.ts';
import { isMissing } from './small-file.ts';
import type { TranscriptReader } from './transcript-source.ts';

const TABLE = 'session_transcript_cold_archives';
const ARCHIVE = `SELECT archive_name, archive_blob FROM ${TABLE} WHERE session_id = ?`;
const NAME = /^[0-9a-f]{64}\.jsonl\.zst$/;
const PIECE: Bytes = 64 * KIB;
/** OpenClaw leaves longer events in the database. */
const MAX_LINE: Bytes = 64 * MIB;
const NEWLINE = 0x0a;
const EVENT = Buffer.from('{"kind":"event"');
const ACTIVE = Buffer.from('{"kind":"active"');

/** Whether a database has a table of sessions in cold storage. */
export function hasColdStorage(database: QuietDatabase): boolean {
  return database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '${TABLE}'`).get() !== undefined;
}

/**
 * The events of the visible branch of a session in cold storage, each as a line of a transcript.
 * @param file absolute path of the database
 * @throws an Error where the archive cannot be read
 */
export function* coldEvents(database: QuietDatabase, file: string, sessionId: string): Generator<Buffer, undefined> {
  const visible = new Set<number>();
  for (const line of archiveLines(database, file, sessionId)) {
    if (line.subarray(0, ACTIVE.length).equals(ACTIVE)) visible.add(rowOf(line).event_seq as number);
  }
  for (const line of archiveLines(database, file, sessionId)) {
    if (!line.subarray(0, EVENT.length).equals(EVENT)) continue;
    const { seq, event_json } = rowOf(line);
    // What leads to an event was written before it, so this is their order on the branch.
    if (visible.has(seq as number)) yield Buffer.from(`${event_json}\n`);
  }
}

function* archiveLines(database: QuietDatabase, file: string, sessionId: string): Generator<Buffer, undefined> {
  const reader = openArchive(database, file, sessionId);
  try {
    let held: Buffer[] = [];
    let heldBytes = 0;
    for (let position = 0; ; ) {
      const buffer = Buffer.alloc(PIECE);
      const piece = buffer.subarray(0, reader.read(buffer, 0, PIECE, position));
      if (piece.length === 0) break;
      position += piece.length;
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
        yield Buffer.concat([...held, piece.subarray(start, end)]);
        held = [];
        heldBytes = 0;
        start = end + 1;
      }
      held.push(piece.subarray(start));
      heldBytes += piece.length - start;
      if (heldBytes > MAX_LINE) throw new Error('a line of its cold archive is too long');
    }
  } finally {
    reader.close();
  }
}

function openArchive(database: QuietDatabase, file: string, sessionId: string): TranscriptReader {
  const row = database.prepare(ARCHIVE).get(sessionId);
  const name = String(row?.archive_name);
  if (!NAME.test(name)) throw new Error('its cold archive has no usable name');
  if (row?.archive_blob !== null) return new CompressedReader(readerIn(blobOf(row?.archive_blob)));
  const directory = path.join(path.dirname(path.dirname(file)), 'sessions', 'cold');
  try {
    return jsonlSource.open({ directory }, { name });
  } catch (error) {
    if (isMissing(error)) throw new Error('its cold archive is missing');
    throw error;
  }
}

function readerIn(bytes: Uint8Array): TranscriptReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    state: () => ({ size: buffer.length, stamp: '' }),
    read: (buf, start, end, position) => buffer.copy(buf, start, position, position + end - start),
    close() {},
  };
}

function rowOf(line: Buffer): Readonly<Record<string, unknown>> {
  return (JSON.parse(line.toString()) as { row: Readonly<Record<string, unknown>> }).row;
}
