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
import { SessionMoved } from './session-moved.ts';
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

/** To be asked between one piece and the next: whether the time is over. */
type IsOver = () => boolean;
const NEVER: IsOver = () => false;

/** Whether a database has a table of sessions in cold storage. */
export function hasColdStorage(database: QuietDatabase): boolean {
  return database.hasTable(TABLE);
}

/** The numbers of the events that are on the visible branch of a session in cold storage. */
export type VisibleEvents = ReadonlySet<number>;

/**
 * Reads which events of a session in cold storage are on its visible branch; null when the time was over first.
 * @param file absolute path of the database
 * @throws SessionMoved; an Error where the archive cannot be read
 */
export function visibleEvents(
  database: QuietDatabase,
  file: string,
  sessionId: string,
  isOver: IsOver = NEVER,
): VisibleEvents | null {
  const visible = new Set<number>();
  for (const line of archiveLines(database, file, sessionId, isOver)) {
    if (line.subarray(0, ACTIVE.length).equals(ACTIVE)) visible.add(rowOf(line).event_seq as number);
  }
  return isOver() ? null : visible;
}

/** These events, each as a line of a transcript, as far as there is time. Throws what visibleEvents() throws. */
export function* coldEvents(
  database: QuietDatabase,
  file: string,
  sessionId: string,
  visible: VisibleEvents,
  isOver: IsOver = NEVER,
): Generator<Buffer, undefined> {
  for (const line of archiveLines(database, file, sessionId, isOver)) {
    if (!line.subarray(0, EVENT.length).equals(EVENT)) continue;
    const { seq, event_json } = rowOf(line);
    // What leads to an event was written before it, so this is their order on the branch.
    if (visible.has(seq as number)) yield Buffer.from(`${event_json}\n`);
  }
}

function* archiveLines(
  database: QuietDatabase,
  file: string,
  sessionId: string,
  isOver: IsOver,
): Generator<Buffer, undefined> {
  const reader = openArchive(database, file, sessionId);
  try {
    let held: Buffer[] = [];
    let heldBytes = 0;
    for (let position = 0; !isOver(); ) {
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
  if (row === undefined) throw new SessionMoved('the session came out of cold storage');
  const name = String(row.archive_name);
  if (!NAME.test(name)) throw new Error('its cold archive has no usable name');
  if (row.archive_blob !== null) return new CompressedReader(readerIn(blobOf(row.archive_blob)));
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
