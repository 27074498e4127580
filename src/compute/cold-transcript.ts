/**
 * A session in cold storage, to be read because somebody asked: the lines of its visible branch, at the positions that
 * they have in the database. Its archive can only be read forwards; so what is asked for from the end back is read in
 * blocks, each by going through the archive up to it once more.
 */
import { type Bytes, MIB } from '../units.ts';
import { coldEvents, type VisibleEvents, visibleEvents } from './cold-session.ts';
import type { LineScanner } from './line-scanner.ts';
import { textOfLine } from './line-shortener.ts';
import { type QuietDatabase, readDatabase } from './quiet-database.ts';
import type { Position, ReadableTranscript, TakeLine } from './readable-transcript.ts';
import type { ReadingWatch } from './reading-watch.ts';
import { readerOf } from './session-fold.ts';
import { asFileState, type SessionState } from './session-states.ts';

/** Lines held at once, beside the one that goes beyond. */
const BLOCK: Bytes = 4 * MIB;

/** Positions count events. The database is open only while it is read. */
export class ColdTranscript implements ReadableTranscript {
  readonly stamp: string;
  readonly #file: string;
  readonly #state: SessionState;
  readonly #watch: ReadingWatch | null;
  /** Null before they were read. */
  #visible: VisibleEvents | null = null;

  /** @param watch null where only its stamp is wanted */
  constructor(file: string, state: SessionState, watch: ReadingWatch | null) {
    this.stamp = asFileState(state).stamp;
    this.#file = file;
    this.#state = state;
    this.#watch = watch;
  }

  /** Where there is no time to find out what is visible, the number of all its events: no reading gets that far. */
  get size(): Position {
    const watch = this.#watch;
    const visible = watch === null ? null : this.#read((database) => this.#visibleIn(database, watch));
    return visible?.size ?? Number(this.#state.events);
  }

  scan(scanner: LineScanner, watch: ReadingWatch): Position {
    let position = 0;
    this.#read((database) => {
      for (const line of this.#lines(database, watch)) {
        scanner.scan(readerOf(line), 0, line.length);
        position++;
      }
    });
    return position;
  }

  backwards(end: Position, most: Bytes, watch: ReadingWatch, take: TakeLine): Position | null {
    if (end > Number(this.#state.events)) return null;
    const visible = this.#read((database) => this.#visibleIn(database, watch));
    if (visible === null) return end;
    let at = Math.min(end, visible.size);
    let bytes = 0;
    while (at > 0 && bytes < most && !watch.isOver()) {
      const block = this.#blockBefore(at, watch);
      if (block === null) return at;
      for (const line of block.reverse()) {
        at--;
        bytes += line.length;
        if (take(textOfLine(line), at)) return at;
        if (bytes >= most) return at;
      }
    }
    return at;
  }

  close(): void {}

  /** The last lines before a position, in their order; null when the time was over first. */
  #blockBefore(end: Position, watch: ReadingWatch): Buffer[] | null {
    const block: Buffer[] = [];
    let bytes = 0;
    let position = 0;
    this.#read((database) => {
      for (const line of this.#lines(database, watch)) {
        block.push(line);
        bytes += line.length;
        while (bytes > BLOCK && block.length > 1) bytes -= (block.shift() as Buffer).length;
        if (++position === end) break;
      }
    });
    return position === end ? block : null;
  }

  *#lines(database: QuietDatabase, watch: ReadingWatch): Generator<Buffer, undefined> {
    const visible = this.#visibleIn(database, watch);
    if (visible === null) return;
    yield* coldEvents(database, this.#file, this.#state.sessionId, visible, () => watch.isOver());
  }

  #visibleIn(database: QuietDatabase, watch: ReadingWatch): VisibleEvents | null {
    this.#visible ??= visibleEvents(database, this.#file, this.#state.sessionId, () => watch.isOver());
    return this.#visible;
  }

  #read<Result>(read: (database: QuietDatabase) => Result): Result {
    return readDatabase(this.#file, read);
  }
}
