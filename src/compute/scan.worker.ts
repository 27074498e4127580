/**
 * Entry of the scan threads: takes inventories, folds batches of transcripts, and reads details of session indexes. Keeps nothing between tasks but its buffer.
 * Answers are copied to the main thread: what moves them belongs to piscina, and loading that costs each thread more.
 */
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import { MemoryMeter } from '../memory-meter.ts';
import { releaseClosed } from '../sqlite-driver.ts';
import type { Bytes } from '../units.ts';
import { Accounting } from './accounting.ts';
import { isDatabase } from './agent-database.ts';
import { entryDetails } from './entry-details.ts';
import { pack, unpack } from './envelope.ts';
import { RULES } from './eras.ts';
import { beginsWith, foldTranscript } from './fold.ts';
import { performTask } from './inventory-envelope.ts';
import { jsonlSource } from './jsonl-source.ts';
import { hasNewline, type LineCounts, type ReadAt } from './line-scanner.ts';
import { OpenDatabases } from './open-databases.ts';
import { PriceBook, type PriceBookData } from './price-book.ts';
import type { ScanItem, ScanOutcome, ScanRequest, ScanResult } from './scan-batch.ts';
import { threadKernel } from './scan-kernel.ts';
import { foldSession } from './session-fold.ts';
import { SessionMoved } from './session-moved.ts';
import type { ReadTask } from './session-read.ts';
import { detailOf, isMissing } from './small-file.ts';
import { parseTranscriptName } from './transcript-name.ts';

/** Its buffer is the only memory of this thread that holds transcript content. */
const kernel = threadKernel();
/** Null where this is no thread of a pool. */
const meter =
  workerData instanceof SharedArrayBuffer ? new MemoryMeter(workerData, kernel.buffer.buffer.byteLength) : null;

/** Does nothing: whoever calls it wants the thread to be up. */
export function ready(): void {}

/** Takes an inventory and looks at transcripts: see inventory-envelope.ts. */
export function inventory(task: Uint8Array): Uint8Array {
  const answer = performTask(task);
  releaseClosed();
  meter?.note();
  return answer;
}

/** Reads what session indexes say of some entries: see entry-details.ts. */
export function details({ request }: { readonly request: Uint8Array }): Uint8Array {
  const answer = entryDetails(request);
  releaseClosed();
  meter?.note();
  return answer;
}

/** Folds the transcripts of a batch (header ScanRequest, parts: prices, digests); answers header ScanResult, parts: digests. */
export function scan(request: Uint8Array): Uint8Array {
  const started = performance.now();
  const { header, parts } = unpack<ScanRequest>(request);
  const prices = JSON.parse(Buffer.from(parts[0] as Uint8Array).toString('utf8')) as PriceBookData;
  const book = new PriceBook(prices);
  const databases = new OpenDatabases(sessionsFromStart(header.items));
  const folds: Fold[] = [];
  let part = 1;
  for (const item of header.items) {
    const previous = item.resumes ? (parts[part++] as Uint8Array) : null;
    folds.push(fold(item, new Accounting(book, RULES[item.era]), previous, databases));
  }
  const torn = databases.close();
  releaseClosed();
  const outcomes: ScanOutcome[] = [];
  const digests: Uint8Array[] = [];
  const counts: LineCounts = { lines: 0, fast: 0, parsed: 0, streamed: 0 };
  let bytesRead = 0;
  for (const [at, { outcome, digest, counts: own, bytesRead: read }] of folds.entries()) {
    bytesRead += read;
    const isVoid = torn.has(databaseOf(header.items[at] as ScanItem) ?? '');
    outcomes.push(isVoid ? { id: outcome.id, folded: false, code: 'vanished', detail: '' } : outcome);
    if (digest === null || isVoid) continue;
    digests.push(digest);
    counts.lines += own.lines;
    counts.fast += own.fast;
    counts.parsed += own.parsed;
    counts.streamed += own.streamed;
  }
  const duration = performance.now() - started;
  const result: ScanResult = { priceEpoch: header.priceEpoch, outcomes, bytesRead, counts, duration };
  const answer = pack(result, digests);
  meter?.note();
  return answer;
}

/** Reads the transcripts of one session for somebody who waits: see session-read.ts. */
export async function read(task: ReadTask): Promise<Uint8Array> {
  // Most threads are never asked.
  const { answerRead } = await import('./session-reading.ts');
  const answer = answerRead(task, kernel);
  releaseClosed();
  meter?.note();
  return answer;
}

interface Fold {
  readonly outcome: ScanOutcome;
  /** Null unless it was folded. */
  readonly digest: Buffer | null;
  readonly counts: LineCounts;
  readonly bytesRead: Bytes;
}

const NOTHING: Pick<Fold, 'digest' | 'counts'> = {
  digest: null,
  counts: { lines: 0, fast: 0, parsed: 0, streamed: 0 },
};

/** The database that a transcript lies in; null where it is a file. */
function databaseOf({ directory, name }: ScanItem): string | null {
  // Paths are not put together for nothing: there can be a hundred thousand.
  const folder = path.dirname(name);
  return isDatabase(folder) ? path.join(directory, folder) : null;
}

function fold(item: ScanItem, accounting: Accounting, previous: Uint8Array | null, databases: OpenDatabases): Fold {
  const { id } = item;
  const counted = { bytes: 0 };
  const failed = (code: 'vanished' | 'transcript_unreadable', detail: string): Fold => {
    return { ...NOTHING, outcome: { id, folded: false, code, detail }, bytesRead: counted.bytes };
  };
  try {
    const file = databaseOf(item);
    if (file === null) return foldFile(item, accounting, previous, counted);
    return foldRow(item, file, accounting, previous, databases);
  } catch (error) {
    // What is another transcript by now is the next inventory's business.
    if (isMissing(error) || error instanceof SessionMoved) return failed('vanished', '');
    return failed('transcript_unreadable', detailOf(error));
  }
}

/** @param counted the bytes that were read, also when it throws */
function foldFile(
  { id, directory, name, era, lookFrom, predecessors }: ScanItem,
  accounting: Accounting,
  previous: Uint8Array | null,
  counted: { bytes: Bytes },
): Fold {
  const reader = jsonlSource.open({ directory }, { name });
  try {
    // The stamp is that of the bytes about to be read: whatever comes after it changes the stamp again.
    const { size, stamp } = reader.state();
    const read: ReadAt = (buffer, start, end, position) => {
      const got = reader.read(buffer, start, end, position);
      counted.bytes += got;
      return got;
    };
    if (lookFrom !== null && !hasNewline(read, lookFrom, size, kernel.buffer)) {
      return { ...NOTHING, outcome: { id, folded: false, code: 'unended', era, stamp }, bytesRead: counted.bytes };
    }
    const { digest, counts } = foldTranscript(read, size, accounting, kernel, previous);
    const holds = predecessors.filter((it) => beginsWith(it, read, size)).map((it) => it.id);
    const outcome: ScanOutcome = { id, folded: true, era, stamp, size, holds };
    return { outcome, digest, counts, bytesRead: counted.bytes };
  } finally {
    reader.close();
  }
}

function foldRow(
  item: ScanItem,
  file: string,
  accounting: Accounting,
  previous: Uint8Array | null,
  databases: OpenDatabases,
): Fold {
  const { id, era } = item;
  const sessionId = sessionIdOf(item);
  const { database, firstPages } = databases.get(file);
  const first = previous === null ? firstPages.take(sessionId) : null;
  const folded = foldSession(database, file, sessionId, accounting, kernel, previous, first);
  const { stamp, size, digest, counts, bytesRead } = folded;
  return { outcome: { id, folded: true, era, stamp, size, holds: [] }, digest, counts, bytesRead };
}

function sessionIdOf({ name }: ScanItem): string {
  return parseTranscriptName(path.basename(name))?.sessionId ?? '';
}

/** The sessions that a batch reads from their start, by database. */
function sessionsFromStart(items: readonly ScanItem[]): Map<string, string[]> {
  const sessions = new Map<string, string[]>();
  for (const item of items) {
    const file = databaseOf(item);
    if (item.resumes || file === null) continue;
    const ids = sessions.get(file);
    if (ids === undefined) sessions.set(file, [sessionIdOf(item)]);
    else ids.push(sessionIdOf(item));
  }
  return sessions;
}
