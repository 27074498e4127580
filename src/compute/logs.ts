/** The last messages of a session, read back from its end when somebody asks: the cost depends on what is shown. */
import { ClawgaugeError } from '../errors.ts';
import { type Bytes, MIB } from '../units.ts';
import { MISSING } from './file-stamp.ts';
import type { LogEntries, LogEntry } from './log-entry.ts';
import { openTranscript, type Position, type ReadingMeans } from './readable-transcript.ts';
import type { ReadItem } from './session-read.ts';

/** Read at most for one answer. */
const MOST_BYTES: Bytes = 64 * MIB;
/** UTF-16 units of text in one page: it ends early, and the next goes on. */
const MOST_TEXT = MIB;
/** How far back the messages with the latest times are looked for at least, whatever order they were written in. */
const LATEST_WITHIN: Bytes = 16 * MIB;

/** A place between two lines of a transcript. */
export interface LogPlace {
  readonly name: string;
  readonly position: Position;
}

export interface PageEntry extends LogEntry {
  readonly sessionId: string;
}

export interface LogPage {
  /** Oldest first, in the order in which they were written. */
  readonly entries: readonly PageEntry[];
  /** Where the page before this one ends; null when this is the first. */
  readonly next: LogPlace | null;
  /** The page would be longer, had there been time to read on. */
  readonly partial: boolean;
  /** What the items were read at, in their order. */
  readonly stamps: readonly string[];
}

interface Means extends ReadingMeans {
  readonly entries: LogEntries;
}

/**
 * The entries before a place, or the last ones: as they stand in the transcripts, one after the other.
 * @param items oldest first
 * @throws cursor_expired where there is no such place any more; ReadingStopped; a file system's error
 */
export function readPage(items: readonly ReadItem[], limit: number, before: LogPlace | null, means: Means): LogPage {
  const { entries, watch } = means;
  const stamps = items.map(() => MISSING);
  const page: PageEntry[] = [];
  let next: LogPlace | null = null;
  let left = MOST_BYTES;
  let text = 0;
  const isFull = () => page.length >= limit || text >= MOST_TEXT;
  let found = before === null;
  for (let at = items.length - 1; at >= 0; at--) {
    const { sessionId, directory, name } = items[at] as ReadItem;
    const transcript = openTranscript(directory, name, means);
    if (transcript === null) continue;
    try {
      stamps[at] = transcript.stamp;
      const isStart = !found && name === before?.name;
      found ||= isStart;
      if (!found || next !== null) continue;
      const end = isStart ? (before as LogPlace).position : transcript.size;
      const position = transcript.backwards(end, left, watch, (line) => {
        const entry = line === null ? null : entries.entryOf(line);
        if (entry === null) return false;
        page.push({ sessionId, ...entry });
        text += entry.text.length;
        return isFull();
      });
      if (position === null) found = false;
      else if (position > 0 || (isFull() && at > 0)) next = { name, position };
      left -= end - (position ?? end);
    } finally {
      transcript.close();
    }
  }
  if (!found)
    throw new ClawgaugeError('cursor_expired', 'the transcript of this cursor is another one; begin without a cursor');
  return { entries: page.reverse(), next, partial: next !== null && !isFull(), stamps };
}

/**
 * The entries with the latest times, as the gateway gives them: oldest first, undated ones before all others.
 * It looks at all lines; here those of a transcript's last 16 MiB at least are looked at, and more until there are enough.
 */
export function readLatest(item: ReadItem, limit: number, means: Means): { entries: LogEntry[]; stamps: string[] } {
  const transcript = openTranscript(item.directory, item.name, means);
  if (transcript === null) return { entries: [], stamps: [MISSING] };
  try {
    const { size, stamp } = transcript;
    let latest: LogEntry[] = [];
    transcript.backwards(size, MOST_BYTES, means.watch, (line, start) => {
      const entry = line === null ? null : means.entries.entryOf(line);
      if (entry !== null) latest.push(entry);
      if (latest.length > 2 * limit) latest = latestFirst(latest).slice(0, limit);
      if (size - start < LATEST_WITHIN || latest.length < limit) return false;
      latest = latestFirst(latest).slice(0, limit);
      return latest.every(({ time }) => time !== null);
    });
    return { entries: latestFirst(latest).slice(0, limit).reverse(), stamps: [stamp] };
  } finally {
    transcript.close();
  }
}

/** Of entries of the same time, that which was read first comes first: it is the later one. */
function latestFirst(entries: readonly LogEntry[]): LogEntry[] {
  return [...entries].sort((a, b) => (b.time ?? 0) - (a.time ?? 0));
}
