/** A session of an agent's database, to be read because somebody asked: the lines of its visible branch. */
import path from 'node:path';
import type { Bytes } from '../units.ts';
import { ColdTranscript } from './cold-transcript.ts';
import type { LineScanner } from './line-scanner.ts';
import { textOfLine } from './line-shortener.ts';
import { readDatabase } from './quiet-database.ts';
import type { Position, ReadableTranscript, TakeLine } from './readable-transcript.ts';
import type { ReadingWatch } from './reading-watch.ts';
import { SessionEvents } from './session-events.ts';
import { readerOf } from './session-fold.ts';
import { asFileState, type SessionState, sessionState } from './session-states.ts';
import { parseTranscriptName } from './transcript-name.ts';

/**
 * Opens `<database>/<session id>.jsonl`; null when there is none.
 * @param watch null where only its stamp is wanted
 * @throws the driver's error, or DatabaseChanged
 */
export function openInDatabase(transcript: string, watch: ReadingWatch | null): ReadableTranscript | null {
  const file = path.dirname(transcript);
  const sessionId = parseTranscriptName(path.basename(transcript))?.sessionId ?? '';
  const state = readDatabase(file, (database) => sessionState(database, sessionId));
  if (state === null) return null;
  return state.isCold ? new ColdTranscript(file, state, watch) : new DatabaseTranscript(file, state);
}

/** Positions count events. The database is open only while it is read. */
class DatabaseTranscript implements ReadableTranscript {
  readonly stamp: string;
  readonly size: Position;
  readonly #file: string;
  readonly #sessionId: string;

  constructor(file: string, state: SessionState) {
    const { size, stamp } = asFileState(state);
    this.size = size;
    this.stamp = stamp;
    this.#file = file;
    this.#sessionId = state.sessionId;
  }

  scan(scanner: LineScanner, watch: ReadingWatch): Position {
    return this.#read((events) => {
      let position = 0;
      while (!watch.isOver()) {
        const { lines, next } = events.page(position);
        scanner.scan(readerOf(lines), 0, lines.length);
        if (next === position) break;
        position = next;
      }
      return position;
    });
  }

  backwards(end: Position, most: Bytes, watch: ReadingWatch, take: TakeLine): Position | null {
    if (end > this.size) return null;
    return this.#read((events) => {
      let at = end;
      let bytes = 0;
      while (at > 0 && bytes < most && !watch.isOver()) {
        const before = at;
        for (const { line, position } of events.before(at)) {
          at = position;
          bytes += line.length;
          if (take(textOfLine(line), at)) return at;
        }
        // Fewer events than the session is said to have.
        if (at === before) return 0;
      }
      return at;
    });
  }

  close(): void {}

  #read<Result>(read: (events: SessionEvents) => Result): Result {
    return readDatabase(this.#file, (database) => read(new SessionEvents(database, this.#sessionId)));
  }
}
