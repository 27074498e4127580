/** The usage of a session over its time, record by record or in groups of them, read when somebody asks. */
import { type Accounting, Message } from './accounting.ts';
import { RECORDS } from './figures.ts';
import { MISSING } from './file-stamp.ts';
import { LineScanner, type LineSink } from './line-scanner.ts';
import type { MessageFacts } from './message-facts.ts';
import { openTranscript } from './readable-transcript.ts';
import type { ReadingWatch } from './reading-watch.ts';
import type { ScanKernel } from './scan-kernel.ts';
import { type PointSum, SeriesPoints } from './series-points.ts';
import type { ReadItem } from './session-read.ts';

export interface Timeseries {
  readonly points: readonly PointSum[];
  /** Of records without a usable time; null without any. */
  readonly undated: PointSum | null;
  /** Transcripts read to their end, of those that there are. */
  readonly read: number;
  readonly there: number;
  /** What part of them was read, from 0 to 1. */
  readonly share: number;
  /** What they were read at, in the order of the items. */
  readonly stamps: readonly string[];
}

/** Reads transcripts one after the other for as long as there is time. Throws ReadingStopped, or a file system's error. */
export function readTimeseries(
  items: readonly ReadItem[],
  most: number,
  accounting: Accounting,
  kernel: ScanKernel,
  watch: ReadingWatch,
): Timeseries {
  const sink = new PointSink(accounting);
  const stamps: string[] = [];
  let [read, there, reached, whole] = [0, 0, 0, 0];
  for (const { directory, name } of items) {
    const transcript = openTranscript(directory, name, { buffer: kernel.buffer, watch });
    stamps.push(transcript?.stamp ?? MISSING);
    if (transcript === null) continue;
    try {
      const end = transcript.scan(new LineScanner(kernel, sink, accounting.rules.toolResultMessages), watch);
      there++;
      if (end >= transcript.size) read++;
      reached += end;
      whole += transcript.size;
    } finally {
      transcript.close();
    }
  }
  const share = read === there ? 1 : reached / whole;
  return { points: sink.dated.groups(most), undated: sink.undated.groups(1)[0] ?? null, read, there, share, stamps };
}

class PointSink implements LineSink {
  readonly dated = new SeriesPoints();
  /** One point, however many they are. */
  readonly undated = new SeriesPoints(2);
  readonly #accounting: Accounting;
  readonly #message = new Message();

  constructor(accounting: Accounting) {
    this.#accounting = accounting;
  }

  message(facts: MessageFacts): void {
    this.#accounting.apply(facts, this.#message);
    const { figures, timestamp } = this.#message;
    if (figures[RECORDS] === 0) return;
    if (timestamp === null) this.undated.add(0, figures);
    else this.dated.add(timestamp, figures);
  }

  malformed(): void {}

  cut(): void {}

  tail(): void {}
}
